"""The process that keeps the embedded PostgreSQL while somebody uses it.

It is the server's parent: it writes the log, sees the server die at once, and stops it
when the last lease is gone, also when the holder was killed. If it is killed itself, the
kernel tells the server to shut down.

    python -m resync_site.guardian FOLDER [--not-durable] [--ephemeral]
"""

import contextlib
import json
import os
import select
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from resync_site.exceptions import EmbeddedDatabaseError
from resync_site.locks import FileLock, held, is_held
from resync_site.place import Place
from resync_site.postgres import Cluster

LOOK_SECONDS = 0.5
READY = "ready"


@dataclass(frozen=True)
class Post:
    """The files by which guardian and users of one server know of each other."""

    place: Place

    @property
    def gate(self) -> Path:
        """Held alone by whoever is about to start or stop the server."""
        return self.place.folder / "gate"

    @property
    def leases(self) -> Path:
        """Held together by everybody who uses the server."""
        return self.place.folder / "leases"

    @property
    def guardian(self) -> Path:
        """Held alone by the guardian, all its life; says who it is."""
        return self.place.folder / "guardian"

    @property
    def kept(self) -> Path:
        """Exists while the server is to go on without a lease."""
        return self.place.folder / "kept"

    def is_used(self) -> bool:
        """To be asked behind the gate only: nobody else may take the lease alone."""
        with held(self.leases) as alone:
            return not alone

    def has_guardian(self) -> bool:
        return is_held(self.guardian)

    def report(self) -> dict[str, int]:
        """The pids of the living guardian and its ready server; empty without them."""
        if not self.has_guardian():
            return {}
        try:
            return {
                str(k): int(v) for k, v in json.loads(self.guardian.read_text()).items()
            }
        except (OSError, ValueError):
            return {}


class Guardian:
    """Starts one server, waits until nobody needs it, stops it."""

    def __init__(self, post: Post, *, durable: bool, ephemeral: bool) -> None:
        self.post = post
        self.durable = durable
        self.ephemeral = ephemeral
        self.asked_to_stop = False

    def run(self) -> None:
        lock = FileLock(self.post.guardian)
        # Whoever only looks holds it for a moment.
        if not lock.acquire(timeout=2):
            msg = "Another process keeps this database."
            raise EmbeddedDatabaseError(msg)
        lock.write("{}")
        self.post.kept.unlink(missing_ok=True)
        cluster = Cluster(self.post.place, durable=self.durable)
        try:
            server = cluster.start()
            lock.write(json.dumps({"guardian": os.getpid(), "server": server}))
            _tell_starter(READY)
            self._keep(cluster)
        finally:
            cluster.stop()
            if self.ephemeral:
                self._remove_data()
            lock.close()

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _keep(self, cluster: Cluster) -> None:
        """Returns when the server has ended, or is to be stopped."""
        while not (self.asked_to_stop or cluster.has_ended()):
            sources = [cluster.log] if cluster.log.fileno() >= 0 else []
            select.select(sources, [], [], LOOK_SECONDS)
            cluster.log.pump()
            if self._is_unused():
                return

    def _remove_data(self) -> None:
        folder = self.post.place.folder
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()  # whoever made it may have been killed

    def _is_unused(self) -> bool:
        try:
            with held(self.post.gate) as alone:
                # Somebody else at the gate decides for themselves.
                return alone and not (self.post.kept.exists() or self.post.is_used())
        except OSError:
            return True  # the folder is gone, and the data with it


def _tell_starter(sentence: str) -> None:
    try:
        os.write(1, sentence.encode())
    except BrokenPipeError:
        return  # it was killed; its lease is gone too, and so the server will be
    finally:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)


def main() -> int:
    folder, *flags = sys.argv[1:]
    if os.fork():
        return 0  # nobody is the guardian's parent: it outlives the one who started it
    os.setsid()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guardian = Guardian(
        Post(Place(Path(folder))),
        durable="--not-durable" not in flags,
        ephemeral="--ephemeral" in flags,
    )
    signal.signal(signal.SIGTERM, guardian.ask_to_stop)
    try:
        guardian.run()
    except (EmbeddedDatabaseError, OSError) as error:
        _tell_starter(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
