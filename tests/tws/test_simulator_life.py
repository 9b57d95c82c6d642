"""The plan lives: what always holds while hours pass, and what a test may do to it."""

import time
from collections import Counter

import pytest

from tws.simulator import serve
from tws.simulator.clock import Clock
from tws.simulator.listing import Listing
from tws.simulator.living import LivingPlan
from tws.simulator.model import ACTIVE, ENDED, FAILED, Follow, Job, ResourceNeed
from tws.simulator.scenarios import SCENARIOS

MINUTE, HOUR = 60.0, 3600.0


@pytest.fixture
def night() -> LivingPlan:
    return SCENARIOS["night"].begin(1).living


def broken_rules(living: LivingPlan) -> list[str]:
    """What of the engine's rules does not hold at this moment."""
    plan = living.plan
    running = Counter(j.workstation for j in plan.jobs if j.status in ACTIVE)
    inside = Counter(j.stream for j in plan.jobs if j.status in ACTIVE)
    wrong = [
        *(f"{s.key} full" for s in plan.workstations if running[s] > s.limit),
        *(f"{s.key} miscounts" for s in plan.workstations if running[s] != s.running),
        *(f"{s.key} full" for s in plan.streams if 0 <= s.limit < inside[s]),
        *(f"{s.key} miscounts" for s in plan.streams if inside[s] != s.active),
        *(f"{r.key} overdrawn" for r in plan.resources if r.available < 0),
        *(
            f"{s.key} miscounts what is left"
            for s in plan.streams
            if s.left != sum(j.status not in ENDED for j in s.jobs)
        ),
    ]
    for job in plan.jobs:
        wrong += broken_by(job)
    return wrong


def broken_by(job: Job) -> list[str]:
    wrong = []
    started = job.runs[0].submitted if job.runs else None
    for dep in job.deps:
        on = dep.on if isinstance(dep, Follow) else None
        if started is None or not isinstance(on, Job) or on.canceled:
            continue
        ended = on.runs[-1].end if on.runs else None
        if on.status == "SUCC" and ended is not None and ended > started:
            wrong.append(f"{job.key} began before {on.key} ended")
        if on.status in FAILED and not dep.satisfied:
            wrong.append(f"{job.key} began though {on.key} failed")
    if started is not None and job.limits and (job.limits.start or 0) > started:
        wrong.append(f"{job.key} began too early")
    held = job.status in ENDED | {"HOLD", "READY"}
    if held and any(getattr(dep, "held", 0) for dep in job.deps):
        wrong.append(f"{job.key} keeps a resource")
    return wrong


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rules_hold_through_a_night(seed: int):
    living = SCENARIOS["night"].begin(seed).living

    for _ in range(12 * 6):
        living.skip(10 * MINUTE)
        assert broken_rules(living) == []


def test_the_rules_hold_in_a_big_plan():
    living = SCENARIOS["healthy"].begin(4, jobs=4000).living

    for _ in range(10):
        assert broken_rules(living) == []
        living.skip(45 * MINUTE)


def test_the_night_never_dries_out(night):
    started = []
    for _ in range(12):
        before = {id(run) for job in night.plan.jobs for run in job.runs}
        night.skip(HOUR)
        runs = {id(run) for job in night.plan.jobs for run in job.runs}
        started.append(len(runs - before))

    assert min(started) >= 10
    assert any(job.status == "EXEC" for job in night.plan.jobs)


def test_a_plan_that_renews_itself_does_not_grow_for_ever(night):
    night.skip(24 * HOUR)
    after_a_day = len(night.plan.jobs)
    night.skip(48 * HOUR)

    assert len(night.plan.jobs) < 1.3 * after_a_day
    assert {job.id for job in night.plan.jobs} == set(night.plan.job_ids)
    assert all(job.stream in night.plan.streams for job in night.plan.jobs)


def test_jobs_start_after_their_predecessor_ends(night):
    night.set_status("GL_LOAD", "SUCC", return_code=0)
    night.skip(25 * MINUTE)

    assert night.job("GL_POST").status == "SUCC"
    assert night.job("PAY_CALC").status in ("EXEC", "SUCC")
    assert night.job("PAY_CALC").runs[0].submitted > night.job("GL_LOAD").runs[-1].end


def test_a_rerun_keeps_the_run_that_failed(night):
    night.rerun("GL_LOAD")
    night.skip(HOUR)

    runs = night.job("GL_LOAD").runs
    assert [(run.status, run.kind) for run in runs] == [
        ("ABEND", "REGULAR"),
        ("ABEND", "RERUN"),
    ]


def test_late_is_flagged_at_the_deadline_only_where_deadlines_are_checked():
    for checks in (True, False):
        living = SCENARIOS["night"].begin(1).living
        living.plan.checks_deadlines = checks
        living.skip(36 * MINUTE)

        assert living.job("PAY_TRANSFER").late is checks


def test_a_job_without_a_free_workstation_waits_and_goes_on_when_it_is_back(night):
    night.skip(5 * MINUTE)
    assert night.job("SYNC_PULL").status == "READY"

    night.bring_up("FTA_BRANCH")
    night.skip(MINUTE)

    assert night.job("SYNC_PULL").status == "EXEC"


@pytest.mark.parametrize("how", ["unlinked", "stopped", "jobman", "offline"])
def test_nothing_starts_on_a_workstation_that_is_down(night, how):
    night.take_down("AGT_FIN", how)
    night.set_status("GL_LOAD", "SUCC", return_code=0)
    night.skip(HOUR)

    assert night.job("GL_POST").status == "READY"


def test_a_prompt_is_asked_when_all_else_is_met_and_frees_on_yes(night):
    assert night.prompt("TARIFFS_RELEASED").status == "ASKED"

    night.answer("TARIFFS_RELEASED", yes=False)
    night.skip(30 * MINUTE)
    assert night.job("BILL_RELEASE").status == "HOLD"
    night.answer("TARIFFS_RELEASED", yes=True)
    night.skip(30 * MINUTE)
    assert night.job("BILL_SEND").status == "SUCC"


def test_a_cancelled_job_frees_its_followers_at_once(night):
    night.cancel("GL_LOAD")
    night.skip(MINUTE)

    assert night.job("GL_LOAD").canceled
    assert night.job("GL_POST").status == "EXEC"


def test_a_forced_status_keeps_the_counts_right(night):
    for status in ("EXEC", "HOLD", "SUCC", "ABEND", "EXEC", "PEND", "SUCC"):
        night.set_status("GL_POST", status)
        assert [rule for rule in broken_rules(night) if "miscounts" in rule] == []


def test_a_killed_deadline_ends_the_job():
    living = SCENARIOS["healthy-running"].begin(1).living
    job = living.job("LOY_COUNT")
    living.engine.at(living.now, living.engine.pass_deadline, job)
    job.limits = type(job.stream.limits)(deadline=living.now, on_deadline="kill")
    living.catch_up()

    assert (job.status, job.runs[-1].code) == ("ABEND", 143)


# --- time ----------------------------------------------------------------------------------


def test_time_may_stand_still_or_run():
    still, fast = Clock(0, 1000.0), Clock(3600.0, 1000.0)

    assert still.now() == 1000.0
    assert fast.now() > 1000.0


def test_changes_show_only_after_the_mirror_delay():
    living = SCENARIOS["night"].begin(1, mirror_delay=30.0).living
    assert living.now == living.clock.now() - 30.0

    with serve(speed=0, mirror_delay=30.0) as simulator:
        plan = simulator.plan
        plan.set_status("GL_LOAD", "SUCC", return_code=0)
        assert plan.job("GL_LOAD").status == "ABEND"
        plan.skip(29)
        assert plan.job("GL_LOAD").status == "ABEND"
        plan.skip(2)
        assert plan.job("GL_LOAD").status == "SUCC"


# --- big plans -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big() -> LivingPlan:
    return SCENARIOS["healthy"].begin(2, jobs=20_000).living


def test_a_big_plan_is_shaped_like_a_real_one(big):
    plan = big.plan
    fan_out = max(len(job.followers) for job in plan.jobs)
    status = Counter(job.status for job in plan.jobs)

    assert len(plan.jobs) == 20_000
    assert 1_500 < len(plan.streams) < 2_500
    assert sum(len(job.deps) for job in plan.jobs) > 50_000
    assert max(len(stream.jobs) for stream in plan.streams) > 50
    assert fan_out > 30
    assert min(status[s] for s in ("SUCC", "HOLD", "EXEC", "ABEND")) > 0
    needs = Counter(
        dep.resource
        for job in plan.jobs
        for dep in job.deps
        if isinstance(dep, ResourceNeed)
    )
    assert max(needs.values()) > 50
    assert any(resource.held for resource in plan.resources)


def test_a_page_costs_the_same_in_a_big_plan(big):
    def seconds(living: LivingPlan) -> float:
        listing = Listing({})
        query = {"limit": "500", "offset": "500"}
        how = {"base": "", "count": True, "definition": True}
        took = []
        for _ in range(7):
            began = time.perf_counter()
            listing.page(living.plan, "job", living.now, query, **how)
            took.append(time.perf_counter() - began)
        return min(took)

    small = SCENARIOS["healthy"].begin(2, jobs=2_000).living
    assert seconds(big) < 5 * seconds(small)
