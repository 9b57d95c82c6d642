"""What the socket promises, on real servers: its frames, their order and their fields."""

from uuid import UUID, uuid4

import httpx
import pytest

from tests.fakes.tab import Tab, open_tab


def assert_rises_by_one(tab: Tab) -> None:
    numbers: dict[str, list[int]] = {}
    for frame in tab.frames:
        numbers.setdefault(frame["conversation"], []).append(frame["seq"])
    for seen in numbers.values():
        assert seen == list(range(seen[0], seen[0] + len(seen)))


async def test_a_connection_is_greeted_with_its_new_conversation(chat, session):
    async with open_tab(chat.host, session) as tab:
        info = await tab.hear()

    assert info["type"] == "info"
    assert info["agent"] == "tws-analyzer"
    assert "TWS Analyzer" in info["message"]
    assert info["seq"] == 1
    assert UUID(info["conversation"])


async def test_a_question_is_echoed_streamed_and_answered(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 5 0.05")
        final = await tab.final()

        echo, *streamed = [f for f in tab.frames if f["type"] in ("message", "stream")]
        assert echo["sender"] == "user"
        assert echo["message"] == "words 5 0.05"
        assert not echo["is_final"]
        pieces = [f["message"] for f in streamed if f["type"] == "stream"]
        assert len(pieces) > 1
        assert "".join(pieces) == final["message"] == "w0 w1 w2 w3 w4 "
        assert final["sender"] == "agent"
        assert (final["status"], final["mode"]) == ("ok", "llm")
        assert final["grounding"]["unsupported"] == 1
        assert final["sources"][0]["question"] == "What was it last time?"
        assert final["html"].startswith("<p>w0 w1")
        assert {f["turn"] for f in tab.frames[1:]} == {final["turn"]}
        assert_rises_by_one(tab)


async def test_plain_text_is_a_question_too(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.socket.send("  [what] runs?\n")
        final = await tab.final()

    assert final["message"] == "You asked: [what] runs?"


async def test_tools_are_told_when_they_start_and_end(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("tool JOB_A")
        await tab.final()

    starts, ends = (f for f in tab.frames if f["type"] == "tool")
    assert starts["state"] == "running"
    assert starts["name"] == "TWSStatusTool"
    assert starts["arguments"] == {"job": "JOB_A"}
    assert (ends["state"], ends["output"], ends["ms"]) == ("ok", "1 job in ABEND", 50)
    assert_rises_by_one(tab)


async def test_ping_is_answered_also_while_an_answer_comes(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 10 0.05")
        for _ in range(3):
            await tab.say(type="ping")
            await tab.until("pong")
        await tab.final()
        assert_rises_by_one(tab)


async def test_stop_ends_the_turn_within_a_second_with_the_text_so_far(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 500 0.02")
        await tab.until("stream")
        await tab.say(type="stop")
        final = await tab.final(patience=1)

    pieces = "".join(f["message"] for f in tab.frames if f["type"] == "stream")
    assert final["status"] == "stopped"
    assert final["message"] == pieces != ""


async def test_stop_does_not_wait_for_an_agent_that_does_not_stop(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("stubborn")
        await tab.until("stream")
        await tab.say(type="stop")
        final = await tab.final(patience=1)
        await tab.ask("and now?")
        answer = await tab.final()

    assert final["status"] == "stopped"
    assert final["message"].startswith("I do not stop")
    assert answer["message"] == "You asked: and now?"


async def test_stop_with_nothing_running_is_ignored(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.say(type="stop")
        await tab.say(type="ping")

        assert (await tab.hear())["type"] == "pong"


async def test_a_second_question_while_one_is_answered_is_busy(chat, session):
    async with open_tab(chat.host, session) as tab:
        info = await tab.hear()
        await tab.ask("words 20 0.05")
        await tab.until("stream")
        async with open_tab(chat.host, session) as other:
            await other.hear()
            await other.ask("me too", conversation=info["conversation"])
            elsewhere = await other.until("error")
        await tab.ask("and this?")
        error = await tab.until("error", socket=info["socket"])
        final = await tab.final()

    assert elsewhere["code"] == error["code"] == "busy"
    assert elsewhere["conversation"] == info["conversation"]
    assert final["status"] == "ok"
    assert_rises_by_one(tab)


async def test_an_agent_that_breaks_is_told_and_the_socket_stays(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("crash")
        final = await tab.final()
        error = next(f for f in tab.frames if f["type"] == "error")
        await tab.ask("still there?")
        answer = await tab.final()

    assert error["code"] == "turn_failed"
    assert "log of the server" in error["message"]
    assert (final["status"], final["message"]) == ("failed", "So far ")
    assert answer["status"] == "ok"


async def test_an_answer_that_failed_says_why(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("failed")
        error = await tab.until("error")
        final = await tab.final()

    assert error["message"] == final["error"] == "TWS: connection refused."
    assert final["status"] == "failed"


async def test_an_endless_answer_is_cut_and_says_so(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("long")
        final = await tab.final()

    pieces = "".join(f["message"] for f in tab.frames if f["type"] == "stream")
    assert final["status"] == "truncated"
    assert "32 KiB" in final["error"]
    assert final["message"] == pieces
    assert len(final["message"].encode()) == 32_768


async def test_text_that_no_database_takes_is_cleaned(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.socket.send(
            '{"type": "message", "message": "foreign\\u0000 \\ud800"}'
        )
        echo = await tab.until("message")
        final = await tab.final()

    assert echo["message"] == "foreign \ufffd"
    assert final["status"] == "ok"
    assert final["message"] == "ab \ufffd c <script>alert(1)</script>"
    assert "<script" not in final["html"]


async def test_the_same_client_id_is_one_turn_however_often_it_is_sent(chat, session):
    client_id = uuid4()
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 5 0.05", client_id=client_id)
        await tab.until("stream")
        await tab.ask("words 5 0.05", client_id=client_id)
        first = await tab.final()
        await tab.ask("words 5 0.05", client_id=client_id)
        again = await tab.final()
        async with open_tab(chat.host, session) as other:
            await other.hear()
            await other.ask("words 5 0.05", client_id=client_id)
            elsewhere = await other.final()

    assert again["turn"] == first["turn"] == elsewhere["turn"]
    assert again["message"] == first["message"] == elsewhere["message"]
    assert again["replayed"]
    assert len([f for f in tab.frames if f.get("sender") == "user"]) == 1
    assert_rises_by_one(tab)


async def test_a_turn_that_runs_is_joined_by_its_client_id(chat, session):
    client_id = uuid4()
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("words 20 0.05", client_id=client_id)
        await tab.until("stream")
        async with open_tab(chat.host, session) as other:
            await other.hear()
            await other.ask("words 20 0.05", client_id=client_id)
            joined = await other.final()
        final = await tab.final()

    assert joined == final
    pieces = "".join(f["message"] for f in other.frames if f["type"] == "stream")
    assert pieces == final["message"]
    assert_rises_by_one(other)


async def test_a_conversation_goes_on_from_another_socket(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("first")
        await tab.final()
        conversation = tab.conversation
    async with open_tab(chat.host, session) as other:
        await other.hear()
        await other.ask("second", conversation=conversation)
        final = await other.final()

    assert final["conversation"] == str(conversation)
    assert final["message"] == "You asked: second"


@pytest.mark.parametrize("say", ["ask", "resume"])
async def test_a_conversation_of_another_user_is_not_there(
    chat, session, stranger, say
):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("a secret")
        await tab.final()
        conversation = tab.conversation
        async with open_tab(chat.host, stranger) as other:
            info = await other.hear()
            if say == "ask":
                await other.ask("what was it?", conversation=conversation)
            else:
                await other.say(type="resume", conversation=conversation, after=0)
            error = await other.hear()
            unknown = uuid4()
            await other.say(type="resume", conversation=unknown, after=0)
            same = await other.hear()

    assert error["code"] == "not_found"
    assert error["conversation"] == info["conversation"]
    assert error["message"] == same["message"]
    assert "secret" not in str(other.frames)


async def test_a_conversation_with_another_agent_is_refused(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("hello")
        await tab.final()
    async with open_tab(chat.host, session, path="/ws/tws-troubleshooter/") as other:
        await other.hear()
        await other.ask("and you?", conversation=tab.conversation)
        error = await other.hear()

    assert error["code"] == "not_found"
    assert "tws-analyzer" in error["message"]


async def test_changed_agents_are_told_to_open_sockets(chat, session):
    async with open_tab(chat.host, session) as tab, httpx.AsyncClient() as http:
        await tab.hear()
        await http.get(f"http://{chat.host}/notice/queue.update")
        await http.get(f"http://{chat.host}/notice/config.update")
        update = await tab.hear()

    assert update["type"] == "config_update"
    assert update["agents"] == [
        {"id": "tws-analyzer", "name": "TWS Analyzer"},
        {"id": "tws-troubleshooter", "name": "TWS Troubleshooter"},
    ]
    assert_rises_by_one(tab)


async def test_an_answer_that_is_not_remembered_says_so(chat, session):
    async with open_tab(chat.host, session) as tab:
        await tab.hear()
        await tab.ask("unkept")
        final = await tab.final()
        error = await tab.hear()

    assert final["status"] == "ok"
    assert error["code"] == "not_remembered"
    assert error["turn"] == final["turn"]
