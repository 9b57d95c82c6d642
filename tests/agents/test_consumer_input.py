"""Bad input on real servers: each has its answer, and the socket lives on."""

import asyncio
import json
import random

import pytest

from tests.fakes.tab import open_tab


async def assert_alive(tab) -> None:
    await tab.say(type="ping")
    assert (await tab.hear())["type"] == "pong"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param("   ", "empty", id="spaces"),
        pytest.param("\0", "empty", id="NUL"),
        pytest.param("{", "bad_frame", id="cut JSON"),
        pytest.param('{"type": "dance"}', "bad_frame", id="unknown type"),
        pytest.param('{"type": "message", "message": 1}', "bad_frame", id="number"),
        pytest.param(b"hello", "bad_frame", id="binary"),
        pytest.param(b"", "bad_frame", id="empty binary"),
        pytest.param("", "empty", id="empty text"),
        pytest.param('{"a":' * 3000, "bad_frame", id="deep"),
    ],
)
async def test_bad_input_is_answered_and_the_socket_lives_on(chat, session, sent, code):
    async with open_tab(chat.host, session) as tab:
        info = await tab.hear()
        await tab.socket.send(sent)
        error = await tab.hear()
        await assert_alive(tab)

    assert (error["type"], error["code"]) == ("error", code)
    assert error["message"]
    assert error["seq"] == info["seq"] + 1
    assert error["conversation"] == info["conversation"]


@pytest.mark.parametrize("size", [16_385, 65_537, 1_000_000])
@pytest.mark.parametrize("kind", ["text", "binary", "fragments"])
async def test_a_frame_that_is_too_large_closes_with_4413(chat, session, size, kind):
    sent = {
        "text": "x" * size,
        "binary": b"x" * size,
        "fragments": ["ä" * (size // 16)] * 9,
    }[kind]
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.socket.send(sent)
        code = await tab.closed()

    assert code == 4413
    assert (tab.frames[-1]["type"], tab.frames[-1]["code"]) == ("error", "too_large")


async def test_a_frame_of_any_size_closes_with_4413(
    chat_servers, database_url, session
):
    """Daphne's own limit would end the connection without a word."""
    host = chat_servers("daphne", database_url).host
    async with open_tab(host, session) as tab:
        await tab.hear()
        await tab.socket.send("ä" * 4_000_000)

        assert await tab.closed() == 4413


async def test_exactly_the_largest_frame_is_answered(chat, session):
    question = "x" * 16_384
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.socket.send(question)
        final = await tab.final()

    assert final["message"] == f"You asked: {question}"


async def test_a_thousand_random_frames_harm_nothing(chat, session):
    dice = random.Random(7)
    shapes = [
        "{",
        "}",
        "[",
        '"',
        ":",
        ",",
        "\\",
        "type",
        "message",
        "ping",
        "\0",
        "é",
        "1e9",
    ]
    before = len(chat.log)
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        for _ in range(500):
            text = "{" + "".join(dice.choices(shapes, k=dice.randrange(12)))
            await tab.socket.send(dice.choice([text, text.encode()]))
            answer = await tab.hear()
            assert answer["type"] == "error"
        await assert_alive(tab)

    assert "Traceback" not in chat.log[before:]


async def test_too_many_questions_of_one_person_close_all_their_sockets(
    chat, eager, session
):
    async with (
        open_tab(chat.host, eager) as tab,
        open_tab(chat.host, eager) as other,
        open_tab(chat.host, session) as bystander,
    ):
        for socket in (tab, other, bystander):
            await socket.hear()
        for _ in range(70):
            await tab.ask("hang")
            await other.ask("hang")
        codes = await asyncio.gather(tab.closed(), other.closed())
        await bystander.ask("and me?")
        answer = await bystander.final()

    last = [t.frames[-1] for t in (tab, other)]
    assert codes == [4429, 4429]
    assert [frame["code"] for frame in last] == ["rate_limited"] * 2
    assert answer["status"] == "ok"


async def test_a_flood_of_frames_is_closed_with_4429(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        ping = json.dumps({"type": "ping"})
        for _ in range(3000):
            await tab.socket.send(ping)

        assert await tab.closed() == 4429
