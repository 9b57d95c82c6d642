"""Locks on files that the kernel releases when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


class FileLock:
    """One open file that is locked, shared or alone; it is made when missing."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, *, shared: bool = False, timeout: float = 0) -> bool:
        """Take the lock, or say after ``timeout`` seconds that another holds it."""
        deadline = time.monotonic() + timeout
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        while True:
            try:
                fcntl.flock(self.fd, mode | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(POLL_SECONDS)
            else:
                return True

    def write(self, text: str) -> None:
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text.encode(), 0)

    def close(self) -> None:
        # Closing alone would leave the lock with any child that was forked meanwhile.
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)


@contextmanager
def held(path: Path, *, shared: bool = False, timeout: float = 0) -> Iterator[bool]:
    """Hold the lock for the block; yields False when another held it all the time."""
    lock = FileLock(path)
    try:
        yield lock.acquire(shared=shared, timeout=timeout)
    finally:
        lock.close()


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock alone."""
    if not path.exists():
        return False
    with held(path, shared=True) as free:
        return not free
