"""Several auditors over one queue: real processes, a real database, real HTTP."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now

from audit import leases, record
from audit.models import AuditEntry, Decision
from audit.verdict import Verdict
from memory.models import Memory
from tests.audit.conftest import entry_row, verdict_text
from tests.fakes.llm import FakeLlm, Wire, text

AUDITORS = 8
MEMORIES = 200
JUDGE_SECONDS = 0.05
ROOT = Path(__file__).parents[2]


class SlowJudge:
    """Answers after 50 ms; the first answers wait until every auditor has asked."""

    def __init__(self) -> None:
        self.all_ask = threading.Barrier(AUDITORS)
        self.asked = 0
        self.lock = threading.Lock()

    def __call__(self, wire: Wire) -> None:
        with self.lock:
            self.asked += 1
            is_first_round = self.asked <= AUDITORS
        if is_first_round:
            self.all_ask.wait(45)
        time.sleep(JUDGE_SECONDS)
        text(verdict_text(True, 0.7))(wire)


class Auditors:
    """Auditor processes over the test's database."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.folder = folder
        self.launchers: list[subprocess.Popen[str]] = []
        self.pids: list[int] = []

    def start(self, count: int, judge: FakeLlm) -> None:
        env = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "resync_site.settings.test",
            "AUDITOR_BASE_URL": judge.base_url,
            "AUDITOR_MODEL": "slow-judge",
        }
        command = [sys.executable, "-m", "tests.audit.fork_auditors"]
        arguments = "--limit 1000 --workers 1 --json".split()
        launcher = subprocess.Popen(
            [*command, str(count), str(self.folder), *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.launchers.append(launcher)
        assert launcher.stdout is not None
        self.pids += map(int, launcher.stdout.readline().split())

    def finish(self) -> list[dict]:
        """Wait for all; the reports of those that lived to give one."""
        for launcher in self.launchers:
            assert launcher.wait(60) == 0
        texts = [(self.folder / str(pid)).read_text() for pid in self.pids]
        return [json.loads(text) for text in texts if text]

    def end(self) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for launcher in self.launchers:
            launcher.kill()
            launcher.communicate()


@pytest.fixture
def auditors(database_url, tmp_path):
    running = Auditors(database_url, tmp_path)
    yield running
    running.end()


def verdicts_per_entry() -> set[int]:
    lines = Decision.objects.values_list("entry", flat=True)
    return set(Counter(lines).values())


# Without its guard (select_for_update in leases._claim) this was seen to fail: the
# judge was asked several times about the same memories.
@pytest.mark.timeout(150)
def test_eight_auditors_ask_once_for_each_of_two_hundred_memories(auditors):
    for _ in range(MEMORIES):
        entry_row()

    with FakeLlm() as judge:
        judge.default = SlowJudge()
        auditors.start(AUDITORS, judge)
        found = auditors.finish()

    assert len(judge.requests) == MEMORIES
    assert AuditEntry.objects.filter(status="pending").count() == MEMORIES
    assert Memory.objects.filter(doubted=True).count() == MEMORIES
    assert verdicts_per_entry() == {1}
    assert sum(report["flagged"] for report in found) == MEMORIES
    assert sum(report["examined"] for report in found) == MEMORIES
    assert min(report["examined"] for report in found) > 0


# Without its guard (abandoned leases in leases.claim_next) this was seen to fail: the
# memories of the killed auditors were never judged.
@pytest.mark.timeout(150)
def test_two_killed_auditors_cost_at_most_two_more_calls(auditors):
    for _ in range(MEMORIES):
        entry_row()

    with FakeLlm() as judge:
        slow = judge.default = SlowJudge()
        auditors.start(AUDITORS, judge)
        deadline = time.monotonic() + 60
        while slow.asked < MEMORIES // 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        for victim in auditors.pids[:2]:
            os.kill(victim, signal.SIGKILL)
        auditors.finish()
        left = AuditEntry.objects.filter(status="judging")
        assert left.count() <= 2
        left.update(lease_until=Now())  # instead of waiting for two minutes
        auditors.start(1, judge)
        auditors.finish()

    assert MEMORIES <= len(judge.requests) <= MEMORIES + 2
    assert AuditEntry.objects.filter(status="pending").count() == MEMORIES
    assert verdicts_per_entry() == {1}


def in_threads(count, work):
    """Call ``work`` in so many threads at the same moment, each on its connection."""
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait(10)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# Without its guard (select_for_update in leases._claim) this was seen to fail: several
# threads took the same entry, each with a token of its own.
@pytest.mark.django_db(transaction=True)
def test_one_entry_is_claimed_by_one_of_sixteen():
    for _ in range(10):
        entry = entry_row()

        won = in_threads(16, lambda number, pk=entry.pk: leases.claim(pk))

        assert len([lease for lease in won if lease]) == 1
        entry.refresh_from_db()
        assert entry.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_claiming_next_hands_out_each_entry_once_and_nobody_waits():
    entries = {entry_row().pk for _ in range(24)}

    def claim_all(number):
        taken = []
        while lease := leases.claim_next():
            taken.append(lease.entry_id)
        return taken

    taken = [pk for some in in_threads(8, claim_all) for pk in some]

    assert sorted(taken) == sorted(entries)


# Without its guard (the token in record._give_up) this was seen to fail: every one of
# the auditors recorded its verdict.
@pytest.mark.django_db(transaction=True)
def test_of_eight_verdicts_on_one_entry_the_last_lease_counts():
    entry = entry_row()
    held = []
    for _ in range(4):
        held.append(leases.claim(entry.pk))
        AuditEntry.objects.filter(pk=entry.pk).update(lease_until="2026-01-01T00:00Z")

    def record_late(number):
        return record.verdict(held[number // 2], Verdict(True, 0.9), f"judge {number}")

    recorded = in_threads(8, record_late)

    assert Counter(recorded) == {"quarantined": 1, "lost": 7}
    assert recorded[6:].count("quarantined") == 1
    assert Decision.objects.filter(entry=entry).count() == 1
