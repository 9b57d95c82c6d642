"""The graph in memory: what is put in, replaced and forgotten, and how names are read."""

from datetime import UTC, datetime

import pytest

from tests.tws.plans import (
    NOW,
    after,
    job,
    join,
    plan,
    prompt,
    resource,
    stream,
    workstation,
)
from tws.payloads import Dependency, Job, JobRun, JobStream
from tws.plan import Follows, Missing, Plan, PromptNeed
from tws.plan.build import job_node, resource_key, stream_node
from tws.plan.names import matches, readings, select

READ = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)


# --- From payloads -----------------------------------------------------------------


def test_a_job_keeps_what_rules_read_of_its_last_run() -> None:
    given = Job(
        id="1",
        name="CALC",
        folder="/HR/",
        workstation="/A",
        stream_id="2",
        stream_name="PAY",
        stream_workstation="/B",
        status="ABEND",
        runs=[
            JobRun(id="r1", status="ABEND", return_code=4),
            JobRun(id="r2", status="ABEND", return_code=8, estimated_seconds=60.0),
        ],
    )

    node = job_node(given, READ, whole=True)

    assert (node.key, node.run, node.return_code) == ("/B#/HR/PAY.CALC", "r2", 8)
    assert [run.return_code for run in node.earlier] == [4]
    assert node.estimated == 60.0


def test_a_dependency_names_what_it_follows() -> None:
    given = Dependency(
        type="EXTERNAL_JOB",
        job_id="7",
        job_name="LOAD",
        stream_name="GL",
        stream_folder="/FIN/",
        stream_workstation="/B",
        status="UNBOUND",
        pending=True,
    )

    (need,) = job_node(
        Job(id="1", name="X", dependencies=[given]), READ, whole=True
    ).needs

    assert need == Follows(
        target="7", label="/B#/FIN/GL.LOAD", status="UNBOUND", pending=True
    )


def test_a_join_of_all_needs_all_of_its_members() -> None:
    members = [Dependency(type="INTERNAL", job_id=str(n)) for n in range(3)]
    given = Dependency(
        type="JOIN", join_criteria="ALL", join_quantity=0, members=members
    )

    (need,) = stream_node(
        JobStream(id="1", name="S", dependencies=[given]), READ, whole=True
    ).needs

    assert need.needed == 3


def test_a_negative_estimate_is_none() -> None:
    given = Job(id="1", name="X", estimated_seconds=-5.0)

    assert job_node(given, READ, whole=True).estimated is None


def test_a_resource_has_one_key_however_its_place_is_written() -> None:
    keys = {
        resource_key("R", workstation=place, folder=folder)
        for place in ("A", "/A")
        for folder in ("", "/")
    }

    assert keys == {"/A#/R"}


# --- The graph ---------------------------------------------------------------------


def test_a_second_put_replaces_the_first_everywhere() -> None:
    made = plan(job("X", "EXEC"), job("Y", "HOLD", after("X")))

    made.put_job(job("X", "SUCC", stream="OTHER"))
    made.put_job(job("Y", "HOLD", after("Z")))

    assert made.running_on("/A") == []
    assert [one.id for one in made.jobs_of("S")] == ["Y"]
    assert (made.followers("X"), made.followers("Z")) == ([], ["Y"])
    assert [one.status for one in made.named("X")] == ["SUCC"]


def test_only_what_still_waits_is_a_follower() -> None:
    made = plan(
        job("A", "HOLD", after("X", satisfied=True)),
        job("B", "HOLD", join(1, after("X"), after("Y"))),
    )

    assert made.followers("X") == ["B"]


def test_what_is_dropped_is_gone_from_every_index() -> None:
    made = plan(job("X", "EXEC"), job("Y", "HOLD", after("X")))

    made.drop(["X", "Y", "unknown"])

    assert not made.jobs
    assert made.followers("X") == []
    assert made.named("Y") == made.running_on("/A") == made.jobs_of("S") == []


def test_a_list_does_not_forget_dependencies_that_are_current() -> None:
    made = plan(job("X", "HOLD", prompt(), need_count=1, unresolved=1))

    made.put_job(job("X", "HOLD", whole=False, need_count=1, unresolved=1))
    assert made.jobs["X"].whole
    assert isinstance(made.jobs["X"].needs[0], PromptNeed)

    made.put_job(job("X", "HOLD", whole=False, need_count=1, unresolved=0))
    assert not made.jobs["X"].whole


def test_a_job_that_runs_in_a_pool_takes_room_in_both_places() -> None:
    made = plan(job("X", "EXEC", workstation="/POOL", runs_on="/A"))

    assert [one.id for one in made.running_on("/POOL")] == ["X"]
    assert [one.id for one in made.running_on("/A")] == ["X"]


def test_a_part_of_a_plan_lacks_what_was_not_asked_for() -> None:
    part = Plan(complete=False)
    gone = Missing("job", "X")

    assert part.lacks(gone)
    part.know_absent(gone)
    assert not part.lacks(gone)
    assert not plan().lacks(Missing("job", "Y"))


def test_followers_are_known_as_far_as_was_asked() -> None:
    part = Plan(complete=False)
    for name, before in (("B", "A"), ("C", "B"), ("D", "C")):
        part.put_job(job(name, "HOLD", after(before)))

    part.know_followers_of("A", depth=2)

    lacks = [part.lacks(Missing("followers_of", item)) for item in "ABCD"]
    assert lacks == [False, False, True, True]


def test_workstations_and_resources_are_found_by_key() -> None:
    made = plan(workstation(), resource(1))

    assert set(made.workstations) == {"/A"}
    assert set(made.resources) == {"/A#/R"}
    assert made.read_at("/A") == NOW


# --- Names -------------------------------------------------------------------------

KNOWN = plan(
    job("CALC", stream="PAY", folder="/HR/", key="/A#/HR/PAY.CALC"),
    job("CALC", id="2", stream="TAX", folder="/FIN/", key="/B#/FIN/TAX.CALC"),
    job("A#B.C", id="3", stream="ODD", key="/A#/ODD.A#B.C"),
    job("C", id="4", stream="B", key="/A#/B.C"),
    job("X@", id="5", stream="ODD", key="/A#/ODD.X@"),
    job("XY", id="6", stream="ODD", key="/A#/ODD.XY"),
    job("D/E", id="7", stream="ODD", folder="/F/", key="/A#/F/ODD.D/E"),
    stream("PAY", folder="/HR/", key="/A#/HR/PAY"),
)


def meant(text: str) -> set[str]:
    for step in readings(text):
        if found := select(KNOWN, step):
            return {node.key for node in found}
    return set()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("CALC", {"/A#/HR/PAY.CALC", "/B#/FIN/TAX.CALC"}),
        ("PAY", {"/A#/HR/PAY"}),
        ("PAY.CALC", {"/A#/HR/PAY.CALC"}),
        ("A#PAY.CALC", {"/A#/HR/PAY.CALC"}),
        ("/A#/HR/PAY.CALC", {"/A#/HR/PAY.CALC"}),
        ("/A#/FIN/PAY.CALC", set()),
        ("A#PAY", {"/A#/HR/PAY"}),
        ("A#B.C", {"/A#/ODD.A#B.C"}),
        ("A#ODD.A#B.C", {"/A#/ODD.A#B.C"}),
        ("X@", {"/A#/ODD.X@"}),
        ("X?", {"/A#/ODD.X@", "/A#/ODD.XY"}),
        ("@#@.CAL?", {"/A#/HR/PAY.CALC", "/B#/FIN/TAX.CALC"}),
        ("/A#/F/ODD.D/E", {"/A#/F/ODD.D/E"}),
        ("nothing", set()),
    ],
)
def test_a_name_is_read_as_it_stands_before_it_is_taken_apart(text, keys) -> None:
    assert meant(text) == keys


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("PAY@", "PAYROLL", True),
        ("@", "", True),
        ("P?Y", "PAY", True),
        ("P?Y", "PAAY", False),
        ("A.B", "AxB", False),
        ("(A@", "(AB", True),
    ],
)
def test_patterns(pattern, name, fits) -> None:
    assert matches(pattern, name) is fits


def test_a_hostile_name_is_not_read_in_more_ways_than_can_be_asked_for() -> None:
    assert sum(map(len, readings("#." * 5_000))) < 100
