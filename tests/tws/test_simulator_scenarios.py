"""The scenarios are what they say: the roots are true, they suffice, and none is idle."""

import pytest

from tws.simulator.living import LivingPlan
from tws.simulator.model import Job, NetworkNeed, Stream
from tws.simulator.scenarios import SCENARIOS, ExpectedRoot, Scenario, Target
from tws.simulator.statuses import job_status, stream_status

KINDS = {
    *("job_failed", "confirmation_pending", "job_running", "launching"),
    *("prompt_open", "resource_busy", "file_missing", "time_not_reached"),
    *("latest_start_passed", "workstation_limit", "stream_limit", "fence"),
    *("priority_zero", "workstation_down", "workstation_ignored", "internetwork"),
    *("suppressed", "orphan_dependency", "plan_stalled", "waiting_turn"),
    *("none", "unknown"),
}
PASS_BY_THEMSELVES = {
    *("job_running", "time_not_reached", "waiting_turn", "none"),
    *("resource_busy", "workstation_limit", "stream_limit"),
}
HOUR = 3600.0
every = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())


def node_of(living: LivingPlan, key: str) -> Job | Stream:
    """Find the job or stream with this key; of several the one that is not done."""
    nodes = [
        node for node in (*living.plan.jobs, *living.plan.streams) if node.key == key
    ]
    return min(nodes, key=lambda node: state_of(node) == "SUCC")


def state_of(node: Job | Stream) -> str:
    return job_status(node) if isinstance(node, Job) else stream_status(node)


# --- what the roots say is so --------------------------------------------------------


def is_true(living: LivingPlan, root: ExpectedRoot) -> bool:
    """Whether the plan is as a root says; names of absent things are not looked up."""
    plan, name = living.plan, root.object
    nodes = [node for node in (*plan.jobs, *plan.streams) if node.key == name]
    states = {state_of(node) for node in nodes}
    jobs_may_be = {
        "job_failed": {"ABEND", "FAIL"},
        "confirmation_pending": {"PEND"},
        "job_running": {"EXEC"},
        "launching": {"INTRO"},
        "suppressed": {"SUPPR"},
        "waiting_turn": {"READY"},
        "none": {"SUCC", "EXEC"},
    }
    if root.kind in jobs_may_be:
        return bool(states & jobs_may_be[root.kind])
    checks = {
        "prompt_open": lambda: (
            any(p.label == name and p.status != "ANSWERED_YES" for p in plan.prompts)
            or not plan.shows_recovery_prompts
        ),
        "resource_busy": lambda: living.resource(name).available < 2,
        "file_missing": lambda: any(
            f.path == name and not f.exists for f in plan.files
        ),
        "time_not_reached": lambda: nodes[0].earliest > living.now,
        "latest_start_passed": lambda: nodes[0].limits.latest < living.now,
        "workstation_limit": lambda: (
            living.workstation(name).running >= living.workstation(name).limit
        ),
        "stream_limit": lambda: nodes[0].active >= nodes[0].limit >= 0,
        "fence": lambda: living.workstation(name).fence > 0,
        "priority_zero": lambda: nodes[0].priority == 0,
        "workstation_down": lambda: not living.workstation(name).usable,
        "workstation_ignored": lambda: living.workstation(name).ignore,
        "internetwork": lambda: bool(name) and not nodes,
        "orphan_dependency": lambda: bool(name) and not nodes,
        "plan_stalled": lambda: plan.stopped,
        "unknown": lambda: bool(nodes) or len(root.mentions) > 1,
    }
    return checks[root.kind]()


@every
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_targets_exist_and_their_roots_are_true(scenario: Scenario, seed: int):
    told = scenario.begin(seed)

    assert told.targets
    for target in told.targets:
        assert node_of(told.living, target.name)
        assert {root.kind for root in target.roots} <= KINDS
        assert [r for r in target.roots if not is_true(told.living, r)] == []
        assert [
            key for key in target.chain_through if not node_of(told.living, key)
        ] == []


def test_every_kind_of_root_is_told():
    told = {
        root.kind
        for scenario in SCENARIOS.values()
        for target in scenario.targets
        for root in target.roots
    }

    assert told == KINDS
    assert len(SCENARIOS) >= 40


# --- what cures them -------------------------------------------------------------------


def cure(living: LivingPlan, root: ExpectedRoot) -> None:
    """Do what an operator would do about a root."""
    name, plan = root.object, living.plan
    if root.kind in ("job_failed", "job_running", "launching", "suppressed"):
        living.set_status(node_of(living, name).id, "SUCC", return_code=0)
    elif root.kind == "confirmation_pending":
        living.confirm(node_of(living, name).id)
    elif root.kind == "prompt_open":
        answer(living, name)
    elif root.kind == "resource_busy":
        living.set_quantity(name, 100)
    elif root.kind == "file_missing":
        living.create_file(name)
    elif root.kind in ("time_not_reached", "latest_start_passed"):
        restart(living, node_of(living, name))
    elif root.kind in ("workstation_limit", "stream_limit"):
        living.set_limit(name, 100)
    elif root.kind == "fence":
        living.set_fence(name, 0)
    elif root.kind == "priority_zero":
        living.set_priority(node_of(living, name).id, 10)
    elif root.kind == "workstation_down":
        for station in (living.workstation(name), *living.workstation(name).members):
            living.bring_up(station.id)
    elif root.kind == "workstation_ignored":
        living.workstation(name).ignore = False
    elif root.kind == "plan_stalled":
        living.start()
    elif root.kind in ("internetwork", "orphan_dependency"):
        release_absent(living, name)
    elif root.kind == "unknown":
        loosen(living, name or root.mentions[0])
    assert plan is living.plan


def answer(living: LivingPlan, label: str) -> None:
    if living.plan.shows_recovery_prompts:
        living.answer(label, yes=True)
    for job in living.plan.jobs:
        if label in (
            job.definition.recovery_prompt_name,
            job.definition.recovery_prompt,
        ):
            living.set_status(job.id, "SUCC", return_code=0)


def restart(living: LivingPlan, node: Job | Stream) -> None:
    node.limits, node.due = None, 0.0
    living.engine.recheck(node)
    if isinstance(node, Job) and node.status == "CANCL":
        living.rerun(node.id)


def release_absent(living: LivingPlan, name: str) -> None:
    for node in (*living.plan.jobs, *living.plan.streams):
        for dep in node.deps:
            named = getattr(dep, "named", None)
            told = dep.text if isinstance(dep, NetworkNeed) else named and named.key
            if told == name:
                living.engine.meet(dep)


def loosen(living: LivingPlan, name: str) -> None:
    node = node_of(living, name)
    if isinstance(node, Job):
        living.set_status(node.id, "SUCC", return_code=0)
    else:
        living.release(node.id)


def is_free(living: LivingPlan, target: Target) -> bool:
    """Whether the target is through, six hours later."""
    node = node_of(living, target.name)
    if isinstance(node, Job) and node.status == "SUPPR":
        living.rerun(node.id)
    living.skip(8 * HOUR)
    return state_of(node) == "SUCC"


def pairs() -> list[tuple[Scenario, int]]:
    return [
        pytest.param(scenario, number, id=f"{scenario.name}-{number}")
        for scenario in SCENARIOS.values()
        for number in range(len(scenario.targets))
    ]


@pytest.mark.parametrize(("scenario", "number"), pairs())
def test_curing_the_roots_frees_the_target(scenario: Scenario, number: int):
    told = scenario.begin(2)
    told.living.engine.failure_rate = 0.0
    target = told.targets[number]

    for root in target.roots:
        cure(told.living, root)

    assert is_free(told.living, target)


@pytest.mark.parametrize(("scenario", "number"), pairs())
def test_each_root_that_needs_somebody_holds_the_target_alone(scenario, number):
    for left_out in range(len(scenario.targets[number].roots)):
        told = scenario.begin(2)
        told.living.engine.failure_rate = 0.0
        target = told.targets[number]
        if target.roots[left_out].kind in PASS_BY_THEMSELVES:
            continue

        for root in target.roots[:left_out] + target.roots[left_out + 1 :]:
            cure(told.living, root)
        told.living.skip(8 * HOUR)

        assert state_of(node_of(told.living, target.name)) != "SUCC"


# --- seeds, sizes, variants ----------------------------------------------------------


@every
def test_the_same_seed_tells_the_same_story(scenario: Scenario):
    first, second = (scenario.begin(7) for _ in range(2))

    def facts(living: LivingPlan) -> list[tuple[str, str, str]]:
        return [(job.id, job.key, job.status) for job in living.plan.jobs]

    assert facts(first.living) == facts(second.living)
    assert first.targets == second.targets


@pytest.mark.parametrize("name", ["night", "resource-holder-stuck", "plan-stalled"])
def test_the_roots_stay_true_in_a_big_plan(name: str):
    told = SCENARIOS[name].begin(3, jobs=3000)

    assert len(told.living.plan.jobs) == 3000
    assert [
        r for t in told.targets for r in t.roots if not is_true(told.living, r)
    ] == []
    running = sum(job.status == "EXEC" for job in told.living.plan.jobs)
    assert (running == 0) == (name == "plan-stalled")


def test_engines_may_leave_the_substatus_empty():
    told = SCENARIOS["workstation-limit"].begin(1, fills_substatus=False)
    filled = SCENARIOS["workstation-limit"].begin(1)

    assert told.targets == filled.targets
    assert not told.living.plan.fills_substatus
