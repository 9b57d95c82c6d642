"""Broken and lying payloads: a diagnosis comes all the same, and never crashes."""

import copy
import random
from datetime import UTC, datetime

import msgspec
import pytest

from tws import decoding
from tws.diagnosis import diagnose
from tws.diagnosis.report import report
from tws.impact import impact
from tws.incidents import incidents
from tws.plan import Plan
from tws.plan.build import job_node, stream_node
from tws.simulator.listing import Listing
from tws.simulator.scenarios import SCENARIOS

LIES = (
    None,
    "",
    "QUANTUM",
    -1,
    10**12,
    0.5,
    True,
    [],
    {},
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "PT-5M",
    "X" * 10_000,
    "\x1b[31mred\x00\u202e",
)


@pytest.fixture(scope="module")
def model():
    """The night's plan as JSON, each kind of object in its list."""
    told = SCENARIOS["night"].begin()
    plan, now = told.living.catch_up(), told.living.now
    listing = Listing({})

    def made(items):
        rendered = [listing.render(plan, item, now, whole=True) for item in items]
        return msgspec.json.decode(msgspec.json.encode(rendered))

    return {
        "jobs": made(plan.jobs),
        "streams": made(plan.streams),
        "workstations": made(plan.workstations),
        "resources": made(plan.resources),
        "now": datetime.fromtimestamp(now, UTC),
    }


def spoiled(value, chance: random.Random, share: float):
    """The same JSON with some of its values replaced by lies, or left out."""
    if chance.random() < share:
        return chance.choice(LIES)
    if isinstance(value, dict):
        return {
            key: spoiled(inner, chance, share)
            for key, inner in value.items()
            if chance.random() > share
        }
    if isinstance(value, list):
        return [spoiled(inner, chance, share) for inner in value]
    return value


def read(model, chance: random.Random, share: float) -> Plan:
    def page(kind: str) -> bytes:
        items = copy.deepcopy(model[kind])
        return msgspec.json.encode(
            {"results": [spoiled(item, chance, share) for item in items]}
        )

    plan, now = Plan(), model["now"]
    for job in decoding.jobs_page(page("jobs")).items:
        plan.put_job(job_node(job, now, whole=True))
    for stream in decoding.jobstreams_page(page("streams")).items:
        plan.put_stream(stream_node(stream, now, whole=True))
    for place in decoding.workstations_page(page("workstations")).items:
        plan.put_workstation(place, now)
    for thing in decoding.resources_page(page("resources")).items:
        plan.put_resource(thing, now)
    return plan


@pytest.mark.parametrize("share", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_broken_every_object_gets_an_answer(model, seed, share) -> None:
    plan = read(model, random.Random(seed), share)

    for item in [plan.item(one.id) for one in plan]:  # two may lie to have one id
        found = diagnose(plan, item.id, model["now"])
        stakes = impact(plan, item.id, model["now"]).record()

        assert found.roots
        assert found.chain[0].object == item.key
        msgspec.json.encode([root.record() for root in found.roots])
        assert report(found, stakes)
    for one in incidents(plan, model["now"]):
        msgspec.json.encode(one.record())


def test_what_was_unusable_is_named(model) -> None:
    jobs = copy.deepcopy(model["jobs"])
    (load,) = [job for job in jobs if job["name"] == "GL_LOAD"]
    load["jobruns"][0]["timeInfo"]["actualStartTime"] = "1970-01-01T00:00:00Z"
    plan = Plan()
    for job in decoding.jobs_page(msgspec.json.encode({"results": jobs})).items:
        plan.put_job(job_node(job, model["now"], whole=True))
    (waiting,) = plan.named("PAY_CALC")

    found = diagnose(plan, waiting.id, model["now"])

    assert any("GL_LOAD" in note and "1970" in note for note in found.notes)
