"""The rounds between a model and its tools, until an answer stands."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from agents import prompts
from agents.budget import ANSWER_BYTES, ROUND_TOKENS, Budget
from agents.events import Piece, ToolUse
from agents.llm.port import (
    ChatModel,
    Finished,
    LlmMalformed,
    LlmRefused,
    LlmTimeout,
    LlmTruncated,
    Message,
    ModelEvent,
    TextDelta,
    ToolCall,
)
from agents.llm.salvage import Holdback
from agents.llm.text import Cleaner
from agents.tools.results import ToolResult, as_text, failed
from agents.tools.toolbox import Toolbox, given_arguments

AT_ONCE = 6
REPEATED = (
    "This call was made before in this turn and its result stands above. Use that"
    " result, or ask for something else."
)
USED_UP = "No more tool calls in this turn: answer from the results that are there."


@dataclass
class Text:
    """The answer as it grows; bounded, and fit to store."""

    parts: list[str] = field(default_factory=list)
    bytes: int = 0
    full: bool = False

    def add(self, piece: str) -> str:
        """Take in a piece and return what of it still fits."""
        if not self.parts:
            piece = piece.lstrip()
        data = piece.encode()
        room = ANSWER_BYTES - self.bytes
        if len(data) > room:
            self.full = True
            data = data[:room]
            piece = data.decode("utf-8", "ignore")
        if piece:
            self.parts.append(piece)
            self.bytes += len(data)
        return piece

    def __str__(self) -> str:
        return "".join(self.parts)


@dataclass
class Record:
    """What a turn has gathered, whichever model asked for it."""

    text: Text = field(default_factory=Text)
    evidence: list[ToolResult] = field(default_factory=list)
    started: set[tuple[str, str]] = field(default_factory=set)
    results: dict[tuple[str, str], ToolResult] = field(default_factory=dict)
    uses: int = 0

    def next_id(self) -> str:
        """An id for a tool use that is unique in the turn; models repeat theirs."""
        self.uses += 1
        return f"t{self.uses}"


class Loop:
    """One model at work on one question."""

    def __init__(
        self, model: ChatModel, toolbox: Toolbox, budget: Budget, record: Record
    ) -> None:
        self.model = model
        self.toolbox = toolbox
        self.budget = budget
        self.record = record
        self.truncated = False
        self._reply: list[str] = []

    async def run(
        self, messages: Sequence[Message]
    ) -> AsyncGenerator[Piece | ToolUse, None]:
        """Ask, call tools, ask again, until the model has finished.

        Raises:
            LlmError: the model failed, or never came to an answer.
        """
        said = list(messages)
        while True:
            may_call = self.budget.begin_round()
            end: Finished | None = None
            async with aclosing(self._round(said, may_call=may_call)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        end = event
                    else:
                        yield event
            if end is None or end.reason != "tool_calls":
                self._conclude(end)
                return
            if not may_call:
                raise LlmMalformed("The model asks for tools where an answer was due.")
            said.append(Message("assistant", "".join(self._reply), _echo(end)))
            async with aclosing(self._call_tools(end.tool_calls, said)) as uses:
                async for use in uses:
                    yield use
            if self._reply and (gap := self.record.text.add("\n\n")):
                yield Piece(gap)

    def _conclude(self, end: Finished | None) -> None:
        if end is not None and end.reason == "content_filter":
            raise LlmRefused("The model's endpoint withheld the answer.")
        if not "".join(self._reply).strip():
            raise LlmMalformed("The model gave an empty answer.")
        self.truncated = end is None or end.reason == "length"

    async def _round(
        self, said: Sequence[Message], *, may_call: bool
    ) -> AsyncGenerator[Piece | Finished, None]:
        """One reply of the model; without a Finished when the answer grew too long."""
        specs = self.toolbox.specs() if may_call else []
        cleaner, holdback = Cleaner(), Holdback([spec.name for spec in specs])
        self._reply = []
        stream = self.model.stream(prompts.fitted(said), specs, max_tokens=ROUND_TOKENS)
        async with aclosing(stream) as events:
            end: Finished | None = None
            while end is None and not self.record.text.full:
                event = await self._next(events)
                if isinstance(event, TextDelta):
                    piece = holdback.feed(cleaner.feed(event.text))
                else:
                    rest = holdback.feed(cleaner.flush())
                    piece, end = holdback.end(event)
                    piece = rest + piece
                if piece := self.record.text.add(piece):
                    self._reply.append(piece)
                    yield Piece(piece)
        if end is not None and not self.record.text.full:
            spent = sum(map(len, self._reply)) // 4
            self.budget.spend_tokens(end.tokens or spent)
            yield end

    async def _next(self, events: AsyncGenerator[ModelEvent, None]) -> ModelEvent:
        try:
            async with asyncio.timeout_at(self.budget.until):
                event = await anext(events, None)
        except TimeoutError:
            raise LlmTimeout("The model did not finish in time.") from None
        if event is None:
            raise LlmTruncated
        return event

    async def _call_tools(
        self, calls: Sequence[ToolCall], said: list[Message]
    ) -> AsyncGenerator[ToolUse, None]:
        """Run the calls of one reply side by side and tell the model their results."""
        granted = self.budget.take_calls(len(calls))
        results: dict[int, ToolResult] = {
            index: failed(call.name, {}, USED_UP)
            for index, call in enumerate(calls[granted:], granted)
        }
        gate = asyncio.Semaphore(AT_ONCE)
        tasks: list[asyncio.Task[tuple[int, ToolUse]]] = []
        try:
            for index, call in enumerate(calls[:granted]):
                known = self._known(call)
                if known is not None:
                    results[index] = known
                    continue
                use = self._start(call)
                yield use
                running = self._run_tool(index, call, use, gate)
                tasks.append(asyncio.create_task(running))
            for finished in asyncio.as_completed(tasks):
                index, use = await finished
                results[index] = self._keep(calls[index], use)
                yield use
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for index, call in enumerate(calls):
            text = as_text(results[index])
            said.append(Message("tool", text, tool_call_id=call.id))

    def _known(self, call: ToolCall) -> ToolResult | None:
        """The answer to a call that was made before: the result, or an advice."""
        if self.model.mode == "computed":
            return self.record.results.get(_key(call))
        if _key(call) in self.record.started:
            return failed(call.name, given_arguments(call) or {}, REPEATED)
        return None

    def _start(self, call: ToolCall) -> ToolUse:
        self.record.started.add(_key(call))
        arguments = given_arguments(call) or {}
        return ToolUse(self.record.next_id(), call.name, arguments, "running")

    async def _run_tool(
        self, index: int, call: ToolCall, use: ToolUse, gate: asyncio.Semaphore
    ) -> tuple[int, ToolUse]:
        async with gate:
            began = time.perf_counter()
            result = await self.toolbox.run(call, seconds=self.budget.tool_seconds())
            ms = round((time.perf_counter() - began) * 1000)
        return index, ToolUse(
            use.call_id,
            result["tool"],
            result["arguments"],
            result["status"],
            result["summary"] or result.get("error", ""),
            ms,
            dict(result),
        )

    def _keep(self, call: ToolCall, use: ToolUse) -> ToolResult:
        result: Any = use.result
        kept: ToolResult = result
        self.record.results[_key(call)] = kept
        if call.name in self.toolbox.names:
            self.record.evidence.append(kept)
        return kept


def _key(call: ToolCall) -> tuple[str, str]:
    given = given_arguments(call)
    written = call.arguments if given is None else json.dumps(given, sort_keys=True)
    return call.name, written


def _echo(end: Finished) -> tuple[ToolCall, ...]:
    """The calls as they are told back: servers break on arguments that are not JSON."""
    return tuple(
        call
        if given_arguments(call) is not None
        else ToolCall(call.id, call.name, "{}")
        for call in end.tool_calls
    )
