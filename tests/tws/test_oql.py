"""Filters are built, never pasted: whatever a name looks like, it stays a name."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws.exceptions import TwsBadName
from tws.oql import Condition, field, job_filter, stream_filter
from tws.quoting import path_segment
from tws.simulator import oql as server_side
from tws.simulator.oql import OqlSyntaxError

MOMENT = datetime(2025, 12, 1, 23, tzinfo=UTC)

# What a name may hold; the rest is refused before any request.
names = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\\")
    | st.sampled_from(" '@?#./%()[]=,")
).filter(lambda text: text.strip() and len(text) <= 256)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (field("name") == "PAY", "name = 'PAY'"),
        (field("name") != "PAY", "name != 'PAY'"),
        (field("priority") > 10, "priority > 10"),
        (field("priority") <= -1, "priority <= -1"),
        (field("jobOptions.critical") == True, "jobOptions.critical = true"),  # noqa: E712 (OQL)
        (field("folder") == None, "folder = null"),  # noqa: E711 (OQL)
        (field("schedTime") >= MOMENT, "schedTime >= '2025-12-01T23:00:00.000Z'"),
        (
            field("schedTime") < MOMENT.astimezone(timezone(timedelta(hours=-3))),
            "schedTime < '2025-12-01T23:00:00.000Z'",
        ),
        (
            field("elapsedTime") > timedelta(hours=4, seconds=20.5),
            "elapsedTime > 'PT14420.5S'",
        ),
        (field("name").like("PAY@"), "name LIKE 'PAY@'"),
        (field("name").not_like("?X"), "name NOT LIKE '?X'"),
        (field("status").isin(["A", "B"]), "status IN ['A', 'B']"),
        (field("number").notin([1, 2]), "number NOT IN [1, 2]"),
    ],
)
def test_a_comparison_reads_as_the_manual_writes_it(condition, text):
    assert str(condition) == text


def test_conditions_combine_with_the_brackets_they_need():
    a, b, c = (field(name) == 1 for name in "abc")

    assert str(a & b & c) == "a = 1 AND b = 1 AND c = 1"
    assert str(a | b | c) == "a = 1 OR b = 1 OR c = 1"
    assert str((a | b) & c) == "(a = 1 OR b = 1) AND c = 1"
    assert str(a & (b | c)) == "a = 1 AND (b = 1 OR c = 1)"
    assert str(a & b | c) == "(a = 1 AND b = 1) OR c = 1"


def test_an_answer_can_be_sorted():
    ordered = (field("name") == "X").order_by("name", "-schedTime")

    assert str(ordered) == "name = 'X' ORDER BY name ASC, schedTime DESC"


@pytest.mark.parametrize(
    "name", ["X' OR name LIKE '@", "''", "'", "' OR true OR '", "a''b'", "X') OR (1=1"]
)
def test_a_quote_in_a_name_ends_nothing(name):
    parsed = server_side.parse(str(field("name") == name))

    assert parsed.condition == server_side.Comparison("name", "=", (name,))


@given(names)
def test_every_name_is_read_back_by_a_server_as_it_was_given(name):
    condition = (field("name") == name) & field("folder").isin([name, "/"])

    parsed = server_side.parse(str(condition)).condition

    assert parsed == server_side.Both(
        (
            server_side.Comparison("name", "=", (name,)),
            server_side.Comparison("folder", "IN", (name, "/")),
        )
    )


@given(st.text())
def test_any_text_is_one_name_or_refused(text):
    try:
        condition = str(field("name") == text)
    except TwsBadName as error:
        assert error.action  # noqa: PT017 (both outcomes are right)
        return
    try:
        parsed = server_side.parse(condition).condition
    except OqlSyntaxError:
        pytest.fail(f"{condition} is no OQL")
    assert parsed == server_side.Comparison("name", "=", (text,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("x" * 257, "has 257 characters"),
        ("a\x00b", r"U\+0000 \(a control character\)"),
        ("a\nb", r"U\+000A"),
        ("\u202eb", r"U\+202E \(right-to-left override\)"),
        ("a\u200f", r"U\+200F \(right-to-left mark\)"),
        ("\ud800", r"U\+D800"),
        ("a\\b", "a backslash"),
    ],
)
def test_what_no_name_has_is_refused_with_its_reason(text, words):
    with pytest.raises(TwsBadName, match=words):
        field("name") == text  # noqa: B015 (it is refused while it is built)
    with pytest.raises(TwsBadName, match=words):
        field("name").like(text)
    with pytest.raises(TwsBadName, match=words):
        job_filter(job=text)


@pytest.mark.parametrize(
    "name", ["", "a b", "name = 'x' OR name", "1a", "a..b", "a.", "é"]
)
def test_a_field_cannot_carry_a_condition(name):
    with pytest.raises(ValueError, match="no field"):
        field(name)


def test_mistakes_of_the_caller_are_told():
    with pytest.raises(TypeError, match="&"):
        bool(field("a") == 1)
    with pytest.raises(ValueError, match="at least one"):
        field("a").isin([])
    with pytest.raises(ValueError, match="zone"):
        field("a") == datetime(2025, 1, 1)  # noqa: B015, DTZ001
    with pytest.raises(ValueError, match="negative"):
        field("a") == timedelta(-1)  # noqa: B015
    assert repr(Condition("a = 1")) == "<Condition a = 1>"


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (job_filter(), "/@/@#/@/@.@"),
        (stream_filter(), "/@/@#/@/@"),
        (job_filter(stream="PAYROLL"), "/@/@#/@/PAYROLL.@"),
        (
            job_filter(
                workstation="AGT_1",
                workstation_folder="/W",
                folder="/HR/PAY/",
                stream="PAY@",
                job="J?",
            ),
            "/W/AGT_1#/HR/PAY/PAY@.J?",
        ),
        (stream_filter(folder="/"), "/@/@#/@"),
        (stream_filter(folder=""), "/@/@#/@"),
    ],
)
def test_a_plan_filter_reads_as_conman_writes_it(selection, text):
    assert str(selection) == text


@pytest.mark.parametrize(
    "name", ["A#B", "A.B", "A/B", "A;B", "A+B", "A B", "A'B", "A,B"]
)
def test_a_plan_filter_cannot_carry_what_separates_its_parts(name):
    for part in ("workstation", "stream", "job"):
        with pytest.raises(TwsBadName, match="cannot stand in a plan filter"):
            job_filter(**{part: name})


@given(st.text())
def test_a_path_segment_is_refused_or_one_segment(text):
    try:
        segment = path_segment(text)
    except TwsBadName:
        return
    assert segment.isascii()
    assert not set(segment) & set("/?#\\ ")
    assert segment.strip(".")
    assert all(unicodedata.category(char) != "Cc" for char in segment)
