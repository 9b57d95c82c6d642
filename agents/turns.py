"""Starts, joins, stops and finishes turns: for the socket, for REST and for the terminal.

A turn is a task of the process, not of the socket that asked: a browser that is closed
and opened again finds its answer. The database decides that only one runs in a
conversation; what is told while it runs stays in the conversation's log.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from agents.conversations import ConversationLog, ConversationShelf
from agents.db import db
from agents.exceptions import TurnRunning, UnknownConversation
from agents.frames import Ask, Frame
from agents.listeners import Reading, Waiting, listening
from agents.outcome import JsonDict, Outcome
from agents.questions import read_question
from agents.rates import Rates
from agents.remembering import Memories, remember
from agents.running import RunningTurn
from agents.turn_rows import (
    AlreadyAsked,
    Begun,
    Opened,
    begin,
    find_asked,
    open_conversation,
    stop_elsewhere,
)
from agents.turn_task import RunnableAgent, TurnTask
from agents.watching import watch

logger = logging.getLogger(__name__)

# A person asks a few times a minute; a script or a stuck key asks more.
BURST, PER_SECOND = 60, 1.0
MOST_RUNNING_PER_USER = 40
SECONDS_WITHOUT_LISTENER = 30.0
SECONDS_TO_SAVE = 5.0
SECONDS_TO_REMEMBER = 15.0
RESTARTING = "The server is restarting: ask again in a moment."
TOO_MANY_RUNNING = (
    f"{MOST_RUNNING_PER_USER} of your questions are being answered: "
    "wait for one of them or stop it."
)


class Agents(Protocol):
    """Where agents come from: the process's AgentManager."""

    async def get(self, agent_id: str) -> RunnableAgent: ...
    async def all(self) -> Sequence[RunnableAgent]: ...


@dataclass(frozen=True, slots=True)
class Started:
    """What became of a question: a turn runs, or it had been asked before.

    Neither ``turn`` nor ``outcome``: another process runs it, follow ``log``.
    """

    log: ConversationLog
    turn: RunningTurn | None = None
    outcome: Outcome | None = None


class TurnRunner:
    """The turns of this process; there is one runner."""

    def __init__(
        self,
        manager: Agents,
        memory: Memories | None = None,
        *,
        seconds: float | None = None,
        grace: float = SECONDS_WITHOUT_LISTENER,
    ) -> None:
        self.manager = manager
        self.memory = memory
        self.seconds = settings.AGENT_TURN_SECONDS if seconds is None else seconds
        self.grace = grace
        self.rates = Rates(burst=BURST, per_second=PER_SECOND)
        self._shelf = ConversationShelf()
        self._running: dict[RunningTurn, asyncio.Task[None]] = {}
        self._watching: set[asyncio.Task[Outcome | None]] = set()
        self._asking: WeakValueDictionary[tuple[int | None, UUID], asyncio.Lock] = (
            WeakValueDictionary()
        )
        self._closing = False

    def new_conversation(self, user_id: int | None, agent_id: str) -> ConversationLog:
        """A conversation that gets its row with its first question."""
        return self._shelf.put(ConversationLog(uuid4(), user_id, agent_id))

    async def open(
        self, conversation_id: UUID, user_id: int | None, *, again: bool = False
    ) -> ConversationLog:
        """The log of a conversation; ``again``: see what other processes did to it.

        Raises:
            UnknownConversation: not there, or another user's.
        """
        log = self._shelf.get(conversation_id)
        if log is not None and log.user_id != user_id:
            raise UnknownConversation
        if log is not None and (log.running or log.watched or not again):
            return log
        opened = await db(open_conversation)(conversation_id, user_id)
        if opened is None:
            if log is None:
                raise UnknownConversation
            return log  # nothing has been asked yet
        log = self._shelf.put(
            log or ConversationLog(conversation_id, user_id, opened.agent_id)
        )
        if log.running is None and log.watched is None:
            log.adopt(opened.frames, opened.next_seq)
            log.untold = opened.untold
            self._watch(log, opened)
        return log

    async def start(self, log: ConversationLog, ask: Ask) -> Started:
        """Begin to answer, or join what was asked under the same ``client_id``.

        Raises:
            UnknownAgent: the agent is gone or switched off.
            TurnRunning: one question at a time, and not too many of one user.
        """
        async with self._one_by_one(log, ask):
            joined = await self._asked_before(log, ask)
            return joined or await self._begin(log, ask)

    async def _begin(self, log: ConversationLog, ask: Ask) -> Started:
        agent = await self.manager.get(log.agent_id)
        async with log.starting:
            await self._last_turn_is_over(log)
            self._check_room(log.user_id)
            turn = RunningTurn(uuid4(), log, ask.question, ask.client_id)
            try:
                begun = await db(begin)(turn.row())
            except AlreadyAsked:  # at this moment, in another process
                joined = await self._asked_before(log, ask)
                if joined is None:
                    raise TurnRunning from None
                return joined
            self._run(turn, agent, begun)
        return Started(log, turn=turn)

    def _one_by_one(
        self, log: ConversationLog, ask: Ask
    ) -> AbstractAsyncContextManager[None]:
        """The same question, sent twice at once, waits for its first."""
        if ask.client_id is None:
            return nullcontext()
        return self._asking.setdefault((log.user_id, ask.client_id), asyncio.Lock())

    async def stop(self, log: ConversationLog) -> None:
        """End the conversation's turn with the text so far; nothing runs: nothing done."""
        if log.running is not None:
            log.running.end("stopped")
        elif log.watched is not None:
            await db(stop_elsewhere)(log.id)

    async def ask(
        self,
        *,
        user: AbstractBaseUser | None,
        agent_id: str,
        message: str,
        conversation: UUID | None = None,
        client_id: UUID | None = None,
    ) -> JsonDict:
        """One whole turn: what ``ask --json`` prints and ``POST /api/chat`` answers.

        Raises:
            EmptyQuestion, QuestionTooLong, UnknownAgent, UnknownConversation,
            TurnRunning, TooMany: as they say.
        """
        ask = Ask(read_question(message), conversation, client_id)
        log = await self._log_for(user, agent_id, conversation)
        with listening(log, Waiting()):
            outcome = await self._outcome(await self.start(log, ask))
        return outcome.result()

    async def stream(
        self,
        *,
        user: AbstractBaseUser | None,
        agent_id: str,
        message: str,
        conversation: UUID | None = None,
    ) -> AsyncIterator[Frame]:
        """The same turn frame by frame, as a socket would see it; the last is final."""
        log = await self._log_for(user, agent_id, conversation)
        reading = Reading()
        with listening(log, reading):
            started = await self.start(log, Ask(read_question(message)))
            if started.turn is not None:
                async for frame in reading.of_turn(started.turn.id):
                    yield frame
            await self._outcome(started)

    async def _log_for(
        self, user: AbstractBaseUser | None, agent_id: str, conversation: UUID | None
    ) -> ConversationLog:
        user_id = None if user is None else user.pk
        if user_id is not None:
            self.rates.take(user_id)
        if conversation is None:
            await self.manager.get(agent_id)
            return self.new_conversation(user_id, agent_id)
        log = await self.open(conversation, user_id)
        log.must_be_with(agent_id)
        return log

    async def _outcome(self, started: Started) -> Outcome:
        """Wait for the end, and for the answer to be remembered."""
        outcome = started.outcome
        if started.turn is not None:
            await started.turn.over.wait()
            outcome = started.turn.outcome
            task = self._running.get(started.turn)
            if task is not None:
                await asyncio.wait({task}, timeout=SECONDS_TO_REMEMBER)
        elif outcome is None and started.log.watched is not None:
            outcome = await asyncio.shield(started.log.watched)
        if outcome is None:
            raise UnknownConversation
        return outcome

    async def aclose(self) -> None:
        """Save what runs as interrupted; nothing new begins."""
        self._closing = True
        for turn in self._running:
            turn.end("interrupted", RESTARTING)
        for watching in self._watching:
            watching.cancel()
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=SECONDS_TO_SAVE)

    async def _asked_before(self, log: ConversationLog, ask: Ask) -> Started | None:
        if ask.client_id is None:
            return None
        for turn in self._running:
            same = turn.client_id == ask.client_id and turn.log.user_id == log.user_id
            if same and not turn.over.is_set():
                return Started(turn.log, turn=turn)
        found = await db(find_asked)(ask.client_id, log.user_id)
        if found is None:
            return None
        its_log = await self.open(found.conversation_id, log.user_id, again=True)
        if found.status == "running":
            return Started(its_log)
        return Started(its_log, outcome=found)

    async def _last_turn_is_over(self, log: ConversationLog) -> None:
        """Its row must say so too, or the database would refuse the next."""
        last = log.running
        if last is None:
            return
        if not last.over.is_set():
            raise TurnRunning
        try:
            async with asyncio.timeout(SECONDS_TO_SAVE):
                await last.saved.wait()
        except TimeoutError:
            raise TurnRunning from None

    def _check_room(self, user_id: int | None) -> None:
        if self._closing:
            raise TurnRunning(RESTARTING)
        running = sum(
            turn.log.user_id == user_id and not turn.over.is_set()
            for turn in self._running
        )
        if running >= MOST_RUNNING_PER_USER:
            raise TurnRunning(TOO_MANY_RUNNING)

    def _run(self, turn: RunningTurn, agent: RunnableAgent, begun: Begun) -> None:
        log = turn.log
        log.running = turn
        log.untold = None
        log.adopt((), begun.next_seq)
        turn.echo()
        self._running[turn] = asyncio.create_task(self._to_the_end(turn, agent, begun))

    async def _to_the_end(
        self, turn: RunningTurn, agent: RunnableAgent, begun: Begun
    ) -> None:
        try:
            task = TurnTask(turn, agent, seconds=self.seconds, grace=self.grace)
            outcome = await task.run(begun.history)
            if turn.log.running is turn:
                turn.log.running = None
            await self._remember(turn, outcome)
        except Exception:
            logger.exception("turn lost", extra={"turn_id": str(turn.id)})
            turn.give_up()
        finally:
            turn.saved.set()
            if turn.log.running is turn:
                turn.log.running = None
            del self._running[turn]

    async def _remember(self, turn: RunningTurn, outcome: Outcome) -> None:
        if self.memory is None or outcome.status != "ok":
            return
        problem = await remember(self.memory, turn.log.user_id, outcome)
        if problem:
            turn.log.append(
                {
                    "type": "error",
                    "code": "not_remembered",
                    "message": problem,
                    "turn": str(turn.id),
                }
            )

    def _watch(self, log: ConversationLog, opened: Opened) -> None:
        told = "".join(f["message"] for f in opened.frames if f["type"] == "stream")

        async def follow(turn_id: UUID) -> Outcome | None:
            try:
                return await watch(log, turn_id, told)
            finally:
                log.watched = None

        if opened.running is not None:
            log.watched = asyncio.create_task(follow(opened.running))
            self._watching.add(log.watched)
            log.watched.add_done_callback(self._watching.discard)
