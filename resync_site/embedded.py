"""The PostgreSQL that comes in a wheel: start, stop, use.

Whoever uses it holds a lease, a shared lock that ends with its process. The first one
starts a guardian with the server, the last one out stops them.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resync_site import processes
from resync_site.exceptions import EmbeddedDatabaseError, EmbeddedDatabaseInUse
from resync_site.guardian import READY, Post
from resync_site.locks import FileLock, held
from resync_site.place import PORT, Place
from resync_site.postgres import DATABASE, ROLE, START_SECONDS, clear_away

BASE_DIR = Path(__file__).resolve().parent.parent
GATE_SECONDS = START_SECONDS + 30
STOP_SECONDS = 6.0


@dataclass(frozen=True)
class Status:
    """What is known of the server without asking it anything."""

    running: bool
    kept: bool
    pid: int | None
    folder: str
    socket_folder: str


def database_settings(data_dir: Path) -> dict[str, Any]:
    """Django's settings for the server in ``data_dir``; starts nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(Place.below(data_dir).socket_folder),
        "PORT": PORT,
    }


def status(data_dir: Path) -> Status:
    post = Post(Place.below(data_dir))
    server = _living_server(post)
    return Status(
        running=server is not None,
        kept=server is not None and post.kept.exists(),
        pid=server,
        folder=str(post.place.folder),
        socket_folder=str(post.place.socket_folder),
    )


@contextmanager
def running(
    data_dir: Path, *, durable: bool = True, ephemeral: bool = False
) -> Iterator[Status]:
    """Have the server for the block, and leave it as it was found.

    Args:
        data_dir: Whose server.
        durable: False trades the safety of data for speed, in tests.
        ephemeral: The data is removed with the server, even if this process is killed.

    Raises:
        EmbeddedDatabaseError: It cannot be had; the message says why.
    """
    post = _post(data_dir)
    lease = _take_lease(post, durable=durable, ephemeral=ephemeral)
    try:
        yield status(data_dir)
    finally:
        _give_back(post, lease)
        if ephemeral:
            processes.wait_until(lambda: not post.place.folder.exists(), STOP_SECONDS)


def start(data_dir: Path) -> Status:
    """Start the server and let it run until it is stopped by ``stop``."""
    post = _post(data_dir)
    lease = _take_lease(post, durable=True, ephemeral=False)
    try:
        post.kept.touch(mode=0o600)
        return status(data_dir)
    finally:
        lease.close()


def stop(data_dir: Path) -> Status:
    """Let the server end.

    Raises:
        EmbeddedDatabaseInUse: Others use it; it ends with the last of them.
    """
    post = Post(Place.below(data_dir))
    if post.place.folder.is_dir():
        with _gate(post):
            post.kept.unlink(missing_ok=True)
            if post.is_used():
                msg = (
                    "The database is still in use, by `make run` or another command;"
                    " it stops when the last of them ends."
                )
                raise EmbeddedDatabaseInUse(msg)
            _stop_guardian(post)
    return status(data_dir)


def _post(data_dir: Path) -> Post:
    place = Place.below(data_dir)
    place.make_folders()
    return Post(place)


@contextmanager
def _gate(post: Post) -> Iterator[None]:
    try:
        with held(post.gate, timeout=GATE_SECONDS) as alone:
            if not alone:
                msg = f"Another process has been starting or stopping the database for {GATE_SECONDS} seconds."
                raise EmbeddedDatabaseError(msg)
            yield
    except OSError as error:
        msg = f"Cannot use the database in {post.place.folder}: {error.strerror}."
        raise EmbeddedDatabaseError(msg) from error


def _take_lease(post: Post, *, durable: bool, ephemeral: bool) -> FileLock:
    with _gate(post):
        lease = FileLock(post.leases)
        with ExitStack() as on_failure:
            on_failure.callback(lease.close)
            lease.acquire(shared=True)  # only who stands at the gate takes it alone
            if not _joins(post):
                _start_guardian(post, durable=durable, ephemeral=ephemeral)
            on_failure.pop_all()
        return lease


def _give_back(post: Post, lease: FileLock) -> None:
    lease.close()
    if not post.place.folder.is_dir():
        return  # removed by hand; the guardian sees it too
    with _gate(post):
        if not (post.kept.exists() or post.is_used()):
            _stop_guardian(post)


def _living_server(post: Post) -> int | None:
    server = post.report().get("server")
    return server if server and processes.is_alive(server) else None


def _joins(post: Post) -> bool:
    """Whether a server is there to be used, or is just coming up.

    The one who started it may have been killed before it was ready, and a server that
    died takes its guardian with it in a moment.
    """

    def settled() -> bool:
        return _living_server(post) is not None or not post.has_guardian()

    processes.wait_until(settled, START_SECONDS)
    return _living_server(post) is not None


def _start_guardian(post: Post, *, durable: bool, ephemeral: bool) -> None:
    flags = [
        *([] if durable else ["--not-durable"]),
        *(["--ephemeral"] if ephemeral else []),
    ]
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "resync_site.guardian", str(post.place.folder), *flags],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.stdout != READY:
        reason = answer.stdout or "\n".join(answer.stderr.splitlines()[-1:])
        raise EmbeddedDatabaseError(reason or "The embedded PostgreSQL does not start.")


def _stop_guardian(post: Post) -> None:
    """End guardian and server; the guardian's bounds add up to less than ours."""
    guardian = post.report().get("guardian")
    if guardian is not None:
        processes.send([guardian], signal.SIGTERM)
        if not processes.wait_until(lambda: not post.has_guardian(), STOP_SECONDS):
            processes.send([guardian], signal.SIGKILL)
    if not post.has_guardian():
        clear_away(post.place)  # it may have been killed before it could
