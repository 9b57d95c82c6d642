"""Every kind of root, alone: the smallest plan that has it."""

import pytest

from tests.tws.plans import (
    NOW,
    after,
    after_stream,
    at,
    file,
    holder,
    job,
    join,
    plan,
    prompt,
    remote,
    resource,
    roots,
    starts,
    stream,
    units,
    workstation,
)
from tws.diagnosis import diagnose
from tws.payloads import PlanState, TimeRestrictions


def test_the_failed_job_far_up_a_chain_is_the_root() -> None:
    chain = [job("J0", "ABEND", return_code=8)]
    chain += [job(f"J{n}", "HOLD", after(f"J{n - 1}")) for n in range(1, 10_000)]

    assert roots(plan(*chain), "J9999") == {("job_failed", "/A#/S.J0")}


@pytest.mark.parametrize(
    ("predecessor", "root"),
    [
        (job("P", "ABEND"), ("job_failed", "/A#/S.P")),
        (job("P", "FAIL"), ("job_failed", "/A#/S.P")),
        (job("P", "PEND"), ("confirmation_pending", "/A#/S.P")),
        (job("P", "EXEC", started=at(-5)), ("job_running", "/A#/S.P")),
        (job("P", "INTRO"), ("launching", "/A#/S.P")),
        (job("P", "WAIT"), ("launching", "/A#/S.P")),
        (job("P", "READY"), ("waiting_turn", "/A#/S.P")),
        (job("P", "HOLD", prompt("GO")), ("prompt_open", "GO")),
        (
            job("P", "HOLD", prompt("", text="Tape in?", number=3)),
            ("prompt_open", "Tape in?"),
        ),
        (job("P", "HOLD", prompt("GO", "ANSWERED_NO")), ("prompt_open", "GO")),
        (
            job("P", "ABEND", recovery="RERUN_PROMPT", recovery_prompt="Again?"),
            ("prompt_open", "Again?"),
        ),
        (job("P", "HOLD", file("/in/a.csv")), ("file_missing", "/in/a.csv")),
        (job("P", "HOLD", remote("NET::X.Y")), ("internetwork", "NET::X.Y")),
        (job("P", "HOLD", times=starts(60)), ("time_not_reached", "/A#/S.P")),
        (
            job("P", "HOLD", times=TimeRestrictions(latest_start=at(-1))),
            ("latest_start_passed", "/A#/S.P"),
        ),
        (job("P", "HOLD", until_gone=True), ("latest_start_passed", "/A#/S.P")),
        (job("P", "HOLD", priority=0), ("priority_zero", "/A#/S.P")),
        (job("P", "SUPPR"), ("suppressed", "/A#/S.P")),
        (
            job("P", "HOLD", after("GONE", zombie=True)),
            ("orphan_dependency", "GONE"),
        ),
        (
            job("P", "HOLD", after("LATER", pending=True)),
            ("orphan_dependency", "LATER"),
        ),
        (job("P", "HOLD", after("NOWHERE")), ("orphan_dependency", "NOWHERE")),
        (job("P", "SIDEWAYS"), ("unknown", "/A#/S.P")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value.status,
)
def test_what_holds_the_predecessor_holds_the_job(predecessor, root) -> None:
    made = plan(predecessor, job("T", "HOLD", after("P")))

    assert roots(made, "T") == {root}


@pytest.mark.parametrize("substatus", ["", "READY_WAITING_FOR_LIMIT"])
def test_a_limit_full_of_running_jobs_is_told_with_its_occupiers(substatus) -> None:
    made = plan(
        workstation(limit=1),
        job("R", "EXEC", started=at(-5), estimated=600.0),
        job("T", "READY", substatus=substatus),
    )

    found = diagnose(made, "T", NOW)

    assert [(root.kind, root.object) for root in found.roots] == [
        ("workstation_limit", "/A")
    ]
    assert "/A#/S.R" in found.roots[0].detail


def test_hi_jobs_pass_a_closed_workstation() -> None:
    made = plan(workstation(limit=0), job("T", "READY", priority=100))

    assert roots(made, "T") == {("waiting_turn", "/A#/S.T")}


@pytest.mark.parametrize(
    ("place", "root"),
    [
        ({"limit": 0}, ("workstation_limit", "/A")),
        ({"fence": 10}, ("fence", "/A")),
        ({"states": frozenset({"JOBMAN_UP", "ONLINE"})}, ("workstation_down", "/A")),
        ({"states": frozenset({"LINKED", "ONLINE"})}, ("workstation_down", "/A")),
        ({"states": frozenset({"LINKED", "JOBMAN_UP"})}, ("workstation_down", "/A")),
        ({"ignore": True}, ("workstation_ignored", "/A")),
    ],
    ids=["limit 0", "fence", "unlinked", "stopped", "offline", "ignored"],
)
def test_a_workstation_holds_back_a_ready_job(place, root) -> None:
    made = plan(workstation(**place), job("T", "READY"))

    assert roots(made, "T") == {root}


def test_a_fence_below_the_priority_lets_it_pass() -> None:
    made = plan(workstation(fence=9), job("T", "READY"))

    assert roots(made, "T") == {("waiting_turn", "/A#/S.T")}


def test_a_full_stream_is_not_its_turn() -> None:
    made = plan(
        stream("S", limit=1), job("R", "EXEC", started=at(-1)), job("T", "READY")
    )

    assert roots(made, "T") == {("stream_limit", "/A#/S")}


def test_a_stream_that_waits_holds_all_its_jobs() -> None:
    made = plan(
        job("F", "ABEND", stream="OTHER"),
        stream("S", "HOLD", after_stream("OTHER"), times=starts(90)),
        job("T"),
    )

    assert roots(made, "T") == {
        ("job_failed", "/A#/OTHER.F"),
        ("time_not_reached", "/A#/S"),
    }


def test_a_predecessor_stream_waits_for_all_its_unfinished_jobs() -> None:
    made = plan(
        job("X", "SUCC", stream="P"),
        job("Y", "EXEC", stream="P", started=at(-1)),
        job("Z", "HOLD", after("Y"), prompt("GO"), stream="P"),
        job("T", "HOLD", after_stream("P")),
    )

    assert roots(made, "T") == {("job_running", "/A#/P.Y"), ("prompt_open", "GO")}


def test_a_join_counts_the_smallest_set_that_frees_it() -> None:
    made = plan(
        job("A", "ABEND"),
        job("B", "HOLD", prompt("ONE"), prompt("TWO")),
        job("C", "HOLD", after("A")),
        job("D", "SUCC"),
        job("T", "HOLD", join(3, after("A"), after("B"), after("C"), after("D"))),
    )

    assert roots(made, "T") == {("job_failed", "/A#/S.A")}


def test_two_joins_share_the_root_that_frees_both() -> None:
    made = plan(
        job("A", "ABEND"),
        job("B", "ABEND"),
        job("C", "ABEND"),
        job(
            "T",
            "HOLD",
            join(1, after("A"), after("B")),
            join(1, after("C"), after("B")),
        ),
    )

    assert roots(made, "T") == {("job_failed", "/A#/S.B")}


def test_of_equal_ways_out_of_a_join_the_one_that_passes_by_itself_counts() -> None:
    made = plan(
        job("A", "ABEND"),
        job("B", "EXEC", started=at(-1), estimated=600.0),
        job("T", "HOLD", join(1, after("A"), after("B"))),
    )

    assert roots(made, "T") == {("job_running", "/A#/S.B")}


def test_a_cycle_is_named_and_the_walk_ends() -> None:
    made = plan(
        job("A", "HOLD", after("C")),
        job("B", "HOLD", after("A"), prompt("GO")),
        job("C", "HOLD", after("B")),
        job("T", "HOLD", after("B")),
    )

    found = diagnose(made, "T", NOW)

    assert {(root.kind, root.object) for root in found.roots} == {
        ("unknown", "/A#/S.A"),
        ("prompt_open", "GO"),
    }
    cycle = next(root for root in found.roots if root.kind == "unknown")
    assert all(f"/A#/S.{name}" in cycle.detail for name in "ABC")


def test_a_join_leads_out_of_a_cycle() -> None:
    made = plan(
        job("A", "HOLD", join(1, after("T"), after("F"))),
        job("F", "ABEND"),
        job("T", "HOLD", after("A")),
    )

    assert roots(made, "T") == {("job_failed", "/A#/S.F")}


def test_a_resource_held_by_a_running_job_is_busy() -> None:
    made = plan(
        resource(0, holder("H")),
        job("H", "EXEC", started=at(-5), estimated=600.0),
        job("T", "READY", units(1)),
    )

    found = diagnose(made, "T", NOW)

    assert [(root.kind, root.object) for root in found.roots] == [
        ("resource_busy", "/A#/R")
    ]
    assert "/A#/S.H" in found.roots[0].detail


def test_behind_a_holder_far_beyond_its_estimate_is_that_job() -> None:
    made = plan(
        resource(0, holder("H")),
        job("H", "EXEC", started=at(-300), estimated=600.0),
        job("T", "READY", units(1)),
    )

    assert roots(made, "T") == {("job_running", "/A#/S.H")}


def test_behind_a_stuck_holder_is_what_stops_it() -> None:
    made = plan(
        resource(0, holder(stream_id="H")),
        stream("H", "STUCK"),
        job("X", "ABEND", stream="H"),
        job("Y", "HOLD", after("X"), stream="H"),
        job("T", "READY", units(1)),
    )

    found = diagnose(made, "T", NOW)

    assert [(root.kind, root.object) for root in found.roots] == [
        ("job_failed", "/A#/H.X")
    ]
    assert [step.object for step in found.chain] == ["/A#/S.T", "/A#/H", "/A#/H.X"]


def test_units_that_suffice_hold_nobody() -> None:
    made = plan(resource(2), job("T", "READY", units(2)))

    assert roots(made, "T") == {("waiting_turn", "/A#/S.T")}


def test_a_condition_on_failure_is_met_by_it() -> None:
    made = plan(
        job("P", "ABEND"),
        job("T", "READY", after("P", conditional=True, conditions=("ABEND",))),
    )

    assert roots(made, "T") == {("waiting_turn", "/A#/S.T")}


def test_a_condition_that_success_has_ruled_out_suppresses() -> None:
    made = plan(
        job("P", "SUCC"),
        job("X", "SUPPR", after("P", conditional=True, conditions=("ABEND",))),
        job("T", "SUPPR", after("X")),
    )

    assert roots(made, "T") == {("suppressed", "/A#/S.X")}


def test_a_cancelled_predecessor_frees_and_a_pending_cancel_waits() -> None:
    made = plan(
        job("F", "ABEND"),
        job("C", "HOLD", canceled=True),
        job("P", "HOLD", after("F"), cancel_pending=True, priority=0),
        job("T", "HOLD", after("C"), after("P")),
    )

    assert roots(made, "T") == {("job_failed", "/A#/S.F")}


@pytest.mark.parametrize(
    "target",
    [job("T", "SUCC"), job("T", "EXEC", started=at(-5)), job("T", canceled=True)],
    ids=lambda target: target.status,
)
def test_a_target_that_ran_or_runs_has_no_root(target) -> None:
    assert roots(plan(target), "T") == {("none", "/A#/S.T")}


def test_a_failed_job_that_is_not_in_the_way_is_no_root() -> None:
    made = plan(
        job("BYSTANDER", "ABEND"),
        job("P", "HOLD", prompt("GO")),
        job("T", "HOLD", after("P")),
    )

    assert roots(made, "T") == {("prompt_open", "GO")}


def test_a_stream_that_goes_on_has_no_root_unless_somebody_must_act() -> None:
    going = plan(job("A", "EXEC", started=at(-1)), job("B", "HOLD", after("A")))
    stuck = plan(job("A", "EXEC", started=at(-1)), job("B", "ABEND"))

    assert roots(going, "S") == {("none", "/A#/S")}
    assert roots(stuck, "S") == {("job_failed", "/A#/S.B")}


def test_a_plan_that_batchman_does_not_process_stalls_everything() -> None:
    made = plan(job("P", "READY"), job("T", "HOLD", after("P")))
    made.state = PlanState(found=True, batchman="DOWN")

    assert roots(made, "T") == {("plan_stalled", "the plan")}


def test_a_plan_that_has_ended_stalls_once_it_should_have_been_extended() -> None:
    made = plan(job("P", "READY"), job("T", "HOLD", after("P")))
    made.state = PlanState(found=True, batchman="LIVES", end=at(-5))
    assert roots(made, "T") == {("waiting_turn", "/A#/S.P")}

    made.state = PlanState(found=True, batchman="LIVES", end=at(-20))
    assert roots(made, "T") == {("plan_stalled", "the plan")}


def test_a_plan_in_which_nothing_runs_for_long_is_stalled() -> None:
    made = plan(job("OLD", "SUCC", ended=at(-120)), job("T", "READY"))

    assert roots(made, "T") == {("plan_stalled", "the plan")}


def test_the_chain_leads_from_target_to_root() -> None:
    made = plan(
        job("F", "ABEND", stream="UP"),
        stream("UP", "STUCK"),
        stream("S", "HOLD", after_stream("UP")),
        job("A"),
        job("T", "HOLD", after("A")),
    )

    found = diagnose(made, "A", NOW)

    assert [(step.object, step.relation, step.of) for step in found.chain] == [
        ("/A#/S.A", "target", ""),
        ("/A#/S", "job stream", "/A#/S.A"),
        ("/A#/UP", "predecessor stream", "/A#/S"),
        ("/A#/UP.F", "job", "/A#/UP"),
    ]


def test_a_root_brings_evidence_and_what_to_do() -> None:
    made = plan(
        job("P", "ABEND", return_code=8, ended=at(-10)), job("T", "HOLD", after("P"))
    )

    root = diagnose(made, "T", NOW).roots[0].record()

    assert root["detail"] == "It ended in ABEND with return code 8 at 18:20 UTC."
    assert "conman rr /A#/S.P" in root["action"]
    assert {key: root["evidence"][1][key] for key in ("object", "field", "value")} == {
        "object": "/A#/S.P",
        "field": "returnCode",
        "value": 8,
    }
