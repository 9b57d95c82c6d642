"""Turns without a socket: what REST and the terminal get, and how turns end."""

import asyncio
import time
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from agents.conversations import ConversationLog
from agents.exceptions import (
    EmptyQuestion,
    QuestionTooLong,
    TooMany,
    TurnRunning,
    UnknownAgent,
    UnknownConversation,
)
from agents.frames import Ask
from agents.models import Conversation, Turn
from agents.rates import Rates
from agents.turns import TurnRunner
from tests.fakes.chat import Notebook, ScriptedManager

pytestmark = pytest.mark.django_db(transaction=True)
AGENT = "tws-analyzer"


@pytest.fixture
def manager():
    return ScriptedManager()


@pytest.fixture
def memory():
    return Notebook()


@pytest.fixture
async def runner(manager, memory):
    runner = TurnRunner(manager, memory, seconds=5, grace=1)
    yield runner
    await runner.aclose()


async def rows() -> list[Turn]:
    return await sync_to_async(list)(
        Turn.objects.select_related("conversation").order_by("created_at")
    )


async def test_asking_gives_the_whole_result(runner, operator):
    result = await runner.ask(user=operator, agent_id=AGENT, message=" tool JOB_A ")

    (row,) = await rows()
    assert result == {
        "turn": str(row.id),
        "conversation": str(row.conversation_id),
        "agent": AGENT,
        "answer": "One job is in **ABEND**.",
        "status": "ok",
        "mode": "computed",
        "tools": [
            {
                "name": "TWSStatusTool",
                "arguments": {"job": "JOB_A"},
                "status": "ok",
                "ms": 50,
            }
        ],
        "grounding": {"supported": 2, "unsupported": 1, "claims": [{"text": "w0"}]},
        "sources": [],
        "error": "",
    }


async def test_a_turn_leaves_its_row_with_everything(runner, operator):
    await runner.ask(user=operator, agent_id=AGENT, message="tool JOB_A")

    (row,) = await rows()
    assert row.conversation.user_id == operator.pk
    assert row.conversation.title == "tool JOB_A"
    assert row.question == "tool JOB_A"
    assert row.answer == "One job is in **ABEND**."
    assert (row.status, row.mode, row.number) == ("ok", "computed", 1)
    assert row.tools[0]["output"] == "1 job in ABEND"
    assert row.evidence[0]["data"] == {"counts": {"ABEND": 1}}
    assert row.grounding["unsupported"] == 1
    assert row.finished_at >= row.created_at
    assert row.lease_until is None
    assert row.conversation.next_seq == row.last_seq + 1


async def test_an_answered_turn_is_remembered(runner, memory, operator):
    result = await runner.ask(user=operator, agent_id=AGENT, message="tool JOB_A")

    (remembered,) = memory.turns
    assert str(remembered.turn_id) == result["turn"]
    assert str(remembered.conversation_id) == result["conversation"]
    assert remembered.user_id == operator.pk
    assert remembered.evidence[0]["tool"] == "TWSStatusTool"


async def test_what_no_database_takes_is_cleaned_before_it_is_saved(runner, operator):
    await runner.ask(user=operator, agent_id=AGENT, message="foreign")

    (row,) = await rows()
    assert row.status == "ok"
    assert row.answer == "ab \ufffd c <script>alert(1)</script>"
    assert row.tools == [
        {
            "call_id": "c1",
            "name": "X",
            "arguments": {"a": "\ufffd", "n": None},
            "status": "ok",
            "output": "o\ufffd",
            "ms": 1,
        }
    ]
    assert row.evidence == [{"log": "\ufffd"}]


@pytest.mark.parametrize("message", ["crash", "failed", "long"])
async def test_what_was_not_answered_is_not_remembered(
    runner, memory, operator, message
):
    result = await runner.ask(user=operator, agent_id=AGENT, message=message)

    assert result["status"] != "ok"
    assert memory.turns == []


async def test_the_terminal_asks_without_a_user(runner):
    result = await runner.ask(user=None, agent_id=AGENT, message="hello")
    again = await runner.ask(
        user=None, agent_id=AGENT, message="more", conversation=result["conversation"]
    )

    assert again["conversation"] == result["conversation"]


async def test_streaming_gives_the_frames_of_a_socket(runner, operator):
    frames = [
        frame
        async for frame in runner.stream(
            user=operator, agent_id=AGENT, message="words 3 0.06"
        )
    ]

    assert [f["type"] for f in frames] == ["message", *["stream"] * 3, "message"]
    assert frames[-1]["is_final"]
    assert frames[-1]["message"] == "w0 w1 w2 "


async def test_the_agent_knows_what_was_said_before(runner, manager, operator):
    first = await runner.ask(user=operator, agent_id=AGENT, message="one")
    for message in ("crash", "two"):
        await runner.ask(
            user=operator,
            agent_id=AGENT,
            message=message,
            conversation=first["conversation"],
        )

    history = manager.agents[AGENT].histories[-1]
    assert [item.question for item in history] == ["one", "crash"]
    assert history[0].answer == "You asked: one"


@pytest.mark.parametrize(
    ("message", "error"),
    [("  \n", EmptyQuestion), ("\0", EmptyQuestion), ("x" * 16_385, QuestionTooLong)],
)
async def test_what_is_no_question_is_refused(runner, operator, message, error):
    with pytest.raises(error):
        await runner.ask(user=operator, agent_id=AGENT, message=message)

    assert await rows() == []


async def test_an_unknown_agent_is_refused(runner, operator):
    with pytest.raises(UnknownAgent):
        await runner.ask(user=operator, agent_id="nobody", message="hello")


@pytest.mark.parametrize("agent_id", [AGENT, "tws-troubleshooter"])
async def test_a_conversation_of_nobody_of_another_user_or_agent_is_unknown(
    runner, operator, reviewer, agent_id
):
    hers = await runner.ask(user=reviewer, agent_id=AGENT, message="hello")
    mine = await runner.ask(user=operator, agent_id=AGENT, message="hello")
    wrong = [uuid4(), hers["conversation"]]
    if agent_id != AGENT:
        wrong.append(mine["conversation"])

    for conversation in wrong:
        with pytest.raises(UnknownConversation):
            await runner.ask(
                user=operator,
                agent_id=agent_id,
                message="hello",
                conversation=conversation,
            )


async def test_one_question_at_a_time(runner, operator):
    first = await runner.ask(user=operator, agent_id=AGENT, message="hello")
    again = {"user": operator, "agent_id": AGENT, "conversation": first["conversation"]}
    asked = [
        asyncio.create_task(runner.ask(**again, message="words 10 0.05"))
        for _ in range(10)
    ]
    await asyncio.wait(asked)

    answered = [task for task in asked if task.exception() is None]
    refused = [task for task in asked if isinstance(task.exception(), TurnRunning)]
    assert (len(answered), len(refused)) == (1, 9)
    assert len(await rows()) == 2


async def test_two_runners_never_run_two_turns_of_a_conversation(
    runner, manager, operator
):
    """Two processes, as far as the database can tell."""
    other = TurnRunner(manager, None, seconds=5, grace=1)
    first = await runner.ask(user=operator, agent_id=AGENT, message="hello")
    again = {"user": operator, "agent_id": AGENT, "conversation": first["conversation"]}
    for _ in range(3):
        results = await asyncio.gather(
            runner.ask(**again, message="words 10 0.05"),
            other.ask(**again, message="words 10 0.05"),
            return_exceptions=True,
        )
        assert {type(result) for result in results} == {dict, TurnRunning}
    await other.aclose()

    turns = await rows()
    assert [turn.number for turn in turns] == list(range(1, len(turns) + 1))


async def test_a_turn_that_ends_and_one_that_begins_do_not_deadlock(
    runner, manager, operator
):
    """Fails when the turn's row is written before the conversation's is locked."""
    other = TurnRunner(manager, None, seconds=5, grace=1)
    first = await runner.ask(user=operator, agent_id=AGENT, message="hello")
    again = {"user": operator, "agent_id": AGENT, "conversation": first["conversation"]}
    results = []
    for number in range(40):
        results += await asyncio.gather(
            runner.ask(**again, message=f"words 1 {number / 2000}"),
            other.ask(**again, message="words 1 0"),
            return_exceptions=True,
        )
        runner.rates, other.rates = (
            Rates(burst=9, per_second=1),
            Rates(burst=9, per_second=1),
        )
    await other.aclose()

    assert {type(result) for result in results} <= {dict, TurnRunning}


async def test_the_same_client_id_asks_once(runner, manager, operator):
    ask = {"user": operator, "agent_id": AGENT, "client_id": uuid4()}
    results = await asyncio.gather(
        *(runner.ask(**ask, message="words 5 0.05") for _ in range(3))
    )
    results.append(await runner.ask(**ask, message="words 5 0.05"))

    assert len({result["turn"] for result in results}) == 1
    assert len({result["answer"] for result in results}) == 1
    assert len(manager.agents[AGENT].histories) == 1


async def test_a_turn_ends_in_time_whatever_the_agent_does(manager, operator):
    runner = TurnRunner(manager, None, seconds=1)
    for message in ("hang", "stubborn"):
        began = time.monotonic()
        result = await runner.ask(user=operator, agent_id=AGENT, message=message)

        assert time.monotonic() - began < 1.9
        assert result["status"] == "failed"
        assert "took too long" in result["error"]
    await runner.aclose()


async def test_when_nobody_listens_the_agent_is_let_go(runner, manager, operator):
    log = runner.new_conversation(operator.pk, AGENT)
    await runner.start(log, Ask("hang"))
    async with asyncio.timeout(4):
        while not manager.agents[AGENT].aborted:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)

    (row,) = await rows()
    assert row.status == "interrupted"
    assert row.answer == "One moment"


async def test_closing_saves_what_runs(runner, manager, operator):
    asked = asyncio.create_task(
        runner.ask(user=operator, agent_id=AGENT, message="hang")
    )
    await asyncio.sleep(0.3)
    await runner.aclose()

    assert (await asked)["status"] == "interrupted"
    (row,) = await rows()
    assert (row.status, row.answer) == ("interrupted", "One moment")
    with pytest.raises(TurnRunning, match="restarting"):
        await runner.ask(user=operator, agent_id=AGENT, message="hello")


async def test_a_turn_of_a_dead_process_gives_way(runner, operator):
    first = await runner.ask(user=operator, agent_id=AGENT, message="hello")
    conversation = await Conversation.objects.aget(pk=first["conversation"])
    await Turn.objects.acreate(
        conversation=conversation,
        number=2,
        question="lost",
        answer="so far",
        lease_until="2020-01-01T00:00:00Z",
    )
    await runner.ask(
        user=operator,
        agent_id=AGENT,
        message="and now?",
        conversation=first["conversation"],
    )

    lost = await Turn.objects.aget(question="lost")
    assert (lost.status, lost.answer) == ("interrupted", "so far")


async def test_too_many_questions_are_refused_with_a_time(runner, operator):
    async def ask_and_ask() -> None:
        for _ in range(100):
            await runner.ask(user=operator, agent_id=AGENT, message="hello")

    with pytest.raises(TooMany) as refused:
        await ask_and_ask()

    assert 1 <= refused.value.retry_after <= 2


async def test_only_the_newest_turn_keeps_its_frames(runner, operator):
    first = await runner.ask(user=operator, agent_id=AGENT, message="one")
    await runner.ask(
        user=operator,
        agent_id=AGENT,
        message="two",
        conversation=first["conversation"],
    )

    one, two = await rows()
    assert one.frames == []
    assert [frame["type"] for frame in two.frames] == ["message", "stream"]


class Ears:
    """A follower that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def deliver(self, log: ConversationLog, seq: int, text: str) -> None:
        self.heard.append(seq)


async def test_numbers_rise_by_one_for_whoever_follows(runner, operator):
    log = runner.new_conversation(operator.pk, AGENT)
    ears = Ears()
    log.followers.add(ears)
    for _ in range(3):
        await runner.ask(
            user=operator, agent_id=AGENT, message="tool", conversation=log.id
        )

    assert ears.heard == list(range(1, len(ears.heard) + 1))
