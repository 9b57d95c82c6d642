"""A runnable agent: recall, ask the model, call tools, check the claims, answer."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from agents import notes, prompts
from agents.budget import Budget
from agents.events import Answered, Event, Piece, Source, ToolUse, TurnStatus
from agents.language import language_of
from agents.llm.breaker import Breaker
from agents.llm.computed import ComputedModel
from agents.llm.port import ChatModel, LlmError, Mode
from agents.llm.text import clean
from agents.loop import Loop, Record
from agents.models import AgentProfile
from agents.prompts import HistoryItem
from agents.tools.toolbox import Toolbox
from memory.exceptions import MemoryGatewayError
from memory.gateway import Recalled
from tws import grounding

__all__ = ["Agent", "GuardedModel", "HistoryItem", "Recall"]

logger = logging.getLogger(__name__)

RECALLED = 3
# Questions that have nothing in common but the trade are below it.
LEAST_ALIKE = 0.25
RECALL_SECONDS = 3.0
# Of a turn's seconds, what is kept for the computed answer when the model fails late.
RESERVE = 0.22
LAST_SECONDS = 0.5


class Recall(Protocol):
    """What an agent needs of the memory."""

    async def search(self, query: str, *, limit: int = 100) -> list[Recalled]: ...


@dataclass(frozen=True)
class GuardedModel:
    """A model and what is known of its health, shared by the agents that use it."""

    model: ChatModel
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True)
class Agent:
    """A profile with its tools and its model; a running turn keeps the one it began with."""

    profile: AgentProfile
    toolbox: Toolbox
    guarded: GuardedModel
    memory: Recall | None = None

    @property
    def id(self) -> str:
        return str(self.profile.pk)

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def mode(self) -> Mode:
        """Where its answers come from while nothing fails."""
        return self.guarded.model.mode

    async def run(
        self, question: str, *, history: Sequence[HistoryItem] = (), deadline: float
    ) -> AsyncGenerator[Event, None]:
        """Answer one question; the last event is always one ``Answered``.

        Args:
            question: what the operator asked.
            history: the earlier exchanges of the conversation, oldest first.
            deadline: loop time at which the turn must have ended.
        """
        turn = _Turn(self, clean(question), history, deadline)
        try:
            async with aclosing(turn.events()) as events:
                async for event in events:
                    yield event
        except Exception:  # the edge of a turn: the operator is told, the log has it
            logger.exception("turn failed", extra={"agent": self.id})
            turn.break_off()
        yield await turn.answered()


class _Turn:
    """One question on its way to an answer."""

    def __init__(
        self,
        agent: Agent,
        question: str,
        history: Sequence[HistoryItem],
        deadline: float,
    ) -> None:
        now = asyncio.get_running_loop().time()
        self.agent = agent
        self.question = question
        self.deadline = deadline - LAST_SECONDS
        self.model_deadline = self.deadline - RESERVE * (deadline - now)
        self.messages = prompts.conversation(history, question)
        self.words = notes.WORDS[language_of(question)]
        self.record = Record()
        self.sources: list[Source] = []
        self.mode: Mode = "computed"
        self.status: TurnStatus = "ok"
        self.error = ""

    async def events(self) -> AsyncGenerator[Piece | ToolUse, None]:
        guarded = self.agent.guarded
        before = ""  # with no model at all, the end of the answer says so
        if guarded.model.mode == "llm" and not guarded.breaker.allows():
            before = self.words.model_rests(guarded.breaker.last_error)
        elif guarded.model.mode == "llm":
            async with aclosing(self._with_model(guarded)) as events:
                async for event in events:
                    yield event
            if self.mode == "llm":
                return
            before = self._failure_note(guarded.breaker.last_error)
        async with aclosing(self._without_model(before)) as events:
            async for event in events:
                yield event

    async def _with_model(
        self, guarded: GuardedModel
    ) -> AsyncGenerator[Piece | ToolUse, None]:
        """Answer with the model; when it fails, ``mode`` stays ``computed``."""
        recalled, forgot = await self._recall()
        now = datetime.now(UTC)
        system = prompts.system_prompt(self.agent.profile, recalled, now)
        loop = Loop(
            guarded.model, self.agent.toolbox, Budget(self.model_deadline), self.record
        )
        try:
            async with aclosing(loop.run([system, *self.messages])) as events:
                async for event in events:
                    yield event
        except LlmError as error:
            guarded.breaker.failed(error)
            logger.warning(
                "model failed",
                extra={"agent": self.agent.id, "error": type(error).__name__},
            )
            return
        guarded.breaker.succeeded()
        self.mode = "llm"
        if loop.truncated:
            self.status, self.error = "truncated", self.words.truncated
        if forgot:
            yield self._piece(f"\n\n{self.words.no_memory}")

    async def _without_model(
        self, before: str
    ) -> AsyncGenerator[Piece | ToolUse, None]:
        if before:
            yield self._piece(before)
        computed = ComputedModel()
        loop = Loop(computed, self.agent.toolbox, Budget(self.deadline), self.record)
        async with aclosing(loop.run(self.messages)) as events:
            async for event in events:
                yield event
        self._judge_evidence()
        if not before:
            read = self.status == "ok"
            note = self.words.no_model if read else self.words.no_plan
            yield self._piece(f"\n\n{note}")

    def _piece(self, text: str) -> Piece:
        return Piece(self.record.text.add(text))

    def _failure_note(self, error: LlmError | None) -> str:
        if str(self.record.text).strip():
            return f"\n\n{self.words.model_broke_off(error)}\n\n"
        self.sources = []  # nothing of the answer comes from what was recalled
        return f"{self.words.model_failed(error)}\n\n"

    def _judge_evidence(self) -> None:
        """A computed answer that only says why the plan cannot be read is a failure."""
        results = self.record.evidence
        if results and all(result["status"] == "failed" for result in results):
            self.status = "failed"
            self.error = results[-1].get("error", "")

    async def _recall(self) -> tuple[list[Recalled], bool]:
        """The memories for the prompt, and whether the memory could not be asked."""
        memory = self.agent.memory
        if memory is None or not self.agent.profile.memory:
            return [], False
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                found = await memory.search(self.question, limit=RECALLED)
        except (MemoryGatewayError, TimeoutError) as error:
            logger.warning("recall failed", extra={"error": type(error).__name__})
            return [], True
        near = [memory for memory in found if memory.score >= LEAST_ALIKE][:RECALLED]
        self.sources = [
            Source(str(m.id), m.question, m.created_at.isoformat(), m.trust)
            for m in near
        ]
        return near, False

    def break_off(self) -> None:
        self.status, self.error = "failed", self.words.broken

    async def answered(self) -> Answered:
        text = str(self.record.text)
        evidence: list[dict[str, Any]] = [dict(item) for item in self.record.evidence]
        checked = await asyncio.to_thread(_ground, text, evidence, self.question)
        return Answered(
            text=text,
            status=self.status,
            mode=self.mode,
            sources=self.sources,
            grounding=checked,
            evidence=evidence,
            error=self.error,
        )


def _ground(text: str, evidence: list[dict[str, Any]], question: str) -> dict[str, Any]:
    """Which statements of the answer the evidence bears out."""
    return grounding.check(text, evidence, question).as_dict()
