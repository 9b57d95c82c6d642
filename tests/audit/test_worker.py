"""The worker as a real process: it does the work, and heals whatever is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django_q.models import OrmQ

from audit import queries
from audit.models import AuditEntry, Decision
from memory.models import Memory
from memory.signals import memory_remembered
from tests.audit.conftest import memory_row, verdict_text
from tests.fakes.llm import FakeLlm, Wire, text

ROOT = Path(__file__).parents[2]
ROLES = ("idle worker", "second worker", "monitor", "pusher")


class WorkerProcess:
    """``manage.py worker`` and the processes under it."""

    def __init__(self, database_url: str, judge: FakeLlm | None = None) -> None:
        env = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "resync_site.settings.test",
        }
        if judge is not None:
            env |= {"AUDITOR_BASE_URL": judge.base_url, "AUDITOR_MODEL": "m"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=env,
        )

    def children(self, pid: int | None = None) -> list[int]:
        """In the order in which they were started."""
        pid = pid or self.process.pid
        try:
            path = Path(f"/proc/{pid}/task/{pid}/children")
            return [int(child) for child in path.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def sentinel(self) -> int:
        eventually(lambda: len(self.cluster()) == len(ROLES))
        return self.children()[0]

    def cluster(self) -> list[int]:
        sentinels = self.children()
        return self.children(sentinels[0]) if sentinels else []

    def everybody(self) -> set[int]:
        return {self.process.pid, *self.children(), *self.cluster()}

    def kill(self, role: str) -> None:
        victim = self.sentinel()
        if role != "sentinel":
            victim = self.cluster()[ROLES.index(role)]
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: victim not in self.everybody())

    def end(self) -> None:
        for pid in self.everybody():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def remember() -> AuditEntry:
    """A memory as the gateway stores it, its listeners told."""
    memory = memory_row()
    memory_remembered.send(sender=Memory, memory=memory)
    return AuditEntry.objects.get(memory=memory)


def status(entry: AuditEntry) -> str:
    return AuditEntry.objects.values_list("status", flat=True).get(pk=entry.pk)


@pytest.fixture
def start_worker(database_url):
    started: list[WorkerProcess] = []

    def start(judge: FakeLlm | None = None) -> WorkerProcess:
        started.append(WorkerProcess(database_url, judge))
        return started[-1]

    yield start
    for worker in started:
        worker.end()


# Without its guard (HealingSentinel.reincarnate, so plain django-q2) this was seen to
# fail: after the kill of an idle worker nothing was done any more.
@pytest.mark.timeout(600)
def test_work_goes_on_after_the_kill_of_any_process(start_worker):
    worker = start_worker()
    eventually(lambda: (queries.worker_heartbeat() or 99) < 5)

    for role in (*ROLES, "sentinel"):
        worker.kill(role)
        entry = remember()
        # The tick of the next minute, should the task have died with its cluster.
        eventually(lambda entry=entry: status(entry) == "passed", seconds=90)

    assert worker.process.poll() is None
    eventually(lambda: (queries.worker_heartbeat() or 99) < 5)
    assert Decision.objects.count() == len(ROLES) + 1


@pytest.mark.timeout(240)
def test_what_a_killed_busy_worker_had_is_taken_up_again(start_worker):
    may_answer = threading.Event()

    def patient(wire: Wire) -> None:
        may_answer.wait(60)
        text(verdict_text(True, 0.7))(wire)

    with FakeLlm() as judge:
        judge.default = patient
        worker = start_worker(judge)
        entry = remember()
        eventually(lambda: len(judge.requests) == 1)

        worker.kill("idle worker")
        AuditEntry.objects.filter(pk=entry.pk, status="judging").update(
            lease_until=Now()  # instead of waiting for two minutes
        )
        may_answer.set()
        eventually(lambda: status(entry) == "pending")

    assert len(judge.requests) == 2
    assert Decision.objects.filter(entry=entry).count() == 1


@pytest.mark.timeout(120)
def test_it_ends_within_ten_seconds_and_leaves_nothing(start_worker):
    worker = start_worker()
    worker.sentinel()
    everybody = worker.everybody()

    began = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(20)

    assert time.monotonic() - began < 10
    assert worker.process.returncode == 0
    assert not [pid for pid in everybody if lives(pid)]


@pytest.mark.timeout(120)
def test_a_busy_worker_ends_within_ten_seconds_too(start_worker):
    with FakeLlm() as judge:
        judge.default = lambda wire: wire.wait(60)
        worker = start_worker(judge)
        remember()
        eventually(lambda: len(judge.requests) == 1)
        everybody = worker.everybody()

        began = time.monotonic()
        worker.process.send_signal(signal.SIGINT)
        worker.process.wait(20)

        assert time.monotonic() - began < 10
        assert not [pid for pid in everybody if lives(pid)]


@pytest.mark.timeout(120)
def test_the_cluster_ends_when_its_parent_is_killed(start_worker):
    worker = start_worker()
    worker.sentinel()
    everybody = worker.everybody()

    worker.process.kill()
    worker.process.wait(5)

    eventually(lambda: not [pid for pid in everybody if lives(pid)], seconds=12)


@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
def test_entry_and_task_are_rolled_back_with_their_memory():
    with transaction.atomic():
        remember()
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)

    assert not OrmQ.objects.exists()
    assert not AuditEntry.objects.exists()
