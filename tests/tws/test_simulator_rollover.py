"""The plan ends and the next begins: what comes along, what is new, what is gone."""

import pytest

from tests.tws.test_simulator_life import HOUR, broken_rules
from tws.simulator.living import LivingPlan
from tws.simulator.model import ENDED, Fate, Follow, Job
from tws.simulator.scenarios import SCENARIOS


@pytest.fixture
def night() -> LivingPlan:
    return SCENARIOS["night"].begin(1).living


def instances(living: LivingPlan, name: str) -> list[tuple[bool, str]]:
    """Whether each stream of a name is carried forward, and what its first job is."""
    return [
        (stream.carried_forward, stream.jobs[0].status)
        for stream in living.plan.streams
        if stream.name == name
    ]


def test_final_makes_the_next_plan_shortly_before_this_one_ends(night):
    plan, end = night.plan, night.plan.end
    night.skip(end - night.now - 120)
    final = next(s for s in plan.streams if s.name == "FINAL" and s.left)
    assert [job.name for job in final.jobs] == [
        "STARTAPPSERVER",
        "MAKEPLAN",
        "SWITCHPLAN",
    ]
    assert plan.run_number == 412

    night.skip(240)

    assert plan.run_number == 413
    assert plan.start <= end < plan.end == end + 24 * HOUR
    assert [s.name for s in plan.streams if s.name.startswith("FINAL")].count(
        "FINALPOSTREPORTS"
    ) == 1
    assert broken_rules(night) == []


def test_what_is_not_done_is_carried_forward_and_comes_anew_as_well(night):
    night.roll_over()

    assert instances(night, "LEDGER") == [(True, "SUCC"), (False, "HOLD")]
    assert night.job("GL_LOAD").status == "ABEND"
    assert len(instances(night, "FINALPOSTREPORTS")) == 1


def test_what_is_done_or_cancelled_is_left_behind(night):
    ended = {
        stream.id
        for stream in night.plan.streams
        if all(job.status == "SUCC" for job in stream.jobs)
    }
    assert ended
    for job in night.stream("BILLING").jobs:
        night.cancel(job.id)

    night.roll_over(new_ids=False)

    assert ended.isdisjoint(night.plan.stream_ids)
    assert instances(night, "BILLING") == [(False, "HOLD")]


def test_nothing_follows_what_is_left_behind(night):
    night.roll_over()
    plan = night.plan
    nodes = {*plan.jobs, *plan.streams}

    for node in nodes:
        for dep in node.deps:
            assert not isinstance(dep, Follow) or dep.on is None or dep.on in nodes
        assert all(follow.owner in nodes for follow in node.followers)


@pytest.mark.parametrize("anew", [True, False])
def test_ids_may_change_or_stay(night, anew):
    load, plan_id = night.job("GL_LOAD"), night.plan.id
    before = (load.id, load.stream.id, load.runs[0].id, plan_id)

    night.roll_over(new_ids=anew)
    now = (load.id, load.stream.id, load.runs[0].id, night.plan.id)

    changed = {a != b for a, b in zip(before, now, strict=True)}
    assert changed == {anew}
    assert night.plan.job_ids[load.id] is load
    assert night.plan.run_ids[load.runs[0].id] == (load, 0)


def test_the_copies_of_a_day_are_like_it(night):
    def shape(jobs: list[Job]) -> list[tuple[object, ...]]:
        return [
            (
                job.key,
                job.estimate,
                job.critical,
                job.definition,
                job.limits and job.limits.deadline is not None,
                sorted(
                    (type(dep).__name__, dep.on.key if isinstance(dep, Follow) else "")
                    for dep in job.deps
                ),
            )
            for job in jobs
        ]

    before = shape(night.stream("PAYROLL").jobs)
    sched = night.stream("PAYROLL").sched
    night.roll_over()
    _, today = (s for s in night.plan.streams if s.name == "PAYROLL")

    assert shape(today.jobs) == before
    assert today.sched == sched + 24 * HOUR


def test_the_next_day_runs_as_days_do(night):
    night.set_status("GL_LOAD", "SUCC", return_code=0)
    night.bring_up("FTA_BRANCH")
    night.answer("TARIFFS_RELEASED", yes=True)
    night.skip(15 * HOUR)
    night.skip(10 * HOUR)
    night.engine.failure_rate = 0.0

    today = [s for s in night.plan.streams if s.name == "LEDGER"]
    assert night.plan.run_number == 413
    assert {job.status for s in today for job in s.jobs} <= {"SUCC", "EXEC"}
    assert night.prompt("TARIFFS_RELEASED").status == "ASKED"


def test_a_job_that_runs_goes_on_running_over_the_end(night):
    running = [job for job in night.plan.jobs if job.status == "EXEC"]
    assert running

    night.roll_over()
    assert {job.status for job in running} == {"EXEC"}
    night.skip(3 * HOUR)

    assert {job.status for job in running} <= ENDED
    assert broken_rules(night) == []


def test_a_makeplan_that_fails_leaves_the_plan_without_a_next(night):
    night.rollover.fails = Fate("ABEND", 1, lasting=True)
    night.skip(night.plan.end - night.now + 2 * HOUR)

    assert night.plan.run_number == 412
    assert night.job("MAKEPLAN").name == "MAKEPLAN"
    final = [s for s in night.plan.streams if s.name == "FINAL"][-1]
    assert [job.status for job in final.jobs] == ["SUCC", "ABEND", "HOLD"]

    night.set_status(final.jobs[1].id, "SUCC", return_code=0)
    night.skip(120)
    assert night.plan.run_number == 413


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_lives_through_the_end_of_its_plan(name):
    living = SCENARIOS[name].begin(3).living

    strange = set(broken_rules(living))  # as some scenarios are

    living.roll_over()
    assert set(broken_rules(living)) <= strange
    living.skip(26 * HOUR)

    assert set(broken_rules(living)) <= strange
    assert set(living.plan.job_ids) == {job.id for job in living.plan.jobs}


# --- submitted by hand ---------------------------------------------------------------


def test_a_stream_that_is_submitted_runs(night):
    night.submit("ADHOC", "AGT_FIN", "ONE", "TWO", minutes=3)
    night.skip(600)

    stream = night.stream("ADHOC")
    assert stream.submitter == "operator"
    assert [job.status for job in stream.jobs] == ["SUCC", "SUCC"]


def test_what_is_submitted_may_follow_what_the_plan_holds(night):
    night.submit("ADHOC", "AGT_FIN", after="GL_LOAD")
    night.skip(600)
    assert night.job("ADHOC").status == "HOLD"

    night.set_status("GL_LOAD", "SUCC", return_code=0)
    night.skip(600)
    assert night.job("ADHOC").status == "SUCC"


def test_operators_submit_jobs_all_night(night):
    seen = set()
    for _ in range(6):
        night.skip(HOUR)
        seen |= {s.id for s in night.plan.streams if s.submitter == "operator"}

    assert len(seen) >= 5
