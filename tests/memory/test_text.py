"""What is stored is clean, finite and bounded, whatever came in."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.text import (
    EVIDENCE_LIMIT,
    bounded_evidence,
    bounded_mapping,
    clean,
    jsonable,
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)


@settings(deadline=None)  # a busy machine is not a defect
@given(anything)
def test_what_comes_out_is_json_that_postgresql_takes(value):
    out = json.dumps(jsonable(value), allow_nan=False, ensure_ascii=False)

    assert out.encode().decode() == out
    assert not any("\x00" in text for text in texts_of(json.loads(out)))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("a\x00b", "ab", id="NUL"),
        pytest.param("a\ud800b", "ab", id="lone surrogate"),
        pytest.param("emoji 😀 ção", "emoji 😀 ção", id="plain unicode"),
        pytest.param("x" * 11, "x" * 9 + "…", id="too long"),
        pytest.param("x" * 10, "x" * 10, id="just fits"),
    ],
)
def test_text_is_cleaned_and_cut(text, cleaned):
    assert clean(text, 10 if "x" in text else 100) == cleaned


def test_a_structure_without_an_end_ends():
    endless: list[object] = []
    endless.append(endless)

    assert len(json.dumps(jsonable(endless))) < 200


def test_numbers_that_json_does_not_know_are_null():
    assert jsonable([math.nan, math.inf, 1.5, True]) == [None, None, 1.5, True]


def result(size, **parts):
    return {"tool": "log", "status": "ok", "data": {"text": "x" * size}, **parts}


def test_evidence_that_fits_is_kept_whole():
    evidence = [result(1_000), result(50_000)]

    assert bounded_evidence(evidence) == evidence


def test_of_evidence_that_does_not_fit_the_head_is_kept_and_marked():
    small = result(10)
    large = {"tool": "log", "status": "ok", "data": [result(60_000)] * 9}

    kept = bounded_evidence([large, small])

    assert kept == [
        {"tool": "log", "status": "ok", "data": {}, "truncated": True},
        small,
    ]


def test_the_evidence_has_an_end():
    kept = bounded_evidence([result(2_000)] * 10_000)

    assert len(json.dumps(kept)) < EVIDENCE_LIMIT * 1.1


def test_a_grounding_that_is_too_large_is_marked():
    assert bounded_mapping({"claims": ["x" * 50_000] * 2}) == {"truncated": True}
    assert bounded_mapping({"claims": ["x"]}) == {"claims": ["x"]}
