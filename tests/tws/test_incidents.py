"""One incident for each cause, however many jobs it holds."""

from tests.tws.plans import (
    NOW,
    after,
    after_stream,
    at,
    job,
    join,
    plan,
    prompt,
    stream,
    workstation,
)
from tws.incidents import incidents
from tws.payloads import TimeRestrictions


def told(made):
    return {
        (one.root.kind, one.root.object): sorted(job.id for job in one.members)
        for one in incidents(made, NOW)
    }


def test_a_hundred_and_forty_held_jobs_behind_one_abend_are_one() -> None:
    chain = [job(f"J{n}", "HOLD", after(f"J{n - 1}"), stream="S") for n in range(1, 71)]
    behind = [job(f"K{n}", "HOLD", stream="BEHIND") for n in range(70)]
    made = plan(
        job("J0", "ABEND"),
        *chain,
        stream("S", "STUCK"),
        *behind,
        stream("BEHIND", "HOLD", after_stream("S")),
    )

    (found,) = incidents(made, NOW)
    record = found.record()

    assert (record["kind"], record["object"]) == ("job_failed", "/A#/S.J0")
    assert record["waiting"] == 140
    assert record["streams"] == [
        {"object": "/A#/S", "total": 70},
        {"object": "/A#/BEHIND", "total": 70},
    ]


def test_a_job_behind_two_causes_is_told_with_both() -> None:
    made = plan(
        job("F", "ABEND"),
        job("A", "HOLD", after("F")),
        job("B", "HOLD", after("F"), prompt("GO")),
    )

    assert told(made) == {
        ("job_failed", "/A#/S.F"): ["A", "B"],
        ("prompt_open", "GO"): ["B"],
    }


def test_what_passes_by_itself_is_no_incident() -> None:
    made = plan(
        job("R", "EXEC", started=at(-5), estimated=600.0),
        job("A", "HOLD", after("R")),
        job("B", "READY"),
    )

    assert told(made) == {}


def test_a_join_that_will_come_free_is_no_incident_of_its_failed_member() -> None:
    made = plan(
        job("F", "ABEND"),
        job("R", "EXEC", started=at(-5), estimated=600.0),
        job("A", "HOLD", join(1, after("F"), after("R"))),
    )

    assert told(made) == {("job_failed", "/A#/S.F"): []}


def test_the_jobs_of_a_workstation_that_is_down_are_one_incident() -> None:
    made = plan(
        workstation(states=frozenset()),
        job("A", "READY"),
        job("B", "HOLD", after("A")),
        job("C", "READY", workstation="/B"),
        workstation("B"),
        job("R", "EXEC", workstation="/B", started=at(-1)),
    )

    assert told(made) == {("workstation_down", "/A"): ["A", "B"]}


def test_a_cycle_is_an_incident_with_its_members() -> None:
    made = plan(job("A", "HOLD", after("B")), job("B", "HOLD", after("A")))

    ((kind, _), members), *rest = told(made).items()

    assert (kind, rest) == ("unknown", [])
    assert set(members) | {"A"} == {"A", "B"}


def test_the_worst_comes_first() -> None:
    made = plan(
        job("SMALL", "ABEND", stream="A"),
        job("S1", "HOLD", after("SMALL"), stream="A"),
        job("BIG", "ABEND", stream="B"),
        *(job(f"B{n}", "HOLD", after("BIG"), stream="B") for n in range(9)),
        job("LATE", "ABEND", stream="C", estimated=3600.0),
        job(
            "DUE",
            "HOLD",
            after("LATE"),
            stream="C",
            times=TimeRestrictions(deadline=at(30)),
        ),
    )

    found = incidents(made, NOW)

    assert [one.root.object for one in found] == [
        "/A#/C.LATE",
        "/A#/B.BIG",
        "/A#/A.SMALL",
    ]
    assert found[0].record()["deadlines"][0]["late_seconds"] == 1800


def test_suppressed_jobs_are_as_they_should_be() -> None:
    assert told(plan(job("X", "SUPPR"))) == {}
