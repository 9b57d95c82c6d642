"""Finds the tool call that a small model wrote as text; pure."""

import json
import re
from collections.abc import Collection

from agents.llm.port import Finished, ToolCall

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_TAG = re.compile(r"\A\s*<tool_call>\s*(.*?)\s*</tool_call>\s*\Z", re.DOTALL)
LONGEST = 4000


def may_become_call(text: str) -> bool:
    """Whether a reply that begins like this may yet turn out to be a call."""
    start = text.lstrip()
    return len(text) < LONGEST and (
        not start
        or start.startswith(("{", "```", "<tool_call>"))
        or "<tool_call>".startswith(start)
        or start in {"`", "``"}
    )


def written_call(text: str, tools: Collection[str]) -> ToolCall | None:
    """The call, when the whole reply is one object that names a tool on offer."""
    match = _FENCE.match(text) or _TAG.match(text)
    try:
        found = json.loads(match.group(1) if match else text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("name") not in tools:
        return None
    arguments = found.get("arguments", found.get("parameters", {}))
    if not isinstance(arguments, dict):
        return None
    return ToolCall("written_1", found["name"], json.dumps(arguments))


class Holdback:
    """Holds back a reply while it may still turn out to be a call and no answer."""

    def __init__(self, tools: Collection[str]) -> None:
        self._tools = tools
        self._held = ""
        self._holding = bool(tools)

    def feed(self, piece: str) -> str:
        """What of the reply can be shown by now."""
        if not self._holding:
            return piece
        self._held += piece
        if may_become_call(self._held):
            return ""
        return self._release()

    def end(self, finished: Finished) -> tuple[str, Finished]:
        """What is left to show, and how the reply really ended."""
        text = self._release()
        call = None if finished.tool_calls else written_call(text, self._tools)
        if call is None:
            return text, finished
        return "", Finished("tool_calls", (call,), finished.tokens)

    def _release(self) -> str:
        self._holding = False
        text, self._held = self._held, ""
        return text
