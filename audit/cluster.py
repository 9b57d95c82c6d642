"""The worker: a django-q2 cluster that heals when any of its processes is killed.

A process that dies by a signal may take a lock of the cluster's queues with it, and then
the others wait for ever (django-q2#23). So all of them are ended and a fresh cluster is
started; what was under way is taken up again, for leases and attempts are rows.
"""

import logging
import multiprocessing
import os
import signal
import time
import uuid
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import NoReturn

from django import db
from django_q.cluster import Sentinel
from django_q.conf import Conf
from django_q.scheduler import scheduler

from audit import heartbeat, tasks
from audit.models import Heartbeat

logger = logging.getLogger(__name__)

BROKEN = 75  # exit code of a sentinel that lost a process to a signal
GRACE_SECONDS = 6.0  # for running tasks, once the worker is to stop
SILENCE_SECONDS = 60.0  # of the sentinel, after which it is taken for stuck
FLUSH_SECONDS = 5.0  # for a worker that ends by itself to hand in its last result
WATCH_SECONDS = 0.2
SCHEDULE_SECONDS = 30.0
BEAT_SECONDS = 5.0
STABLE_SECONDS = 30.0  # a cluster that lived so long is replaced at once
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_fork = multiprocessing.get_context("fork")


class HealingCluster:
    """Runs one sentinel after another until told to stop; itself it does no work."""

    def __init__(self, on_ready: Callable[[], object] | None = None) -> None:
        """Make one; ``on_ready`` is called once, when the first sentinel is alive."""
        self.stopping = False
        self._on_ready = on_ready
        self._short_lives = 0

    def run(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        logger.info("worker started", extra={"action": "worker_started"})
        while not self.stopping:
            began = time.monotonic()
            exitcode = self._live()
            if not self.stopping:
                self._mourn(exitcode, time.monotonic() - began)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _live(self) -> int | None:
        """One sentinel from start to end; nothing of its cluster is left after it."""
        db.connections.close_all()  # a connection must not be shared with a fork
        ours, theirs = _fork.Pipe()
        sentinel = _fork.Process(target=_guard_cluster, args=(theirs, ours))
        sentinel.start()
        theirs.close()
        self._watch(sentinel, ours)
        ours.close()  # the sentinel understands that it is to stop
        if self.stopping:
            sentinel.join(GRACE_SECONDS + 1)
        _kill_group(sentinel)
        return sentinel.exitcode

    def _watch(self, sentinel: ForkProcess, line: Connection) -> None:
        """Until it is dead, or silent for too long, or this worker is to stop."""
        heard = time.monotonic()
        # The line does not tell of its death: its children hold the other end, too.
        while not self.stopping and sentinel.is_alive():
            if _has_pulse(line):
                heard = time.monotonic()
                self._tell_ready()
            elif time.monotonic() - heard > SILENCE_SECONDS:
                logger.error(
                    "the worker's sentinel is stuck", extra={"action": "stuck"}
                )
                return

    def _tell_ready(self) -> None:
        if self._on_ready is not None:
            self._on_ready()
            self._on_ready = None

    def _mourn(self, exitcode: int | None, lived: float) -> None:
        self._short_lives = 0 if lived > STABLE_SECONDS else self._short_lives + 1
        logger.warning(
            "worker cluster ended after %.0f s (exit code %s), starting a new one",
            lived,
            exitcode,
            extra={"action": "cluster_restarted"},
        )
        pause = (
            PAUSES[min(self._short_lives, len(PAUSES)) - 1] if self._short_lives else 0
        )
        ends = time.monotonic() + pause
        while not self.stopping and time.monotonic() < ends:
            time.sleep(0.1)


def _has_pulse(line: Connection) -> bool:
    try:
        return line.poll(WATCH_SECONDS) and bool(line.recv_bytes())
    except (EOFError, OSError):  # it has just died, and all that it started
        time.sleep(WATCH_SECONDS)
        return False


def _kill_group(leader: ForkProcess) -> None:
    """End the sentinel and whatever it started, also when it is dead itself."""
    try:
        os.killpg(leader.pid or 0, signal.SIGKILL)
    except ProcessLookupError:
        leader.kill()  # it had not made its group yet, or nothing is left
    leader.join()


def _guard_cluster(line: Connection, parents_end: Connection) -> None:
    """The life of a sentinel process, in a process group of its own."""
    os.setpgid(0, 0)
    parents_end.close()  # or the parent's death would go unnoticed
    HealingSentinel.line = line
    HealingSentinel(_fork.Event(), _fork.Event(), uuid.uuid4())


class HealingSentinel(Sentinel):  # type: ignore[misc]  # django-q2 is not typed
    """Django-q2's guard, which gives up where going on may mean to hang."""

    line: Connection  # to the parent: a pulse goes out, the end of it comes in

    def guard(self) -> None:
        self.start_event.set()
        _try(tasks.enqueue_tick)  # what was left by the last cluster
        schedule_at = beat_at = 0.0
        while not self._is_to_stop():
            self._check_processes()
            now = time.monotonic()
            if now >= beat_at:
                _try(_beat)
                beat_at = now + BEAT_SECONDS
            if now >= schedule_at:
                scheduler(broker=self.broker)
                schedule_at = now + SCHEDULE_SECONDS
        self.stop_event.set()
        signal.signal(signal.SIGALRM, _end_all)
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        self.stop()

    def _is_to_stop(self) -> bool:
        """Wait for a cycle, or until the parent hangs up, on purpose or by dying."""
        try:
            self.line.send_bytes(b".")
            return self.line.poll(Conf.GUARD_CYCLE)
        except OSError:
            return True

    def _check_processes(self) -> None:
        for process in [*self.pool, self.monitor, self.pusher]:
            if not process.is_alive():
                self.reincarnate(process)
        for worker in list(self.pool):
            self._check_time(worker)

    def _check_time(self, worker: ForkProcess) -> None:
        lock = worker.timer.get_lock()  # type: ignore[attr-defined]  # set by django-q2
        if not lock.acquire(timeout=FLUSH_SECONDS):
            self._give_up(worker, "holds a lock that it does not release")
        try:
            left = worker.timer.value  # type: ignore[attr-defined]
            if left > 0:
                left = worker.timer.value = max(left - Conf.GUARD_CYCLE, 0.0)  # type: ignore[attr-defined]
        finally:
            lock.release()
        if left == 0:
            self.reincarnate(worker)

    def reincarnate(self, process: ForkProcess) -> None:
        """Replace a process that ended by itself; give up for one that was killed.

        A worker whose task took too long ends by itself too; it gets the time to hand
        in its last result (django-q2#339).
        """
        if process in self.pool:
            process.join(FLUSH_SECONDS)
        if process.exitcode is None:
            self._give_up(process, "does not end after its task's time limit")
        if process.exitcode < 0:
            self._give_up(process, f"was killed by signal {-process.exitcode}")
        super().reincarnate(process)

    def _give_up(self, process: ForkProcess, why: str) -> NoReturn:
        logger.warning(
            "a process of the worker %s", why, extra={"action": "cluster_broken"}
        )
        for one in [*self.pool, self.monitor, self.pusher]:
            one.kill()
        os._exit(BROKEN)


def _beat() -> None:
    heartbeat.beat(Heartbeat.Part.CLUSTER)


def _try(action: Callable[[], None]) -> None:
    """Do it if the database is there; the guard goes on without."""
    try:
        db.close_old_connections()
        action()
    except db.Error as error:
        logger.warning("database not reached by the worker: %s", error)
        db.connections.close_all()


def _end_all(signum: int, frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)
