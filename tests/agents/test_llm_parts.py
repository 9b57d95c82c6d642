"""The small pure parts under the models: text, streams, breaker, written calls."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.breaker import HOLD_SECONDS, Breaker
from agents.llm.port import (
    Finished,
    LlmError,
    LlmMalformed,
    LlmTimeout,
    LlmUnavailable,
    ToolCall,
)
from agents.llm.reply import Reply
from agents.llm.salvage import Holdback, written_call
from agents.llm.sse import SseDecoder
from agents.llm.text import Cleaner, clean
from agents.text import cut

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=50)


@given(st.lists(ANY_TEXT, max_size=8))
def test_any_text_in_any_pieces_can_be_stored(pieces):
    cleaner = Cleaner()

    text = "".join([*(cleaner.feed(piece) for piece in pieces), cleaner.flush()])

    assert text.encode().decode() == text  # no half of a character is left
    assert "\0" not in text
    assert text == clean("".join(pieces))


@given(ANY_TEXT, st.integers(0, 60))
def test_a_clipped_text_is_a_whole_beginning(text, limit):
    whole = clean(text)

    short = cut(whole, limit)

    assert len(short.encode()) <= limit
    assert whole.startswith(short)


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_can_be_read_as_a_stream(packets):
    decoder = SseDecoder()
    for packet in packets:
        decoder.feed(packet)
    decoder.close()


@given(
    st.lists(st.text("ab:é{} ", min_size=1, max_size=9), max_size=6), st.integers(1, 7)
)
def test_a_stream_cut_anywhere_reads_the_same(data, size):
    wire = "".join(f"data: {item}\r\n\r\n" for item in data).encode()
    decoder = SseDecoder()
    found = []
    for start in range(0, len(wire), size):
        found += decoder.feed(wire[start : start + size])

    assert [text for _, text in found + decoder.close()] == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "index",
                    "id",
                    "usage",
                    "total_tokens",
                    "finish_reason",
                    "error",
                    "text",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=5))
def test_any_json_is_a_reply_or_an_error_of_ours(payloads):
    reply = Reply()
    with suppress(LlmError):
        for payload in payloads:
            assert isinstance(reply.add(payload), str)
        reply.finish()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_timeout_opens_the_breaker_until_one_turn_tries_again():
    clock = Clock()
    breaker = Breaker(clock)
    assert breaker.allows()

    breaker.failed(LlmTimeout())
    assert not breaker.allows()

    clock.now += HOLD_SECONDS
    assert HOLD_SECONDS < 60
    assert breaker.allows()
    assert not breaker.allows()  # the others wait for the one that tries

    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()


def test_two_failures_open_it_and_a_success_between_them_does_not():
    breaker = Breaker(Clock())
    breaker.failed(LlmUnavailable())
    assert breaker.allows()
    breaker.succeeded()
    breaker.failed(LlmMalformed())
    assert breaker.allows()
    breaker.failed(LlmMalformed())
    assert not breaker.allows()


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "tws_job", "arguments": {"name": "A"}}',
        '```json\n{"name": "tws_job", "arguments": {"name": "A"}}\n```',
        '```\n{"name": "tws_job", "parameters": {"name": "A"}}\n```\n',
        '<tool_call>\n{"name": "tws_job", "arguments": {"name": "A"}}\n</tool_call>',
    ],
)
def test_a_call_that_was_written_is_found(text):
    assert written_call(text, ["tws_job"]) == ToolCall(
        "written_1", "tws_job", '{"name": "A"}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tws_job",
        "[" * 5000,
        '{"name": "rm", "arguments": {}}',
        '{"name": "tws_job", "arguments": "x"}',
        'I call {"name": "tws_job", "arguments": {}}',
        '{"name": ["tws_job"], "arguments": {}}',
    ],
)
def test_what_is_no_call_is_none(text):
    assert written_call(text, ["tws_job"]) is None


@given(st.lists(st.text("{}`<ab ", max_size=6), max_size=6))
def test_nothing_of_an_answer_is_lost_by_holding_it_back(pieces):
    holdback = Holdback(["tws_job"])

    shown = [holdback.feed(piece) for piece in pieces]
    rest, end = holdback.end(Finished("stop"))

    assert "".join(shown) + rest == "".join(pieces)
    assert end == Finished("stop")
