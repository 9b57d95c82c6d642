"""Reading what a client says: every shape has its answer, none an exception."""

import json
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.frames import (
    Ask,
    FrameError,
    Ping,
    Resume,
    Stop,
    encode,
    read_frame,
)

ID = "0b4ee3b0-5c1c-4d4e-8d37-6d8b1d6a3f10"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", Ask("hello")),
        ("  hello \n", Ask("hello")),
        ("[1, 2]", Ask("[1, 2]")),
        ('"quoted"', Ask('"quoted"')),
        ("null", Ask("null")),
        ('\ufeff{"type": "ping"}', Ask('\ufeff{"type": "ping"}')),
        ('{"type": "ping"}', Ping()),
        ('\n\t {"type": "ping", "more": 1}', Ping()),
        ('\u00a0{"type": "ping"}\u00a0', Ping()),
        ('{"type": "stop"}', Stop()),
        ('{"type": "message", "message": " hi "}', Ask("hi")),
        (
            f'{{"type": "message", "message": "hi", "conversation": "{ID}",'
            f' "client_id": null}}',
            Ask("hi", UUID(ID)),
        ),
        (
            f'{{"type": "message", "message": "hi", "client_id": "{ID}"}}',
            Ask("hi", None, UUID(ID)),
        ),
        (
            f'{{"type": "resume", "conversation": "{ID}", "after": 7}}',
            Resume(UUID(ID), 7),
        ),
        ('{"type": "message", "message": "\\ud83d\\ude80"}', Ask("🚀")),
        ('{"type": "message", "message": "a\\u0000b\\ud800"}', Ask("ab\ufffd")),
    ],
)
def test_what_can_be_said(text, said):
    assert read_frame(text) == said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \t\n", "empty"),
        ("\0\0", "empty"),
        ('{"type": "message", "message": "  "}', "empty"),
        ('{"type": "message", "message": "\\u0000"}', "empty"),
        ("{", "bad_frame"),
        ("{}", "bad_frame"),
        ("{]", "bad_frame"),
        ('{"type": "ping"} x', "bad_frame"),
        ('{"type": "nothing"}', "bad_frame"),
        ('{"type": ["ping"]}', "bad_frame"),
        ('{"type": {"a": 1}}', "bad_frame"),
        ('{"type": null}', "bad_frame"),
        ('{"type": "message"}', "bad_frame"),
        ('{"type": "message", "message": 7}', "bad_frame"),
        ('{"type": "message", "message": ["a"]}', "bad_frame"),
        ('{"type": "message", "message": "a", "conversation": "x"}', "bad_frame"),
        ('{"type": "message", "message": "a", "conversation": 7}', "bad_frame"),
        (
            f'{{"type": "message", "message": "a", "client_id": "{{{ID}}}"}}',
            "bad_frame",
        ),
        (
            f'{{"type": "message", "message": "a", "client_id": "{"z" * 36}"}}',
            "bad_frame",
        ),
        ('{"type": "resume", "after": 1}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}"}}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}", "after": "1"}}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}", "after": true}}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}", "after": 1.5}}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}", "after": -1}}', "bad_frame"),
        (f'{{"type": "resume", "conversation": "{ID}", "after": 1e400}}', "bad_frame"),
        (
            f'{{"type": "resume", "conversation": "{ID}", "after": {2**63}}}',
            "bad_frame",
        ),
        (
            f'{{"type": "resume", "conversation": "{ID}", "after": {"9" * 5000}}}',
            "bad_frame",
        ),
        ('{"a":' * 2500 + "1" + "}" * 2500, "bad_frame"),
        ("{" + '"a":[' * 3000, "bad_frame"),
        ("x" * 16_385, "too_large"),
        ("ä" * 8_193, "too_large"),
        (" " * 16_385, "too_large"),
    ],
)
def test_what_cannot_be_read_says_why(text, code):
    with pytest.raises(FrameError) as refused:
        read_frame(text)

    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_exactly_the_largest_frame_is_read():
    assert read_frame("x" * 16_384) == Ask("x" * 16_384)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_frame"),
        (b'{"type": "ping"}', "bad_frame"),
        (b"x" * 16_385, "too_large"),
    ],
)
def test_binary_is_not_understood(data, code):
    with pytest.raises(FrameError) as refused:
        read_frame(None, data)

    assert refused.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=8,
)
frames = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["message", "stop", "resume", "ping"]) | json_values,
        "message": json_values,
        "conversation": st.uuids().map(str) | json_values,
        "client_id": st.uuids().map(str) | json_values,
        "after": st.integers() | json_values,
    },
)


@given(st.text() | frames.map(json.dumps) | st.text().map(lambda t: "{" + t))
def test_whatever_comes_is_read_or_refused(text):
    said = None
    with suppress(FrameError):
        said = read_frame(text)

    if isinstance(said, Ask):
        assert said.question.strip()
        assert "\0" not in said.question
        assert said.question.encode()


def test_a_frame_never_holds_what_utf8_cannot():
    assert encode({"message": "\ud800"}).encode() == b'{"message":"\\ud800"}'
