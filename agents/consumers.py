"""The chat's socket: frames in, events out; it starts and stops turns, it runs none."""

import asyncio
import logging
from uuid import UUID, uuid4

from django.db import Error as DatabaseFailure

from agents.conversations import ConversationLog
from agents.doorkeeper import Doorkeeper, Visitor
from agents.exceptions import (
    AgentError,
    TooMany,
    TurnRunning,
    UnknownAgent,
    UnknownConversation,
)
from agents.frames import Ask, Frame, FrameError, Ping, Resume, Stop, read_frame
from agents.rates import Rates
from agents.sockets import GuardedSocket, Message
from agents.turns import TurnRunner

logger = logging.getLogger(__name__)

NOTICES = "resync.notices"
CLOSE_UNKNOWN_AGENT = 4404
CLOSE_TOO_LARGE = 4413
CLOSE_TOO_MANY = 4429
# Frames of any kind: far above what a page sends, far below what hurts.
BURST_OF_FRAMES, FRAMES_PER_SECOND = 1000, 100.0
MOST_FOLLOWED = 8
SECONDS_TO_FINISH = 3.0

CODES: dict[type[AgentError], str] = {
    UnknownAgent: "unknown_agent",
    UnknownConversation: "not_found",
    TurnRunning: "busy",
    TooMany: "rate_limited",
}
NO_DATABASE = "The database does not answer: nothing was asked. Try again in a moment."
BROKE_DOWN = "Something broke while reading that. The log of the server says what."


class ChatConsumer(GuardedSocket):
    """One browser tab, script or test that talks with one agent."""

    def __init__(self, runner: TurnRunner, doorkeeper: Doorkeeper) -> None:
        super().__init__(doorkeeper)
        self.runner = runner
        self.id = uuid4().hex[:12]
        self.frames = Rates(burst=BURST_OF_FRAMES, per_second=FRAMES_PER_SECOND)
        self.followed: dict[ConversationLog, None] = {}  # in the order of their use
        self.log: ConversationLog  # the one that is spoken in now

    async def entered(self, visitor: Visitor) -> None:
        agent_id = self.scope["url_route"]["kwargs"]["agent_id"]
        self.log = self.runner.new_conversation(visitor.user_id, agent_id)
        self.follow(self.log)
        try:
            agent = await self.runner.manager.get(agent_id)
        except UnknownAgent as error:
            self.refuse("unknown_agent", str(error), close=CLOSE_UNKNOWN_AGENT)
            return
        await self.join_notices()
        self.say(
            {
                "type": "info",
                "message": f"Connected to {agent.name}.",
                "agent": agent_id,
                "agent_name": agent.name,
                "mode": agent.mode,
            }
        )

    async def join_notices(self) -> None:
        try:
            await self.channel_layer.group_add(NOTICES, self.channel_name)
        except Exception:
            # Redis is down, say: the chat works without news.
            logger.exception("socket gets no live updates")

    async def left(self) -> None:
        for log in self.followed:
            log.followers.discard(self)
        try:
            await self.channel_layer.group_discard(NOTICES, self.channel_name)
        except Exception:
            logger.exception("socket not taken off the live updates")

    async def restarting(self) -> None:
        """Let the turns that this socket follows end with what they have."""
        turns = [log.running for log in self.followed if log.running is not None]
        for turn in turns:
            turn.end("interrupted", "The server is restarting.")
        waits = [asyncio.ensure_future(turn.over.wait()) for turn in turns]
        if waits:
            await asyncio.wait(waits, timeout=SECONDS_TO_FINISH)

    async def heard(self, text: str | None, data: bytes | None) -> None:
        try:
            self.frames.take(self.id)
            await self.answer(read_frame(text, data))
        except FrameError as error:
            close = CLOSE_TOO_LARGE if error.code == "too_large" else None
            self.refuse(error.code, error.message, close=close)
        except TooMany as error:
            self.refuse(CODES[TooMany], str(error), close=CLOSE_TOO_MANY)
        except AgentError as error:
            self.refuse(CODES.get(type(error), "refused"), str(error))
        except DatabaseFailure:
            logger.exception("frame not answered: the database failed")
            self.refuse("unavailable", NO_DATABASE)
        except Exception:
            logger.exception("frame not answered")
            self.refuse("internal", BROKE_DOWN)

    async def answer(self, said: Ask | Stop | Resume | Ping) -> None:
        match said:
            case Ask():
                await self.ask(said)
            case Stop():
                await self.runner.stop(self.log)
            case Resume():
                await self.resume(said)
            case Ping():
                self.say({"type": "pong"})

    async def ask(self, ask: Ask) -> None:
        self.runner.rates.take(self.log.user_id)
        log = self.log
        if ask.conversation is not None:
            log = await self.open(ask.conversation)
        before = self.follow(log)
        started = await self.runner.start(log, ask)
        if started.log is not log:
            before = self.follow(started.log)
        if started.turn is not None:
            self.tell_again(started.log, started.turn.first_seq, before)
        if started.outcome is not None:
            again = {"replayed": True, "client_id": str(ask.client_id)}
            self.say({**started.outcome.frame(), **again})

    async def resume(self, resume: Resume) -> None:
        log = await self.open(resume.conversation, again=True)
        log.catch_up(resume.after)
        self.follow(log)
        self.tell_again(log, resume.after + 1, log.next_seq - 1)
        if log.untold is not None:
            log.append(log.untold.frame())
            log.untold = None

    async def open(self, conversation: UUID, *, again: bool = False) -> ConversationLog:
        log = await self.runner.open(conversation, self.log.user_id, again=again)
        log.must_be_with(self.log.agent_id)
        return log

    def follow(self, log: ConversationLog) -> int:
        """Speak in this conversation from now on.

        Returns the number of the last frame that passed before this socket listened.
        """
        before = 0 if log in self.followed else log.next_seq - 1
        self.followed.pop(log, None)
        self.followed[log] = None
        log.followers.add(self)
        self.log = log
        if len(self.followed) > MOST_FOLLOWED:
            longest_unused = next(iter(self.followed))
            del self.followed[longest_unused]
            longest_unused.followers.discard(self)
        return before

    def tell_again(self, log: ConversationLog, first: int, last: int) -> None:
        for told in log.since(first - 1):
            if told.seq <= last:
                self.outbox.put(told.text)

    def deliver(self, log: ConversationLog, seq: int, text: str) -> None:
        """A conversation that this socket follows has something to tell."""
        self.outbox.put(text)

    def say(self, frame: Frame) -> None:
        """Tell this socket something; others of the conversation see to whom it went."""
        self.log.append({**frame, "socket": self.id})

    def refuse(self, code: str, message: str, *, close: int | None = None) -> None:
        self.say({"type": "error", "code": code, "message": message})
        if close is not None:
            self.outbox.close(close)

    async def config_update(self, message: Message) -> None:
        """The notice that agents were changed, from whichever process."""
        agents = await self.runner.manager.all()
        self.say(
            {
                "type": "config_update",
                "message": "The agents were changed.",
                "agents": [{"id": agent.id, "name": agent.name} for agent in agents],
            }
        )

    async def queue_update(self, message: Message) -> None:
        """News for the review desk, which sockets of the chat do not tell."""
