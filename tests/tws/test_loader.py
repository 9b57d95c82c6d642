"""The copy of the plan: loaded in pages, refreshed by what has changed."""

import asyncio

import pytest

from tws.diagnosis import diagnose
from tws.incidents import incidents
from tws.loader import PlanLoader
from tws.plan.graph import predecessors
from tws.reader import reader_from_settings
from tws.simulator import serve

LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"


@pytest.fixture
async def loader(simulator):
    reader = reader_from_settings(url=simulator.url)
    made = PlanLoader(reader.client)
    yield made
    await made.aclose()
    await reader.aclose()


def by_name(plan, name: str):
    (found,) = plan.named(name)
    return found


def causes(plan, loader) -> set[tuple[str, str]]:
    return {(one.root.kind, one.root.object) for one in incidents(plan, loader.now())}


async def whole(loader):
    plan = await loader.current()
    await loader.complete()
    return plan


async def test_everything_is_loaded(simulator, loader) -> None:
    plan = await whole(loader)

    model = simulator.plan.plan
    assert set(plan.jobs) == {job.id for job in model.jobs}
    assert set(plan.streams) == {stream.id for stream in model.streams}
    assert len(plan.workstations) == len(model.workstations)
    assert len(plan.resources) == len(model.resources)
    assert plan.state is not None
    waiting = [job for job in plan.jobs.values() if job.unresolved]
    assert waiting
    assert all(job.whole for job in waiting)


async def test_a_refresh_fetches_what_has_changed_and_not_all() -> None:
    with serve("night", speed=0, jobs=3000) as simulator:
        reader = reader_from_settings(url=simulator.url)
        loader = PlanLoader(reader.client)
        await whole(loader)
        asked = len(simulator.requests)
        simulator.plan.set_status("RISK_SIMULATE", "SUCC")

        plan = await loader.refresh()
        rows = [seen for seen in simulator.requests[asked:] if "oql" in seen.query]
        await loader.aclose()
        await reader.aclose()

    assert by_name(plan, "RISK_SIMULATE").status == "SUCC"
    assert by_name(plan, "ARC_MOVE").status in {"READY", "INTRO", "EXEC"}
    assert len(simulator.requests) - asked < 30
    assert rows


@pytest.mark.parametrize(
    ("happens", "gone"),
    [
        (lambda living: living.answer("TARIFFS_RELEASED", yes=True), "prompt_open"),
        (lambda living: living.set_status("GL_LOAD", "SUCC"), "job_failed"),
        (lambda living: living.bring_up("FTA_BRANCH"), "workstation_down"),
    ],
    ids=["a prompt is answered", "a job succeeds", "a machine comes back"],
)
async def test_what_was_cured_is_no_incident_after_a_refresh(
    simulator, loader, happens, gone
) -> None:
    plan = await whole(loader)
    assert gone in {kind for kind, _ in causes(plan, loader)}

    happens(simulator.plan)
    simulator.plan.skip(30)
    plan = await loader.refresh()

    assert gone not in {kind for kind, _ in causes(plan, loader)}


async def test_new_trouble_is_an_incident_after_a_refresh(simulator, loader) -> None:
    plan = await whole(loader)

    simulator.plan.set_priority("BILL_SEND", 0)
    simulator.plan.set_status("RISK_SIMULATE", "ABEND")
    plan = await loader.refresh()

    kinds = {kind for kind, _ in causes(plan, loader)}
    names = {name.rpartition(".")[2] for _, name in causes(plan, loader)}
    assert "priority_zero" in kinds
    assert {"BILL_SEND", "RISK_SIMULATE", "GL_LOAD"} <= names


async def test_a_hold_that_is_released_is_seen(simulator, loader) -> None:
    simulator.plan.set_priority("BILL_SEND", 0)
    await whole(loader)

    simulator.plan.set_priority("BILL_SEND", 10)
    plan = await loader.refresh()

    assert by_name(plan, "BILL_SEND").priority == 10


async def test_a_second_load_reads_no_dependency_again(simulator, loader) -> None:
    await whole(loader)
    asked = len(simulator.requests)

    await loader.load()
    await loader.complete()

    single = [seen for seen in simulator.requests[asked:] if seen.path.count("/") > 5]
    assert single == []


async def test_new_streams_come_with_the_night(simulator, loader) -> None:
    before = set((await whole(loader)).streams)

    simulator.plan.skip(3600)
    plan = await loader.refresh()

    assert set(plan.streams) - before


async def test_the_copy_agrees_with_the_engine_after_a_long_night(
    simulator, loader
) -> None:
    """Diagnoses from the copy are those from a plan that is read anew."""
    await whole(loader)
    for _ in range(4):
        simulator.plan.skip(900)
        await loader.refresh()
    await loader.complete()
    other = PlanLoader(loader.client)
    anew = await other.load()
    await other.complete()

    for job in anew.jobs.values():
        roots = [
            {
                (root.kind, root.object)
                for root in diagnose(plan, job.id, loader.now()).roots
            }
            for plan in (loader.plan, anew)
        ]
        assert roots[0] == roots[1], job.key


async def test_the_event_loop_goes_on_while_a_plan_is_loaded() -> None:
    """Half a second would be felt; the measure of it is in the benchmark."""
    with serve("night", speed=0, jobs=5000) as simulator:
        reader = reader_from_settings(url=simulator.url)
        loader = PlanLoader(reader.client)
        lags: list[float] = []
        watching = asyncio.create_task(watch(lags))
        await loader.load()
        watching.cancel()
        await reader.aclose()

    lags.sort()
    assert len(loader.plan.jobs) >= 5000
    assert lags[int(len(lags) * 0.9)] < 0.25


async def watch(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(0.005)
        lags.append(loop.time() - before - 0.005)


async def test_edges_of_a_big_plan_are_those_of_the_engine() -> None:
    with serve("night", speed=0, jobs=1500) as simulator:
        reader = reader_from_settings(url=simulator.url)
        loader = PlanLoader(reader.client)
        plan = await loader.load()
        await loader.complete()
        await reader.aclose()
        model = simulator.plan.plan

    for job in model.jobs:
        node = plan.jobs[job.id]
        if node.whole:
            told = {one.target for one in predecessors(node.needs)}
            known = {dep.on.id for dep in job.deps if getattr(dep, "on", None)}
            assert known <= told, job.key
