"""The small parts of a conversation: its log, its outbox, its rates, its text."""

import asyncio
import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import conversations, outbox
from agents.conversations import ConversationLog, ConversationShelf
from agents.exceptions import TooMany, UnknownConversation
from agents.llm.text import clean
from agents.outbox import Outbox
from agents.questions import read_question
from agents.rates import Rates
from agents.text import clean_json, cut, cut_with_mark


def log_of(**fields) -> ConversationLog:
    return ConversationLog(uuid4(), 1, "agent", **fields)


class Ears:
    def __init__(self) -> None:
        self.heard: list[dict] = []

    def deliver(self, log, seq, text):
        assert json.loads(text)["seq"] == seq
        self.heard.append(json.loads(text))


def test_a_log_numbers_its_frames_and_tells_its_followers():
    log, ears = log_of(), Ears()
    log.append({"type": "info"})
    log.followers.add(ears)
    log.append({"type": "pong"})

    assert ears.heard == [{"type": "pong", "conversation": str(log.id), "seq": 2}]
    assert [told.seq for told in log.since(0)] == [1, 2]
    assert [told.seq for told in log.since(1)] == [2]
    assert log.since(2) == []


def test_a_log_forgets_its_oldest_frames_when_it_is_full():
    log = log_of()
    for _ in range(conversations.MOST_FRAMES + 10):
        log.append({"type": "pong"})
    assert log.since(0)[0].seq == 11

    log.append({"type": "stream", "message": "x" * conversations.MOST_BYTES})
    assert log.since(0) == []


@pytest.mark.parametrize(
    ("seen", "next_seq"),
    [(4, 10), (9, 10), (10, 11), (60, 61), (10 + conversations.FARTHEST_AHEAD, 10)],
)
def test_a_log_goes_on_from_what_a_client_has_seen_within_reason(seen, next_seq):
    log = log_of(next_seq=10)
    log.catch_up(seen)

    assert log.next_seq == next_seq


def test_a_log_adopts_only_what_is_new():
    log = log_of()
    log.append({"type": "info"})
    log.adopt([{"type": "a", "seq": 1}, {"type": "b", "seq": 2}], next_seq=7)

    assert [told.seq for told in log.since(0)] == [1, 2]
    assert log.next_seq == 7


def test_a_conversation_is_held_with_one_agent():
    log = log_of()
    log.must_be_with("agent")
    with pytest.raises(UnknownConversation, match="agent"):
        log.must_be_with("other")


def test_the_shelf_drops_the_longest_unused_but_none_in_use():
    shelf = ConversationShelf(most=2)
    used, old, read, new = (log_of() for _ in range(4))
    used.followers.add(Ears())
    for log in (used, old, read):
        shelf.put(log)
    assert shelf.get(old.id) is None
    shelf.get(read.id)
    shelf.put(new)

    assert shelf.get(used.id) is used
    assert shelf.get(new.id) is new
    assert shelf.get(read.id) is None


def test_the_first_log_of_a_conversation_stays():
    shelf = ConversationShelf()
    first = shelf.put(log_of())

    assert shelf.put(ConversationLog(first.id, 1, "agent")) is first


class Wire:
    """A socket's other end, which reads when it is told to."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.reads = asyncio.Event()

    async def send(self, message):
        await self.reads.wait()
        self.sent.append(message)


async def test_an_outbox_writes_in_order_and_closes_last():
    wire = Wire()
    wire.reads.set()
    out = Outbox(wire.send)
    out.accept()
    out.put("a")
    out.close(4413)
    out.put("never")
    out.close(1012)
    await out.run()

    assert [m["type"].split(".")[1] for m in wire.sent] == ["accept", "send", "close"]
    assert wire.sent[-1]["code"] == 4413


async def test_an_outbox_that_nobody_reads_is_closed_and_empty():
    wire = Wire()
    out = Outbox(wire.send)
    for _ in range(20):
        out.put("x" * (outbox.MOST_BYTES // 16))
    wire.reads.set()
    await out.run()

    assert wire.sent == [{"type": "websocket.close", "code": outbox.CLOSE_TOO_SLOW}]


async def test_who_waits_until_all_is_written_waits_for_the_reader():
    wire = Wire()
    out = Outbox(wire.send)
    writing = asyncio.create_task(out.run())
    out.put("a")
    written = asyncio.create_task(out.written())
    await asyncio.sleep(0.01)
    assert not written.done()

    wire.reads.set()
    await asyncio.wait_for(written, 1)
    writing.cancel()

    assert wire.sent == [{"type": "websocket.send", "text": "a"}]


async def test_a_write_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(outbox, "WRITE_SECONDS", 0.05)
    out = Outbox(Wire().send)
    out.put("a")
    with pytest.raises(TimeoutError):
        await out.run()


def test_rates_let_a_burst_through_and_then_the_long_run():
    now = [0.0]
    rates = Rates(burst=3, per_second=0.5, clock=lambda: now[0])
    for _ in range(3):
        rates.take("her")
    with pytest.raises(TooMany) as refused:
        rates.take("her")
    rates.take("him")

    assert refused.value.retry_after == 2
    now[0] = 2.0
    rates.take("her")
    with pytest.raises(TooMany):
        rates.take("her")
    now[0] = 1000.0
    for _ in range(3):
        rates.take("her")


def test_rates_forget_who_has_been_quiet():
    now = [0.0]
    rates = Rates(burst=2, per_second=1, clock=lambda: now[0])
    for key in range(1000):
        rates.take(key)
    now[0] = 10.0
    rates.take("new")

    assert len(rates._buckets) == 1


@given(st.text(st.characters(codec=None)) | st.text())
def test_cleaned_text_can_be_stored(text):
    cleaned = clean(text)

    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned


def test_two_halves_become_their_character():
    assert clean("\ud83d\ude80 \ud83d") == "🚀 \ufffd"


def test_nothing_that_is_kept_can_steer_a_terminal():
    assert read_question(" why\x1b[2J\r\n\tnot?\x9b1m\x7f ") == "why[2J\n\tnot?1m"
    assert clean_json({"a\x1b": "b\x07"}) == {"a": "b"}


def test_json_is_cleaned_to_its_depth():
    value = {"a\0": ["\ud800", 1, None, True, {"b": float("nan")}], "c": ("d\0",)}

    assert clean_json(value) == {
        "a": ["\ufffd", 1, None, True, {"b": None}],
        "c": ["d"],
    }


@given(st.text(), st.integers(0, 50))
def test_cut_text_is_a_beginning_that_fits(text, limit):
    short = cut(text, limit)

    assert text.startswith(short)
    assert len(short.encode()) <= limit


def test_cutting_says_so():
    assert cut_with_mark("short", 100) == "short"
    assert cut_with_mark("x" * 10, 4) == "xxxx\n… (cut at 4 bytes)"
