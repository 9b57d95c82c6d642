"""Filters of the simulator: OQL and plan filters, against plain Python over the plan."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws.simulator.fields import JOB, RESOURCE, STREAM, WORKSTATION
from tws.simulator.matching import compile_condition, wildcard
from tws.simulator.model import Job, Stream, Workstation
from tws.simulator.oql import Both, Comparison, Either, OqlSyntaxError, Query, parse
from tws.simulator.plan import Plan
from tws.simulator.planfilter import compile_filter
from tws.simulator.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def plan() -> Plan:
    return SCENARIOS["night"].begin(1).living.plan


def jobs_where(plan: Plan, text: str) -> set[str]:
    check = compile_condition(parse(text).condition, JOB)
    return {job.name for job in plan.jobs if check(job)}


# --- reading -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("name = 'X'", Query(Comparison("name", "=", ("X",)))),
        ("name = 'O''Brien'", Query(Comparison("name", "=", ("O'Brien",)))),
        (r"name = 'a\'", Query(Comparison("name", "=", ("a\\",)))),
        ("limit>=5", Query(Comparison("limit", ">=", (5.0,)))),
        ("x != null", Query(Comparison("x", "!=", (None,)))),
        ("x NOT IN ['a', 'b']", Query(Comparison("x", "IN", ("a", "b"), negated=True))),
        ("x NOT LIKE '@A'", Query(Comparison("x", "LIKE", ("@A",), negated=True))),
        (
            "a = 1 OR b = 2 AND c = true",
            Query(
                Either(
                    (
                        Comparison("a", "=", (1.0,)),
                        Both(
                            (
                                Comparison("b", "=", (2.0,)),
                                Comparison("c", "=", (True,)),
                            )
                        ),
                    )
                )
            ),
        ),
        ("name = 'X' ORDER BY a.b DESC, c", None),
        ("ORDER BY name ASC", Query(None, (("name", False),))),
    ],
)
def test_oql_is_read(text, query):
    found = parse(text)

    if query is None:
        assert found.order == (("a.b", True), ("c", False))
    else:
        assert found == query


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name =",
        "= 'X'",
        "name = X",
        "name = 'X",
        "name == 'X'",
        "name = 'X' AND",
        "name = 'X' OR OR name = 'Y'",
        "(name = 'X'",
        "name = 'X')",
        "name IN 'X'",
        "name IN []",
        "name NOT = 'X'",
        "name = 'X' ORDER name",
        "name = 'X' ORDER BY",
        "name = 'X'; DROP",
        "name like 'X'",
        "(" * 60 + "name = 'X'" + ")" * 60,
    ],
)
def test_what_is_not_oql_is_refused(text):
    with pytest.raises(OqlSyntaxError):
        parse(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        found = parse(text)
    except OqlSyntaxError:
        return
    assert isinstance(found, Query)


@given(st.text(max_size=50))
def test_a_quoted_value_comes_back_as_it_was(value):
    quoted = value.replace("'", "''")

    assert parse(f"name = '{quoted}'") == Query(Comparison("name", "=", (value,)))


@given(st.text("ab@?", max_size=8), st.text("ab", max_size=8) | st.text(max_size=8))
def test_wildcards_match_as_a_regular_expression_would(pattern, text):
    parts = {"@": ".*", "?": "."}
    regular = "".join(parts.get(char, char) for char in pattern)

    assert wildcard(pattern)(text) is bool(re.fullmatch(regular, text, re.DOTALL))


def test_no_pattern_takes_long():
    began = time.monotonic()

    assert not wildcard("@a" * 40 + "@b")("a" * 10_000)
    assert time.monotonic() - began < 1


# --- selecting -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name = 'PAY_CALC'", {"PAY_CALC"}),
        ("name LIKE 'PAY_C@'", {"PAY_CALC", "PAY_CHECK"}),
        ("name LIKE 'GL_C??CK'", {"GL_CHECK"}),
        ("jobruns.compositeStatus.status = 'ABEND'", {"GL_LOAD"}),
        ("jobruns.returnCode > 0", {"GL_LOAD"}),
        ("jobruns.returnCode = '12'", {"GL_LOAD"}),
        (
            "jobStreamName = 'BILLING' AND jobruns.commonStatus = 'SUCCESSFUL'",
            {"BILL_COLLECT", "BILL_RATE"},
        ),
        (
            "jobStreamName = 'RISK' AND jobruns.commonStatus IN ['RUNNING', 'READY']",
            {"RISK_SIMULATE"},
        ),
        ("jobOptions.critical = true", {"PAY_TRANSFER", "RISK_SIMULATE"}),
        (
            "folder LIKE '/O@' AND priority >= 10 AND name NOT LIKE '@BKP@'",
            {"SYNC_PULL", "SYNC_APPLY"},
        ),
        ("timeRestrictions.deadlineTime != null", {"PAY_TRANSFER", "RISK_SIMULATE"}),
        ("timeRestrictions.deadlineTime > '2199-01-01T00:00:00.000Z'", set()),
        ("jobruns.estimatedDuration >= 'PT40M'", {"RISK_SIMULATE"}),
        ("dependenciesStats.numberOfPromptDependencies > 0", {"BILL_RELEASE"}),
        ("(name = 'GL_LOAD' OR name = 'GL_POST') AND name != 'GL_POST'", {"GL_LOAD"}),
    ],
)
def test_jobs_are_selected(plan, text, names):
    assert jobs_where(plan, text) == names


def test_a_name_stays_a_name(plan):
    assert jobs_where(plan, "name = 'X'' OR name LIKE ''@'") == set()


def test_dependencies_are_searched(plan):
    load = next(job for job in plan.jobs if job.name == "GL_LOAD")

    found = jobs_where(plan, f"dependencies.jobId = '{load.id}'")

    assert found == {"GL_POST", "PAY_CALC", "RISK_LIMITS"}


def test_streams_workstations_and_resources_have_their_fields(plan):
    def where(text, fields, items):
        check = compile_condition(parse(text).condition, fields)
        return {item.name for item in items if check(item)}

    blocked = "commonStatus IN ['ERROR', 'BLOCKED']"
    assert where(blocked, STREAM, plan.streams) == {"LEDGER"}
    linked = "(activeStates IN ['LINKED'] AND jobmanUp = true) OR type = 'MANAGER'"
    assert "FTA_BRANCH" not in where(linked, WORKSTATION, plan.workstations)
    assert where("quantityAvailable < 1", RESOURCE, plan.resources) == {"RISKDB"}


def test_an_unknown_field_is_named():
    with pytest.raises(OqlSyntaxError, match=r"key\.name"):
        compile_condition(parse("key.name = 'X'").condition, JOB)


# --- plan filters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("/@/@#/@/@.@", 55),
        ("/MDM1#/@.@", 6),
        ("/@/@#/FIN/@.GL_@", 6),
        ("/AGT_PAY#/HR/PAYROLL.PAY_CALC", 1),
        ("/@/@#/@/PAYROLL", 5),
        ("PAYROLL.PAY_?ALC", 1),
        ("/NOWHERE/@#/@/@.@", 0),
    ],
)
def test_a_plan_filter_selects_jobs(plan, text, count):
    assert sum(map(compile_filter(text, Job), plan.jobs)) == count


def test_a_plan_filter_selects_streams_and_workstations(plan):
    streams = filter(compile_filter("/@/@#/FIN/@", Stream), plan.streams)
    stations = filter(compile_filter("/AGT_@", Workstation), plan.workstations)

    assert {stream.name for stream in streams} == {
        *("LEDGER", "REPORTING", "SETTLEMENT")
    }
    assert {station.name for station in stations} == {
        *("AGT_FIN", "AGT_PAY", "AGT_RISK", "AGT_BILL")
    }


@pytest.mark.parametrize("text", ["", "  ", "a#b#c"])
def test_a_plan_filter_that_cannot_be_read_is_refused(text):
    with pytest.raises(OqlSyntaxError):
        compile_filter(text, Job)
