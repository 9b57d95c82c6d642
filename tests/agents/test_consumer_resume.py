"""A socket that drops, a page that reloads, a server that restarts: nothing is lost."""

import asyncio
import signal
from uuid import UUID, uuid4

import pytest

from agents.models import Turn
from tests.fakes.ports import free_port
from tests.fakes.server import served
from tests.fakes.tab import Tab, open_tab

CHAT = "tests.fakes.chat:application"


def text_of(*tabs: Tab) -> str:
    return "".join(
        frame["message"]
        for tab in tabs
        for frame in tab.frames
        if frame["type"] == "stream"
    )


def in_conversation(tab: Tab, conversation: UUID) -> list[int]:
    return [f["seq"] for f in tab.frames if f["conversation"] == str(conversation)]


async def nothing_runs() -> None:
    """Wait until every turn has ended, as the database knows it."""
    async with asyncio.timeout(15):
        while await Turn.objects.filter(status="running").aexists():
            await asyncio.sleep(0.05)


async def test_a_dropped_socket_goes_on_where_it_was(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 30 0.05")
        for _ in range(5):
            await tab.until("stream")
        tab.drop()
    conversation, seen = tab.conversation, tab.last_seq
    async with open_tab(chat.host, session) as again:
        await again.hear()
        await again.say(type="resume", conversation=conversation, after=seen)
        final = await again.final()

    assert final["status"] == "ok"
    assert text_of(tab, again) == final["message"]
    numbers = in_conversation(again, conversation)
    assert numbers == list(range(seen + 1, seen + 1 + len(numbers)))


async def test_a_page_that_reloads_hears_the_whole_turn_again(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 30 0.05")
        await tab.until("stream")
    async with open_tab(chat.host, session) as again:
        await again.hear()
        await again.say(type="resume", conversation=tab.conversation, after=0)
        final = await again.final()

    assert text_of(again) == final["message"]
    assert [f["type"] for f in again.frames[1:4]] == ["info", "message", "stream"]


async def test_an_answer_that_ended_meanwhile_is_told_on_resume(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 8 0.05")
        await tab.until("stream")
        tab.drop()
    await nothing_runs()
    async with open_tab(chat.host, session) as again:
        await again.hear()
        await again.say(
            type="resume", conversation=tab.conversation, after=tab.last_seq
        )
        final = await again.final()

    assert (final["status"], final["message"]) == ("ok", text_of(tab, again))


async def test_two_tabs_see_the_same_answer(chat, session):
    async with (
        open_tab(chat.host, session) as tab,
        open_tab(chat.host, session) as other,
    ):
        await tab.hear()
        await other.hear()
        conversation = tab.conversation
        await other.say(type="resume", conversation=conversation, after=0)
        await other.until("info", conversation=str(conversation))
        await tab.ask("words 10 0.05")
        assert await tab.final() == await other.final()

    assert in_conversation(tab, conversation) == in_conversation(other, conversation)


async def test_a_turn_that_nobody_listens_to_is_ended(
    chat_servers, database_url, session
):
    host = chat_servers("daphne", database_url, CHAT_GRACE_SECONDS="1").host
    async with open_tab(host, session) as tab:
        await tab.hear()
        await tab.ask("words 500 0.05")
        await tab.until("stream")
        tab.drop()
    await nothing_runs()
    async with open_tab(host, session) as again:
        await again.hear()
        await again.say(
            type="resume", conversation=tab.conversation, after=tab.last_seq
        )
        final = await again.final()

    assert final["status"] == "interrupted"
    assert "listening" in final["error"]
    assert final["message"] == text_of(tab, again)


async def test_resume_beyond_what_was_told_just_goes_on(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.say(type="resume", conversation=tab.conversation, after=2**53 - 1)
        await tab.say(type="ping")

        assert (await tab.hear())["seq"] == 2


async def test_resume_beyond_what_was_told_leaves_no_gap_for_who_listens(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 1 0")
        last = (await tab.final())["seq"]
        async with open_tab(chat.host, session) as liar:
            await liar.hear()
            await liar.say(
                type="resume", conversation=tab.conversation, after=last + 50
            )
            await liar.say(type="ping")
            heard_by_liar = await liar.hear()
        heard = await tab.hear()

    assert (heard["type"], heard["seq"]) == ("pong", last + 1)
    assert heard_by_liar["seq"] == last + 1


@pytest.mark.parametrize("kind", ["daphne", "plain-daphne", "uvicorn"])
async def test_a_server_that_stops_tells_the_browser_and_saves_the_text(
    kind, database_url, session
):
    port = free_port()
    env = {"DATABASE_URL": database_url}
    with served(kind, CHAT, env, port=port) as server:
        async with open_tab(server.host, session) as tab:
            await tab.hear()
            await tab.ask("words 500 0.05")
            await tab.until("stream")
            await asyncio.sleep(1.2)  # plain Daphne forgets a young connection
            server.process.send_signal(signal.SIGTERM)
            code = await tab.closed()
        seconds = server.end()
        assert "Traceback" not in server.log
    row = await Turn.objects.aget()
    with served(kind, CHAT, env, port=port) as server:
        async with open_tab(server.host, session) as again:
            await again.hear()
            await again.say(
                type="resume", conversation=tab.conversation, after=tab.last_seq
            )
            await again.say(type="ping")
            following = await again.hear()
            await again.say(type="resume", conversation=tab.conversation, after=0)
            final = await again.final()

    # Plain Daphne cannot say 1012; the browser comes back all the same.
    assert code == (1006 if kind == "plain-daphne" else 1012)
    assert seconds < 5
    assert row.status == "interrupted"
    assert row.answer.startswith(text_of(tab)) or text_of(tab).startswith(row.answer)
    assert final["status"] == "interrupted"
    assert final["message"] == row.answer
    if kind != "uvicorn":  # which closes before the application can tell the end
        assert tab.frames[-1]["status"] == "interrupted"
        assert tab.frames[-1]["message"] == text_of(tab) == row.answer
        assert following["type"] == "pong"
        assert following["seq"] == tab.last_seq + 1


async def test_after_a_kill_the_turn_is_interrupted_with_the_text_that_was_saved(
    database_url, session
):
    port = free_port()
    env = {"DATABASE_URL": database_url}
    with served("daphne", CHAT, env, port=port) as server:
        async with open_tab(server.host, session) as tab:
            await tab.hear()
            await tab.ask("words 500 0.05")
            async with asyncio.timeout(10):
                while len(text_of(tab)) < 120:
                    await tab.hear()
            server.end(signal.SIGKILL)
            assert await tab.closed() == 1006
    with served("daphne", CHAT, env, port=port) as server:
        async with open_tab(server.host, session) as again:
            await again.hear()
            await again.say(
                type="resume", conversation=tab.conversation, after=tab.last_seq
            )
            final = await again.final(patience=12)
            await again.ask("and now?")
            answer = await again.final()

    assert final["status"] == "interrupted"
    assert final["message"].startswith("w0 w1 w2")
    assert text_of(tab).startswith(final["message"])
    assert final["seq"] == tab.last_seq + 1
    assert answer["status"] == "ok"


async def test_two_processes_never_run_two_turns_of_a_conversation(
    database_url, session
):
    env = {"DATABASE_URL": database_url}
    with served("daphne", CHAT, env) as one, served("uvicorn", CHAT, env) as two:
        async with open_tab(one.host, session) as tab:
            await tab.hear()
            await tab.ask("first")
            await tab.final()
            conversation = tab.conversation
            client_id = uuid4()
            async with open_tab(two.host, session) as other:
                await other.hear()
                await other.say(type="resume", conversation=conversation, after=0)
                await other.until("message", is_final=True)
                await tab.ask("words 100 0.05", client_id=client_id)
                await tab.until("stream")
                await other.ask("me too", conversation=conversation)
                busy = await other.until("error")

                # The same question joins, and follows through the row.
                await other.ask(
                    "words 100 0.05", conversation=conversation, client_id=client_id
                )
                await other.until("stream", patience=5)
                await other.say(type="stop")
                stopped = await other.final(patience=5)
            final = await tab.final(patience=5)

    assert busy["code"] == "busy"
    assert stopped["status"] == final["status"] == "stopped"
    assert stopped["turn"] == final["turn"]
    assert await Turn.objects.acount() == 2
