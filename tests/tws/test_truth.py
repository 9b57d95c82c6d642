"""Every scenario of the simulator: its roots are known by construction, exactly."""

import pytest

from tws.closure import Closure
from tws.diagnosis import diagnose
from tws.loader import PlanLoader
from tws.lookup import look_up
from tws.reader import reader_from_settings
from tws.simulator import serve
from tws.simulator.scenarios import SCENARIOS

SPOKEN = {True: "with substatus", False: "without substatus"}


@pytest.fixture(params=[True, False], ids=SPOKEN.get, scope="module")
def fills_substatus(request):
    return request.param


@pytest.fixture(params=sorted(SCENARIOS), scope="module")
def told(request, fills_substatus):
    with serve(request.param, speed=0, substatus=fills_substatus) as simulator:
        yield simulator


@pytest.fixture
async def reader(told):
    made = reader_from_settings(url=told.url)
    yield made
    await made.aclose()


async def test_one_diagnosis_finds_exactly_the_injected_roots(told, reader) -> None:
    for target in told.scenario.targets:
        node = await only(reader, target.name)
        closure = Closure(reader.client, reader.now())

        agrees(await closure.diagnose(node), target)


async def test_the_loaded_plan_has_exactly_the_injected_roots(told, reader) -> None:
    loader = PlanLoader(reader.client)
    await loader.load()
    await loader.complete()

    for target in told.scenario.targets:
        node = await only(reader, target.name)

        agrees(diagnose(loader.plan, node.id, reader.now()), target)


async def only(reader, name: str):
    found = await look_up(reader.client, name)
    assert len(found.nodes) == 1, name
    return found.nodes[0]


def agrees(found, target) -> None:
    roots = [(root.kind, root.object) for root in found.roots]
    assert target.is_met_by(roots), f"{target.name}: {roots}, not {target.roots}"
    passed = {step.object for step in found.chain}
    assert set(target.chain_through) <= passed, target.name
    for expected in target.roots:
        root = next(r for r in found.roots if expected.fits(r.kind, r.object))
        told = f"{root.detail} {root.action} {root.evidence}"
        assert all(word in told for word in expected.mentions), target.name
