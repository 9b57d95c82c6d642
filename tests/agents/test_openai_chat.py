"""The door to openai against a real server on loopback that misbehaves by script."""

import asyncio
import time
from contextlib import aclosing

import pytest

from agents.llm import openai_chat
from agents.llm.openai_chat import OpenAIChat
from agents.llm.port import (
    Finished,
    LlmMalformed,
    LlmRefused,
    LlmTimeout,
    LlmTruncated,
    LlmUnavailable,
    Message,
    TextDelta,
    ToolCall,
    ToolSpec,
)
from tests.fakes import llm as fake
from tests.fakes.llm import FakeLlm, chunk

ASK = [Message("system", "You answer."), Message("user", "Is all well?")]
STATUS = ToolSpec("tws_status", "The plan.", {"type": "object", "properties": {}})
KEY = "sk-canary-0815"


@pytest.fixture
async def chat(llm: FakeLlm):
    model = OpenAIChat(
        llm.base_url, KEY, "m1", max_retries=0, first_token=1.0, idle=0.5
    )
    yield model
    await model.aclose()


async def read(model: OpenAIChat, **more):
    """The text so far, the end, the error: whichever came."""
    text, end, error = "", None, None
    try:
        async with aclosing(model.stream(ASK, **more)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                else:
                    end = event
    except openai_chat.LlmError as exc:
        error = exc
    return text, end, error


async def test_an_answer_streams_in_pieces_and_ends_with_the_reason(llm, chat):
    llm.script(fake.text("All ", "is ", "well.", tokens=42))

    events = [event async for event in chat.stream(ASK, [STATUS], max_tokens=50)]

    assert events == [
        TextDelta("All "),
        TextDelta("is "),
        TextDelta("well."),
        Finished("stop", (), 42),
    ]
    request = llm.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "m1",
        "messages": [
            {"role": "system", "content": "You answer."},
            {"role": "user", "content": "Is all well?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "max_tokens": 50,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "tws_status",
                    "description": "The plan.",
                    "parameters": {"type": "object", "properties": {}},
                },
            }
        ],
    }


async def test_tool_calls_are_put_together_from_their_pieces(llm, chat):
    llm.script(fake.calls(("tws_job", {"name": "A"}), ("tws_status", {})))

    _, end, _ = await read(chat)

    assert end == Finished(
        "tool_calls",
        (
            ToolCall("call_0", "tws_job", '{"name": "A"}'),
            ToolCall("call_1", "tws_status", "{}"),
        ),
        7,
    )


async def test_calls_and_their_results_are_sent_back_in_the_portable_shape(llm, chat):
    call = ToolCall("c1", "tws_status", "{}")
    history = [
        Message("user", "?"),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", '{"status": "ok"}', tool_call_id="c1"),
    ]

    _ = [event async for event in chat.stream(history)]

    assert llm.requests[0].messages[1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "tws_status", "arguments": "{}"},
                }
            ],
        },
        {"role": "tool", "content": '{"status": "ok"}', "tool_call_id": "c1"},
    ]


LOOSE = {
    "content as parts": (
        [
            chunk({"content": [{"type": "text", "text": "yes"}]}),
            chunk({}, finish="stop"),
        ],
        "yes",
        (),
    ),
    "arguments as an object": (
        [
            chunk(
                {
                    "tool_calls": [
                        {
                            "index": 0,
                            "id": "a",
                            "function": {"name": "f", "arguments": {"x": 1}},
                        }
                    ]
                },
                finish="tool_calls",
            )
        ],
        "",
        (ToolCall("a", "f", '{"x": 1}'),),
    ),
    "no index, no id": (
        [
            chunk({"tool_calls": [{"function": {"name": "f", "arguments": '{"x"'}}]}),
            chunk({"tool_calls": [{"index": None, "function": {"arguments": ":1}"}}]}),
            chunk({"tool_calls": [{"function": {"name": "g", "arguments": "{}"}}]}),
            chunk({}, finish="tool_calls"),
        ],
        "",
        (ToolCall("call_0", "f", '{"x":1}'), ToolCall("call_1", "g", "{}")),
    ),
    "every call at index 0": (
        [
            chunk({"tool_calls": [{"index": 0, "id": i, "function": {"name": i}}]})
            for i in ("a", "b")
        ]
        + [chunk({}, finish="tool_calls")],
        "",
        (ToolCall("a", "a", ""), ToolCall("b", "b", "")),
    ),
    "calls, but the reason says stop": (
        [
            chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f"}}]}),
            chunk({}, finish="stop"),
        ],
        "",
        (ToolCall("a", "f", ""),),
    ),
    "delta null, choices null, usage alone": (
        [
            {"choices": None},
            {"choices": []},
            chunk(None),
            chunk({"content": "yes"}),
            chunk(None, finish="stop"),
            {"usage": {"total_tokens": None}, "choices": []},
        ],
        "yes",
        (),
    ),
    "thoughts beside the answer": (
        [
            chunk({"content": None, "reasoning_content": "no, wait"}),
            chunk({"content": "yes"}),
            chunk({}, finish="stop"),
        ],
        "yes",
        (),
    ),
    "comments, CRLF, no blank after data:": (
        [
            b": ping\r\n\r\n",
            b'data:{"choices":[{"delta":{"content":"yes"},"finish_reason":"stop"}]}\r\n\r\n',
        ],
        "yes",
        (),
    ),
    "a character split over packets, and broken UTF-8": (
        [
            b'data: {"choices":[{"delta":{"content":"\xc3',
            b'\xa9 \xff"},"finish_reason":"stop"}]}\n\n',
        ],
        "é \ufffd",
        (),
    ),
}


@pytest.mark.parametrize("case", LOOSE)
async def test_loose_shapes_are_read_for_what_they_mean(llm, chat, case):
    payloads, text, calls = LOOSE[case]
    llm.script(fake.events(*payloads))

    got, end, error = await read(chat)

    assert (got, end and end.tool_calls, error) == (text, calls, None)


FAULTS = {
    "401": (fake.error(401, KEY), LlmRefused, ""),
    "403": (fake.error(403), LlmRefused, ""),
    "404": (fake.error(404), LlmRefused, ""),
    "400": (fake.error(400, "context overflow"), LlmRefused, ""),
    "redirect": (fake.raw(b"", status=302, Location="/login"), LlmRefused, ""),
    "429": (fake.error(429), LlmUnavailable, ""),
    "500": (fake.error(500), LlmUnavailable, ""),
    "502 with HTML": (fake.html(502), LlmUnavailable, ""),
    "200 with HTML": (fake.html(), LlmMalformed, ""),
    "200 with plain JSON": (
        fake.json_body(fake.completion({"content": "hi"})),
        LlmMalformed,
        "",
    ),
    "200 with cut JSON": (fake.raw(b'{"choices": [{'), LlmMalformed, ""),
    "HTML in a stream": (fake.raw(b"<html>\n\n", kind="text/event-stream"), None, ""),
    "no chunks at all": (fake.events(done=False), None, ""),
    "broken JSON in an event": (
        fake.events(chunk({"content": "a"}), b"data: {oops\n\n"),
        LlmMalformed,
        "a",
    ),
    "deep nesting": (fake.events(b"data: " + b"[" * 100_000), LlmMalformed, ""),
    "a line without an end": (
        fake.events(b"data: " + b"x" * 1_100_000),
        LlmMalformed,
        "",
    ),
    "JSON that is a list": (fake.events([1]), LlmMalformed, ""),
    "choices of strings": (fake.events({"choices": ["x"]}), LlmMalformed, ""),
    "error object in the stream": (
        fake.events(
            chunk({"content": "a"}), {"error": {"message": KEY, "code": "overloaded"}}
        ),
        LlmUnavailable,
        "a",
    ),
    "event: error": (
        fake.events(chunk({"content": "a"}), b"event: error\ndata: {}\n\n"),
        LlmUnavailable,
        "a",
    ),
    "cut hard": (fake.cut("a", "b"), LlmTruncated, "ab"),
    "cut cleanly": (fake.cut("a", hard=False), LlmTruncated, "a"),
    "DONE without a finish": (fake.text("a", finish=None), LlmTruncated, "a"),
    "unheard-of finish": (fake.text("a", finish="aborted"), LlmMalformed, "a"),
    "silence": (fake.hang(), LlmTimeout, ""),
    "silence in the middle": (fake.hang("a"), LlmTimeout, "a"),
    "only keep-alives": (
        fake.events(*[b": ping\n\n"] * 3, done=False),
        None,
        "",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_what_is_no_whole_answer_is_an_error_of_the_port(llm, chat, case):
    reply, kind, text = FAULTS[case]
    llm.script(reply)

    got, end, error = await read(chat)

    assert (got, end) == (text, None)
    assert type(error) is (kind or LlmTruncated)
    assert KEY not in str(error)
    assert error.__cause__ is None
    assert str(error).endswith(".")


async def test_an_answer_cut_by_its_length_says_so(llm, chat):
    llm.script(fake.text("All is", finish="length"))

    assert await read(chat) == ("All is", Finished("length", (), 7), None)


async def test_a_finished_answer_stands_when_only_the_count_is_missing(llm, chat):
    chat.idle = 30.0

    def never_ends(wire):
        wire.head(200, "text/event-stream")
        wire.event(chunk({"content": "yes"}, finish="stop"))
        wire.wait(30)

    llm.script(never_ends)
    began = time.monotonic()

    assert await read(chat) == ("yes", Finished("stop", (), 0), None)
    assert time.monotonic() - began < 2


async def test_nobody_listens(chat):
    dead = OpenAIChat("http://127.0.0.1:9/v1", "", "m", max_retries=0)

    _, _, error = await read(dead)

    assert type(error) is LlmUnavailable
    await dead.aclose()


@pytest.mark.parametrize("url", ["http://[", "http://exa mple", "http://:0:0"])
async def test_an_address_that_is_none(url):
    model = OpenAIChat(url, "", "m", max_retries=0)

    _, _, error = await read(model)

    assert isinstance(error, LlmMalformed | LlmUnavailable)
    await model.aclose()


async def test_a_key_that_cannot_be_sent_is_refused_before_it_is():
    model = OpenAIChat("http://127.0.0.1:9/v1", "schlüssel→", "m", max_retries=0)

    _, _, error = await read(model)

    assert type(error) is LlmRefused
    await model.aclose()


async def test_one_overload_is_tried_again_but_a_long_wait_is_not(llm):
    model = OpenAIChat(llm.base_url, "", "m", max_retries=1, first_token=10)
    llm.script(fake.error(429), fake.text("ok"))

    assert (await read(model))[0] == "ok"

    llm.script(fake.error(429, Retry_After="90"))
    began = time.monotonic()
    _, _, error = await read(model)

    assert type(error) is LlmUnavailable
    assert time.monotonic() - began < 1
    assert len(llm.requests) == 3
    await model.aclose()


async def test_leaving_a_stream_hangs_up_at_once(llm, chat):
    llm.script(fake.drip(every=0.05))
    stream = chat.stream(ASK)
    assert await anext(stream) == TextDelta("x")

    left = time.monotonic()
    await stream.aclose()

    assert await asyncio.to_thread(llm.requests[0].gone.wait, 2)
    assert llm.requests[0].gone_at - left < 0.1


async def test_a_cancelled_task_hangs_up_at_once(llm, chat):
    llm.script(fake.hang())
    chat.first_token = 30.0
    task = asyncio.create_task(read(chat))
    while not llm.requests:
        await asyncio.sleep(0.01)

    left = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(llm.requests[0].gone.wait, 2)
    assert llm.requests[0].gone_at - left < 0.1


@pytest.mark.parametrize(
    ("complaint", "field", "instead"),
    [
        ("unknown field stream_options", "stream_options", None),
        ("use max_completion_tokens instead", "max_tokens", "max_completion_tokens"),
        ("temperature must be 1", "temperature", None),
    ],
)
async def test_an_endpoint_is_spoken_to_in_its_own_dialect(
    llm, chat, complaint, field, instead
):
    llm.script(fake.error(400, complaint), fake.text("ok"), fake.text("ok"))

    for _ in range(2):
        assert (await read(chat, max_tokens=9))[0] == "ok"

    first, second, third = (request.body for request in llm.requests)
    assert field in first
    assert field not in second
    assert field not in third  # remembered
    assert instead is None or third[instead] == 9


async def test_json_is_asked_for_in_the_way_that_the_endpoint_takes(llm, chat):
    schema = {"type": "object"}
    llm.script(
        fake.error(400, "no such response_format"),
        fake.error(500),
        fake.text("{}"),
        fake.text("{}"),
    )

    for _ in range(2):
        reply = await chat.complete(ASK, max_tokens=9, json_schema=schema)
        assert (reply.text, reply.reason, reply.tokens) == ("{}", "stop", 7)

    formats = [r.body.get("response_format", {}).get("type") for r in llm.requests]
    assert formats == ["json_schema", "json_object", None, None]
    assert llm.requests[0].body["response_format"]["json_schema"]["schema"] == schema


async def test_a_refusal_for_another_reason_does_not_change_the_dialect(llm, chat):
    llm.script(*[fake.error(400, "context overflow")] * 3, fake.text("{}"))
    with pytest.raises(LlmRefused):
        await chat.complete(ASK, max_tokens=9, json_schema={"type": "object"})

    await chat.complete(ASK, max_tokens=9, json_schema={"type": "object"})

    assert llm.requests[-1].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "reply",
    [
        fake.html(),
        fake.raw(b'{"choices": [{'),
        fake.json_body({"error": {"message": KEY}}),
        fake.json_body({"choices": None}),
        fake.json_body({"choices": []}),
        fake.json_body([]),
        fake.raw(b"\xff\xfe"),
        fake.json_body({"choices": [{"message": {"content": "x"}}]}),
        fake.raw(b"x" * 4_100_000),
    ],
    ids=[
        "html",
        "cut",
        "error",
        "choices null",
        "no choices",
        "list",
        "bytes",
        "no finish",
        "huge",
    ],
)
async def test_a_reply_that_is_none_is_never_taken_for_one(llm, chat, reply):
    llm.script(reply)

    with pytest.raises(openai_chat.LlmError) as caught:
        await chat.complete(ASK, max_tokens=9)

    assert KEY not in str(caught.value)


async def test_a_long_reply_says_that_it_was_cut(llm, chat):
    llm.script(fake.text('{"is_inc', finish="length"))

    reply = await chat.complete(ASK, max_tokens=9)

    assert (reply.text, reply.reason) == ('{"is_inc', "length")


async def test_text_that_no_wire_can_carry_is_mended_before_it_is_sent(llm, chat):
    llm.script(fake.text("ok"))

    _ = [event async for event in chat.stream([Message("user", "a\ud800b\0c")])]

    assert llm.requests[0].messages[0]["content"] == "a\ufffdbc"


async def test_nothing_of_the_environment_reaches_the_endpoint(llm, chat, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-canary")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    llm.script(fake.text("ok"))

    assert (await read(chat))[0] == "ok"
    assert "canary" not in str(llm.requests[0].headers).replace(KEY, "")


async def test_ping_takes_any_answer_but_a_refusal(llm, chat):
    await chat.ping()
    llm.models_reply = fake.error(404)
    await chat.ping()
    assert [probe.path for probe in llm.probes] == ["/v1/models", "/v1/models"]

    llm.models_reply = fake.error(401)
    with pytest.raises(LlmRefused):
        await chat.ping()


def test_without_an_endpoint_answers_are_computed_and_nobody_judges(settings):
    settings.LLM_BASE_URL = settings.AUDITOR_BASE_URL = ""

    assert openai_chat.chat_model_from_settings().mode == "computed"
    assert openai_chat.judge_model_from_settings() is None


def test_the_settings_name_endpoint_and_model(settings):
    settings.LLM_BASE_URL = "http://llm.example/v1"
    settings.LLM_MODEL = "big"
    settings.AUDITOR_BASE_URL = "http://judge.example/v1"
    settings.AUDITOR_MODEL = "strict"

    chat = openai_chat.chat_model_from_settings()
    judge = openai_chat.judge_model_from_settings()

    assert (chat.mode, chat.name) == ("llm", "big")
    assert openai_chat.chat_model_from_settings("small").name == "small"
    assert isinstance(judge, OpenAIChat)
    assert (judge.name, judge.base_url) == ("strict", "http://judge.example/v1")
    settings.AUDITOR_MODEL = ""
    assert openai_chat.judge_model_from_settings() is None
