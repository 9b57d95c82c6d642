"""The last step to a root says what that thing is in, never a bare number."""

import pytest

from tests.tws.modelled import plan_of
from tests.tws.plans import NOW, job, plan, stream, workstation
from tws.diagnosis import diagnose
from tws.payloads import PlanState, Resource, ResourceHolder
from tws.plan import FileNeed, Follows, PromptNeed, RemoteNeed, ResourceNeed
from tws.simulator.scenarios import SCENARIOS

TAPE = "/A#/TAPE"


def tape(**fields) -> Resource:
    holder = ResourceHolder(job_id="H", job_key="/A#/S.H", quantity=3)
    defaults = {"quantity": 3, "available": 0, "holders": [holder]}
    return Resource(id="T", name="TAPE", workstation="/A", **(defaults | fields))


def waiting(*needs) -> list:
    return [job("T", "HOLD", *needs)]


NEED = ResourceNeed(key=TAPE, name="TAPE", available=0)
GONE = Follows(target="", label="/A#/GONE.X", zombie=True)
LATER = Follows(target="", label="/A#/LATER.X", pending=True)

CASES = {
    "prompt": (waiting(PromptNeed(name="GO", status="ASKED")), ("GO", "ASKED")),
    "prompt, answered no": (
        waiting(PromptNeed(name="GO", status="ANSWERED_NO")),
        ("GO", "ANSWERED_NO"),
    ),
    "prompt without a status": (waiting(PromptNeed(name="GO")), ("GO", "open")),
    "recovery prompt": (
        [
            job("F", "ABEND", recovery="RERUN_PROMPT", recovery_prompt="Again?"),
            job("T", "HOLD", Follows(target="F", label="F")),
        ],
        ("Again?", "ASKED"),
    ),
    "file": (waiting(FileNeed(name="/in", status="Unavailable")), ("/in", "missing")),
    "resource": ([job("H", "EXEC"), *waiting(NEED), tape()], (TAPE, "busy 3 of 3")),
    "resource, unread": (waiting(NEED), (TAPE, "busy")),
    "network": (
        waiting(RemoteNeed(label="FAR#X", remote_status="EXEC")),
        ("FAR#X", "EXEC"),
    ),
    "orphan": (waiting(GONE), ("/A#/GONE.X", "absent")),
    "not yet there": (waiting(LATER), ("/A#/LATER.X", "pending")),
    "fence": ([job("T", "READY"), workstation(fence=30)], ("/A", "fence 30")),
    "limit 0": ([job("T", "READY"), workstation(limit=0)], ("/A", "limit 0")),
    "limit": (
        [job("H", "EXEC"), job("T", "READY"), workstation(limit=1)],
        ("/A", "busy 1 of 1"),
    ),
    "unlinked": (
        [
            job("T", "READY"),
            workstation(states=frozenset({"JOBMAN_UP", "ONLINE"})),
        ],
        ("/A", "unlinked"),
    ),
    "ignored": ([job("T", "READY"), workstation(ignore=True)], ("/A", "ignored")),
    "stream limit 0": (
        [job("T", "READY"), stream("S", "EXEC", limit=0)],
        ("/A#/S", "EXEC"),
    ),
    "stream limit": (
        [job("H", "EXEC"), job("T", "READY"), stream("S", "EXEC", limit=1)],
        ("/A#/S", "EXEC"),
    ),
}


@pytest.mark.parametrize(("made", "last"), CASES.values(), ids=CASES)
def test_the_last_step_tells_what_its_object_is_in(made, last):
    found = diagnose(plan(*made), "T", NOW)

    step = found.chain[-1]
    assert (step.object, step.status) == last


def test_a_plan_that_stands_still_is_stalled():
    made = plan(job("T", "READY"))
    made.state = PlanState(batchman="DOWN")

    assert diagnose(made, "T", NOW).chain[-1].status == "stalled"


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_no_step_of_any_situation_has_a_number_for_a_status(name):
    told = SCENARIOS[name].begin(1)
    made, now = plan_of(told)
    for target in told.targets:
        items = [item.id for item in made if item.key == target.name]
        for item in items:
            for step in diagnose(made, item, now).chain:
                assert step.status, step
                assert any(char.isalpha() for char in step.status), step
