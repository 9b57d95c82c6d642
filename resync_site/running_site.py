"""What the running `make run` of a data folder tells other processes, and what it left."""

import json
import os
import secrets
import signal
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from resync_site import processes
from resync_site.exceptions import UpFailed
from resync_site.locks import FileLock, is_held

MARK = "RESYNC_UP"  # every process of a site carries its token in the environment
# The kernel has told them already when their parent died.
END_STEPS = ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0))


@dataclass(frozen=True)
class RunningSite:
    """One `make run`: who it is and where it answers."""

    pid: int
    token: str
    address: str = ""
    simulator: str = ""


class Claim:
    """Makes this process the one site of the data folder, until it ends."""

    def __init__(self, data_dir: Path) -> None:
        """Take the folder, and end what a killed predecessor left running.

        Raises:
            UpFailed: Another site runs there, or the folder cannot be written.
        """
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(_path(data_dir))
        except OSError as error:
            msg = (
                f"Cannot write to {data_dir}: {error.strerror}."
                " Choose another folder with RESYNC_DATA_DIR."
            )
            raise UpFailed(msg) from error
        if not self._lock.acquire(timeout=1):  # who only looks holds it for a moment
            self._lock.close()
            raise UpFailed(_already_running(data_dir))
        before = _read(data_dir)
        self.was_killed = before is not None  # the one before did not end by itself
        if before is not None:
            end_leftovers(before.token)
        self.site = RunningSite(os.getpid(), secrets.token_hex(16))
        self._write()

    def tell(self, *, address: str, simulator: str) -> None:
        self.site = replace(self.site, address=address, simulator=simulator)
        self._write()

    def release(self) -> None:
        self._lock.write("")
        self._lock.close()

    def _write(self) -> None:
        self._lock.write(json.dumps(asdict(self.site)))


def current(data_dir: Path) -> RunningSite | None:
    """The site that runs at this moment."""
    return _read(data_dir) if is_held(_path(data_dir)) else None


def simulator_urls(data_dir: Path) -> list[str]:
    """The address of the running site's simulator, if there is one."""
    site = current(data_dir)
    return [site.simulator] if site and site.simulator else []


def end_leftovers(token: str) -> None:
    """End the processes of a site that was killed; only those that carry its token."""
    entry = f"{MARK}={token}"
    processes.end(lambda: processes.with_environment(entry), END_STEPS)


def _already_running(data_dir: Path) -> str:
    site = _read(data_dir)
    who = f" (pid {site.pid}, {site.address or 'starting'})" if site else ""
    return (
        f"Resync already runs on {data_dir}{who}. Stop it first, or start another"
        " checkout with PORT=8001 make run."
    )


def _path(data_dir: Path) -> Path:
    return data_dir / "up"


def _read(data_dir: Path) -> RunningSite | None:
    try:
        return RunningSite(**json.loads(_path(data_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return None
