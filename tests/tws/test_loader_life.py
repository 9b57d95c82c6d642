"""The copy of a plan that lives: nights pass, plans end, and it stays true."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.tws.modelled import plan_of
from tws.closure import Closure
from tws.diagnosis import diagnose
from tws.diagnosis.states import FINISHED, State, state_of
from tws.exceptions import TwsEngineError
from tws.incidents import incidents
from tws.loader import PlanLoader
from tws.plan import Follows, JobNode, Plan, StreamNode
from tws.reader import reader_from_settings
from tws.simulator import Simulator, serve

HOUR = 3600.0
FAST = 20_000.0  # five hours and a half in a second
SAMPLE = 12


@asynccontextmanager
async def living(scenario: str, **how: Any) -> AsyncIterator[tuple[Simulator, Any]]:
    """A simulator, and the loader of its plan."""
    with serve(scenario, **how) as simulator:
        reader = reader_from_settings(url=simulator.url)
        loader = PlanLoader(reader.client)
        try:
            yield simulator, loader
        finally:
            await loader.aclose()
            await reader.aclose()


async def up_to_date(loader: PlanLoader) -> Plan:
    plan = await loader.current()
    await loader.complete()
    return plan


def differences(plan: Plan, simulator: Simulator) -> list[str]:
    """What the copy says otherwise than the plan itself."""
    truth, _ = plan_of(simulator.scenario)
    wrong = [
        f"{kind} {name}"
        for kind, ids in (("surplus", ids_of(plan)), ("lacking", ids_of(truth)))
        for name in sorted(ids - (ids_of(plan) & ids_of(truth)))
    ]
    for node in truth:
        if plan.holds(node.id):
            wrong += differing(plan, node, truth)
    for stream in truth.streams:
        if {job.id for job in plan.jobs_of(stream)} != {
            job.id for job in truth.jobs_of(stream)
        }:
            wrong.append(f"{stream} has other jobs")
    return wrong


def ids_of(plan: Plan) -> set[str]:
    return {*plan.jobs, *plan.streams}


SAME = ("key", "status", "common_status", "canceled", "priority", "started", "ended")
OF_JOBS = ("return_code", "earlier", "run", "stream", "need_message")
OF_STREAMS = ("job_count", "carried_forward", "limit")


def differing(
    plan: Plan, truth: JobNode | StreamNode, true_plan: Plan
) -> Iterator[str]:
    node = plan.item(truth.id)
    for name in SAME + (OF_JOBS if isinstance(truth, JobNode) else OF_STREAMS):
        if getattr(node, name) != getattr(truth, name):
            told = (getattr(node, name), getattr(truth, name))
            yield f"{truth.key}: {name} {told[0]} is {told[1]}"
    if state_of(truth) not in FINISHED and truth.unresolved:
        waits = (open_needs(node, plan), open_needs(truth, true_plan))
        if not node.whole or waits[0] != waits[1]:
            yield f"{truth.key} waits for {waits[0]}, not for {waits[1]}"


def open_needs(node: JobNode | StreamNode, plan: Plan) -> set[str]:
    """What a node still waits for: a predecessor that is done holds nothing."""
    return {
        str(getattr(need, "target", "") or getattr(need, "name", need))
        for need in node.needs
        if not need.satisfied
        and not (isinstance(need, Follows) and is_over(need, plan))
    }


def is_over(need: Follows, plan: Plan) -> bool:
    if not plan.holds(need.target) or need.conditional:
        return False
    return state_of(plan.item(need.target)) in {State.DONE, State.CANCELED}


async def diagnoses_differ(loader: PlanLoader, simulator: Simulator) -> list[str]:
    """Where the copy tells other roots than a diagnosis that asks the engine."""
    plan, now = loader.plan, loader.now()
    open_ = [node for node in plan if state_of(node) not in FINISHED]
    sample = random.Random(len(open_)).sample(open_, min(SAMPLE, len(open_)))
    wrong = []
    for node in sample:
        anew = await Closure(loader.client, now).diagnose(node)
        told = [
            sorted((root.kind, root.object) for root in found.roots)
            for found in (diagnose(plan, node.id, now), anew)
        ]
        if told[0] != told[1]:
            wrong.append(f"{node.key}: {told[0]}, not {told[1]}")
    return wrong


def troubles(plan: Plan, now: Any) -> list[tuple[str, str, int]]:
    return sorted(
        (one.root.kind, one.root.object, len(one.members))
        for one in incidents(plan, now)
    )


async def agrees(simulator: Simulator, loader: PlanLoader) -> Plan:
    """The copy, brought up to date while time stands still, and compared."""
    plan = await up_to_date(loader)
    assert differences(plan, simulator) == []
    assert await diagnoses_differ(loader, simulator) == []
    truth, now = plan_of(simulator.scenario)
    assert troubles(plan, now) == troubles(truth, now)
    return plan


@pytest.mark.parametrize("new_ids", [True, False], ids=["new ids", "kept ids"])
async def test_the_copy_follows_a_plan_into_the_next_day(new_ids: bool) -> None:
    async with living("night", speed=0) as (simulator, loader):
        await agrees(simulator, loader)
        simulator.plan.roll_over(new_ids=new_ids)

        plan = await agrees(simulator, loader)

        assert plan.state.run_number == 413
        assert any(stream.carried_forward for stream in plan.streams.values())
        for _ in range(3):
            simulator.plan.skip(2 * HOUR)
            await agrees(simulator, loader)


async def test_a_night_that_passes_while_it_is_read() -> None:
    """Refreshed again and again as time flies; whenever time stands still, it is true."""
    async with living("night", speed=0) as (simulator, loader):
        clock = simulator.plan.clock
        began = simulator.plan.plan.run_number
        for _ in range(5):
            until = clock.now() + 4 * HOUR
            clock.run_at(FAST)
            while clock.now() < until:
                await loader.current()
            clock.run_at(0)
            await agrees(simulator, loader)

        assert simulator.plan.plan.run_number > began


async def test_reruns_and_turns_are_followed() -> None:
    async with living("every-running", speed=0) as (simulator, loader):
        plan = await agrees(simulator, loader)
        (turns,) = plan.named("MTR_POLL")
        before = len(turns.earlier)

        simulator.plan.set_status("MTR_POLL", "SUCC")
        for _ in range(4):
            simulator.plan.skip(700)
            plan = await agrees(simulator, loader)
        assert len(plan.named("MTR_POLL")[0].earlier) > before

        simulator.plan.set_status("MTR_POLL", "ABEND")
        await agrees(simulator, loader)
        simulator.plan.rerun("MTR_POLL")
        await agrees(simulator, loader)


async def test_what_operators_do_is_followed() -> None:
    async with living("night", speed=0) as (simulator, loader):
        plan = simulator.plan
        await agrees(simulator, loader)
        for happens in (
            lambda: plan.submit("ADHOC", "AGT_FIN", "ONE", "TWO", after="GL_LOAD"),
            lambda: plan.set_priority("BILL_SEND", 0),
            lambda: plan.answer("TARIFFS_RELEASED", yes=True),
            lambda: plan.rerun("GL_LOAD"),
            lambda: plan.take_down("AGT_PAY"),
            lambda: plan.cancel("GL_LOAD"),
            lambda: plan.bring_up("AGT_PAY"),
            lambda: plan.set_priority("BILL_SEND", 10),
            lambda: plan.cancel("BKP_DUMP"),
            lambda: plan.cancel_stream("REPORTING"),
            lambda: plan.release("BACKUP"),
            lambda: plan.submit("ADHOC2", "AGT_FIN", "THREE"),
        ):
            happens()
            plan.skip(120)
            await agrees(simulator, loader)


async def test_a_load_that_breaks_off_goes_on_where_it_was() -> None:
    """One call of many fails: what was listed is not listed again."""
    async with living("night", speed=0, jobs=400) as (simulator, loader):
        with (
            simulator.fault("500-database", path="/successors"),
            pytest.raises(TwsEngineError),
        ):
            await loader.current()
        assert ids_of(loader.plan) == ids_of(plan_of(simulator.scenario)[0])

        before = len(simulator.requests)
        await agrees(simulator, loader)
        lists = [
            seen
            for seen in simulator.requests[before:]
            if seen.path.endswith("/plan/job") and "oql" not in seen.query
        ]

    assert lists == []


async def test_two_who_look_while_the_plan_rolls_over_see_one_of_both() -> None:
    async with living("night", speed=0, latency=0.002) as (simulator, loader):
        await up_to_date(loader)
        for _ in range(3):
            looking = asyncio.create_task(loader.current())
            await asyncio.sleep(0.006)
            simulator.plan.roll_over()
            await looking

            await agrees(simulator, loader)
