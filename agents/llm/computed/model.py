"""A ChatModel that computes: it asks for tools and phrases what they return."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from agents.language import Language, language_of
from agents.llm.computed.intents import Exchange, Intent, understand
from agents.llm.computed.phrasing import phrase
from agents.llm.computed.plans import calls_for, calls_next
from agents.llm.computed.telling import Data, Telling
from agents.llm.computed.wording import say
from agents.llm.port import (
    Completion,
    Finished,
    LlmRefused,
    Message,
    Mode,
    ModelEvent,
    TextDelta,
    ToolCall,
    ToolSpec,
)


class ComputedModel:
    """Answers the usual questions of operators without any language model."""

    name = "computed"
    mode: Mode = "computed"

    async def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[ModelEvent, None]:
        question, history, results = _read(messages)
        language = language_of(question)
        intent = understand(question, history)
        offered = [tool.name for tool in tools]
        wanted = (
            calls_next(intent, results, offered)
            if results
            else calls_for(intent, offered)
        )
        if wanted and tools:
            first = len(results)
            calls = tuple(
                ToolCall(f"computed_{number}", tool, json.dumps(arguments))
                for number, (tool, arguments) in enumerate(wanted, first)
            )
            yield Finished("tool_calls", calls)
            return
        paragraphs = _answer(intent, results, language, offered)
        for number, paragraph in enumerate(paragraphs):
            yield TextDelta(("\n\n" if number else "") + paragraph)
        yield Finished("stop")

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        json_schema: Mapping[str, Any] | None = None,
    ) -> Completion:
        raise LlmRefused("No language model is configured: set LLM_BASE_URL.")

    async def aclose(self) -> None:
        """Nothing is open."""


def _read(
    messages: Sequence[Message],
) -> tuple[str, list[Exchange], list[Data]]:
    """The question, the exchanges before it, the tool results after it."""
    last = max(i for i, message in enumerate(messages) if message.role == "user")
    history: list[Exchange] = []
    for message in messages[:last]:
        if message.role == "user":
            history.append(Exchange(message.content, ""))
        elif message.role == "assistant" and history:
            history[-1] = Exchange(history[-1].question, message.content)
    results = [
        json.loads(message.content)
        for message in messages[last + 1 :]
        if message.role == "tool"
    ]
    return messages[last].content, history, results


def _answer(
    intent: Intent, results: Sequence[Data], language: Language, offered: Sequence[str]
) -> list[str]:
    if intent.kind == "help":
        return [say(language, "help")]
    if not results:
        names = ", ".join(offered)
        which = intent.names or not offered
        return [
            say(language, "no_tool", tools=names) if which else say(language, "which")
        ]
    told = [say(language, "unclear")] if intent.kind == "unclear" else []
    if intent.order:
        told.append(say(language, "only_reads"))
    for result in _worth_telling(results):
        told += phrase(Telling(result, intent, language))
    return list(dict.fromkeys(told))  # two tools may say the same of one name


def _worth_telling(results: Sequence[Data]) -> list[Data]:
    """What was found; that nothing was found once for each name, with all near ones."""
    found = {_asked(result) for result in results if result["status"] != "no_data"}
    told: list[Data] = []
    missed: dict[str, list[str]] = {}
    for result in results:
        name = _asked(result)
        near = (result.get("data") or {}).get("nearest") or []
        if result["status"] != "no_data":
            told.append(result)
        elif name in missed:
            missed[name] += near
        elif name not in found:
            missed[name] = list(near)
            told.append({**result, "data": {**result["data"], "nearest": missed[name]}})
    return told


def _asked(result: Data) -> str:
    """What a result is about: a name or, when it is about the plan, its own subject."""
    arguments = result.get("arguments") or {}
    return str(arguments.get("name") or arguments.get("pattern") or result["tool"])
