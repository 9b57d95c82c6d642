"""Schedules, tasks, heartbeat and the settings under which they would go wrong."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from audit import checks, heartbeat, queries, schedules, tasks
from audit.models import AuditEntry, Heartbeat
from memory.models import Memory
from memory.signals import memory_remembered
from tests.audit.conftest import entry_row, memory_row, verdict_text
from tests.fakes.llm import error, text

pytestmark = pytest.mark.django_db

NAMES = ["Audit: tick", "Audit: nightly sweep", "Memory: index"]


def queued() -> list[tuple[str, tuple]]:
    payloads = OrmQ.objects.order_by("id").values_list("payload", flat=True)
    return [(task["func"], task["args"]) for task in map(SignedPackage.loads, payloads)]


def run_all_queued() -> None:
    """What the worker would do, here and now."""
    import pydoc

    for func, args in queued():
        pydoc.locate(func)(*args)
    OrmQ.objects.all().delete()


def test_a_new_memory_has_an_entry_and_one_task_with_nothing_but_its_id(
    django_assert_num_queries,
):
    memory = memory_row()

    with django_assert_num_queries(2):
        memory_remembered.send(sender=Memory, memory=memory)

    entry = AuditEntry.objects.get(memory=memory)
    assert entry.status == "waiting"
    assert queued() == [("audit.tasks.audit_entry", (entry.pk,))]


def test_the_task_audits_its_entry_and_running_it_twice_changes_nothing(judge):
    entry, other = entry_row(), entry_row()

    tasks.audit_entry(entry.pk)
    tasks.audit_entry(entry.pk)

    statuses = AuditEntry.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["passed", "waiting"]
    assert len(judge.requests) == 1
    assert other.status == "waiting"


def test_a_tick_takes_up_what_was_left_and_beats(judge):
    left = entry_row()
    dead = entry_row()
    AuditEntry.objects.filter(pk=dead.pk).update(
        status="judging",
        lease_token="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now() - timedelta(seconds=1),
        attempts=5,
    )

    tasks.tick()

    left.refresh_from_db()
    dead.refresh_from_db()
    assert (left.status, dead.status) == ("passed", "pending")
    assert Heartbeat.objects.filter(part="tick").exists()


def test_the_night_finds_forgotten_memories_and_gives_put_off_ones_a_try(judge):
    memory_row()
    put_off = entry_row(not_before=timezone.now() + timedelta(hours=1))

    tasks.nightly()

    put_off.refresh_from_db()
    assert put_off.status == "passed"
    assert AuditEntry.objects.filter(status="passed").count() == 2
    assert queued() == []


def test_the_night_goes_on_in_a_task_of_its_own_while_there_is_work(judge, monkeypatch):
    monkeypatch.setattr(tasks, "SWEEP", tasks.Bounds(limit=2))
    for _ in range(5):
        entry_row()

    tasks.nightly()
    assert queued() == [("audit.tasks.nightly_rest", ())]
    run_all_queued()
    tasks.nightly_rest()

    assert AuditEntry.objects.filter(status="passed").count() == 5


def test_the_night_does_not_go_on_when_the_model_is_down(judge):
    judge.default = error(401)
    for _ in range(5):
        entry_row()

    tasks.nightly()

    assert queued() == []


def test_a_sweep_fits_into_the_time_limit_of_its_task():
    from audit.judge import LONGEST_DEADLINE

    assert tasks.SWEEP.seconds + LONGEST_DEADLINE < django_settings.Q_CLUSTER["timeout"]


# --- Schedules -------------------------------------------------------------------


def test_schedules_are_made_as_declared_and_stay_so():
    assert schedules.sync().added == NAMES
    rows = list(Schedule.objects.order_by("pk").values())

    changes = schedules.sync()

    assert (changes.added, changes.changed, changes.removed) == ([], [], [])
    assert list(Schedule.objects.order_by("pk").values()) == rows
    nightly = Schedule.objects.get(func="audit.tasks.nightly")
    local = timezone.localtime(nightly.next_run)
    assert (local.hour, local.minute) == (2, 0)
    assert timezone.now() < nightly.next_run < timezone.now() + timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 90},
        {"schedule_type": Schedule.HOURLY},
        {"repeats": 0},
        {"args": "1, 2"},
        {"next_run": "2099-01-01T00:00Z"},
    ],
)
def test_a_schedule_changed_by_hand_is_put_right(change):
    schedules.sync()
    rows = Schedule.objects.filter(func="audit.tasks.tick")
    before = rows.values().get()
    rows.update(**change)

    assert schedules.sync().changed == ["Audit: tick"]

    after = rows.values().get()
    assert {**after, "next_run": None} == {**before, "next_run": None}
    assert after["next_run"] <= timezone.now() + timedelta(minutes=1)


def test_a_nightly_run_at_another_hour_is_put_right():
    schedules.sync()
    rows = Schedule.objects.filter(func="audit.tasks.nightly")
    rows.update(next_run=rows.get().next_run + timedelta(hours=3))

    assert schedules.sync().changed == ["Audit: nightly sweep"]
    assert timezone.localtime(rows.get().next_run).hour == 2


def test_what_is_not_declared_goes_if_it_is_ours_and_stays_if_not():
    schedules.sync()
    for name, func in (
        ("old", "audit.tasks.gone"),
        ("Audit: tick", "audit.tasks.tick"),
        ("foreign", "shop.tasks.bill"),
    ):
        Schedule.objects.create(
            name=name, func=func, schedule_type="I", minutes=1, kwargs=schedules.UNSAVED
        )

    assert sorted(schedules.sync().removed) == ["Audit: tick", "old"]

    assert Schedule.objects.filter(name="foreign").exists()
    assert Schedule.objects.filter(func="audit.tasks.tick").count() == 1


def test_every_schedule_names_a_task_that_exists():
    import pydoc

    assert all(callable(pydoc.locate(one.func)) for one in schedules.DECLARED)


def test_the_command_tells_what_it_changed(capsys):
    import json

    call_command("sync_schedules", "--json")
    assert json.loads(capsys.readouterr().out)["added"] == NAMES
    call_command("sync_schedules")
    assert "as declared" in capsys.readouterr().out


# --- Heartbeat -------------------------------------------------------------------


def beats(**ages: float) -> None:
    for part, age in ages.items():
        heartbeat.beat(Heartbeat.Part(part))
        Heartbeat.objects.filter(part=part).update(
            at=timezone.now() - timedelta(seconds=age)
        )


def test_no_worker_has_ever_run():
    assert queries.worker_heartbeat() is None


@pytest.mark.parametrize(
    ("ages", "low", "high"),
    [
        pytest.param({"cluster": 3}, 2, 20, id="just started"),
        pytest.param({"cluster": 3, "tick": 59}, 2, 20, id="all well"),
        pytest.param({"cluster": 3, "tick": 179}, 40, 80, id="ticks are late"),
        pytest.param({"cluster": 3, "tick": 600}, 470, 500, id="no tick comes through"),
        pytest.param({"cluster": 500, "tick": 500}, 490, 520, id="dead"),
    ],
)
def test_a_worker_that_beats_but_does_nothing_is_as_silent_as_it_is(ages, low, high):
    beats(**ages)

    assert low <= queries.worker_heartbeat() <= high


# --- Settings --------------------------------------------------------------------


def found(check) -> list[str]:
    return [message.id for message in check(None)]


@pytest.fixture
def pool(monkeypatch):
    options = django_settings.DATABASES["default"]["OPTIONS"]
    monkeypatch.setitem(options, "pool", {"max_size": 2})


def test_without_a_pool_all_is_well():
    assert found(checks.pool_only_in_the_web_process) == []


def test_a_pool_is_for_the_web_process_alone(settings, pool):
    assert found(checks.pool_only_in_the_web_process) == ["resync.E001"]
    settings.IS_WEB_PROCESS = True
    assert found(checks.pool_only_in_the_web_process) == []


def test_the_worker_refuses_a_pool_even_in_the_web_process(settings, pool):
    settings.IS_WEB_PROCESS = True

    with pytest.raises(CommandError, match="must not pool connections"):
        call_command("worker")


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, []),
        ({"retry": 360}, ["audit.E002"]),
        ({"retry": 361}, []),
        ({"queue_limit": 50}, ["audit.E002"]),
        ({"timeout": 300}, ["audit.E002"]),
    ],
)
def test_tasks_must_not_be_retried_while_they_run(settings, change, ids):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}

    assert found(checks.tasks_end_before_they_are_retried) == ids


def test_quarantine_is_not_below_flagging(settings):
    assert found(checks.quarantine_is_the_stronger_doubt) == []
    settings.AUDIT_FLAG_THRESHOLD = 0.9
    assert found(checks.quarantine_is_the_stronger_doubt) == ["audit.E003"]


# --- The batch command -----------------------------------------------------------


def audit_memories(capsys, *arguments: str) -> dict:
    import json

    call_command("audit_memories", "--json", *arguments)
    captured = capsys.readouterr()
    return json.loads(captured.out)


def test_one_batch_reports_as_promised(judge, capsys):
    judge.script(
        text(verdict_text(True, 0.95)),
        text(verdict_text(True, 0.7)),
        text(verdict_text(False, 0.9)),
        text("?"),
        text("?"),
    )
    for _ in range(4):
        entry_row()
    memory_row(rating=5, id="00000000-0000-0000-0000-000000000001")  # without an entry

    report = audit_memories(capsys, "--workers", "1")

    assert report.pop("seconds") >= 0
    assert report == {
        "examined": 5,
        "passed": 1,
        "flagged": 1,
        "quarantined": 1,
        "unreadable": 1,
        "skipped": 1,
        "errors": 0,
    }


def test_a_dry_run_changes_nothing(judge, capsys):
    judge.default = text(verdict_text(True, 0.95))
    entry_row()
    memory_row()
    before = list(AuditEntry.objects.values())

    report = audit_memories(capsys, "--dry-run")

    assert (report["examined"], report["quarantined"]) == (1, 1)
    assert list(AuditEntry.objects.values()) == before


def test_several_workers_share_one_batch(judge, capsys):
    for _ in range(20):
        entry_row()

    report = audit_memories(capsys, "--workers", "8", "--limit", "15")

    assert (report["examined"], report["passed"]) == (15, 15)
    assert len(judge.requests) == 15


def test_a_judge_that_is_down_is_a_failure_that_says_what_to_do(judge, capsys):
    judge.default = error(401)
    for _ in range(4):
        entry_row()

    with pytest.raises(CommandError, match="check AUDITOR_BASE_URL"):
        audit_memories(capsys, "--workers", "1")

    assert '"errors": 3' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--limit", "0"], "whole number from 1"),
        (["--limit", "-5"], "whole number from 1"),
        (["--limit", "9" * 5000], "whole number from 1"),
        (["--workers", "65"], "from 1 to 64"),
        (["--since", "yesterday"], "ISO date"),
        (["--since", "2026-13-01"], "ISO date"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("audit_memories", *arguments)


def test_a_database_that_is_away_is_one_clear_line():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_queue RENAME TO audit_queue_away")

    with pytest.raises(CommandError, match="The audit stopped, the database"):
        call_command("audit_memories")
