"""Reads what compatible endpoints send as a chat completion, however loosely; pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.llm.port import (
    FinishReason,
    LlmMalformed,
    LlmTruncated,
    LlmUnavailable,
    ToolCall,
)

REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "end_turn": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
MAX_CALLS = 64
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass
class _Slot:
    """A tool call that is still being put together."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Reply:
    """Collects one reply, from chunks of a stream or from a whole body."""

    def __init__(self) -> None:
        self.tokens = 0
        self.began = False
        self._reason: str | None = None
        self._slots: list[_Slot] = []
        self._at_index: dict[int, _Slot] = {}

    @property
    def ended(self) -> bool:
        return self._reason is not None

    def add(self, payload: object) -> str:
        """Take in one chunk and return the text it adds to the answer.

        Raises:
            LlmError: the payload is an error, or not a chat completion at all.
        """
        if not isinstance(payload, dict):
            raise LlmMalformed("The model's endpoint sent JSON that is not an object.")
        if payload.get("error"):
            raise LlmUnavailable(f"The model's endpoint reported {_code(payload)}.")
        self._count(payload.get("usage"))
        choices = payload.get("choices")
        if not isinstance(choices, list) or not choices:
            return ""  # a chunk that only counts tokens
        return self._choice(choices[0])

    def finish(self) -> tuple[FinishReason, tuple[ToolCall, ...]]:
        """The end of the reply.

        Raises:
            LlmTruncated: the model never said that it had finished.
            LlmMalformed: it ended for a reason that no endpoint documents.
        """
        if self._reason is None:
            raise LlmTruncated
        reason = REASONS.get(self._reason.lower())
        if reason is None:
            raise LlmMalformed("The model ended for a reason that is not known here.")
        calls = self._calls()
        if reason == "stop" and calls:
            return "tool_calls", calls  # seen: the calls are there, the reason is not
        if reason == "tool_calls" and not calls:
            return "stop", ()
        # Cut arguments are no arguments.
        return reason, calls if reason == "tool_calls" else ()

    def _count(self, usage: object) -> None:
        total = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(total, int):
            self.tokens = max(self.tokens, total)

    def _choice(self, choice: object) -> str:
        if not isinstance(choice, dict):
            raise LlmMalformed("The model's endpoint sent a choice that is no object.")
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._reason = reason
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            return ""
        self.began = self.began or any(delta.values())
        self._tool_calls(delta.get("tool_calls"))
        return _content(delta.get("content"))

    def _tool_calls(self, deltas: object) -> None:
        for delta in deltas if isinstance(deltas, list) else []:
            if isinstance(delta, dict):
                self._tool_call(delta)
        if len(self._slots) > MAX_CALLS:
            raise LlmMalformed("The model asks for more tools than any answer needs.")

    def _tool_call(self, delta: dict[str, object]) -> None:
        function = delta.get("function")
        function = function if isinstance(function, dict) else {}
        slot = self._slot(delta.get("index"), delta.get("id"), function.get("name"))
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments)
        if isinstance(arguments, str):
            slot.arguments += arguments

    def _slot(self, index: object, call_id: object, name: object) -> _Slot:
        """The call that a piece belongs to: by index; without one, by its order.

        Seen in the wild: no index, no id, and several calls that all claim index 0.
        """
        given = call_id if isinstance(call_id, str) else ""
        named = name if isinstance(name, str) else ""
        slot = self._at_index.get(index) if isinstance(index, int) else None
        if slot is None and not isinstance(index, int) and self._slots and not named:
            slot = self._slots[-1]
        if slot is None or (given and slot.id and given != slot.id):
            slot = _Slot()
            self._slots.append(slot)
            if isinstance(index, int):
                self._at_index[index] = slot
        slot.id = slot.id or given
        slot.name = slot.name or named
        return slot

    def _calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(slot.id or f"call_{number}", slot.name, slot.arguments)
            for number, slot in enumerate(self._slots)
            if slot.name
        )


def _content(content: object) -> str:
    """The text of a message: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _code(payload: dict[str, object]) -> str:
    """The error's code; its text is not repeated, it may hold a key or a prompt."""
    error = payload["error"]
    if isinstance(error, dict):
        for key in ("code", "type"):
            if _CODE.fullmatch(str(error.get(key) or "")):
                return f"the error {error[key]}"
    return "an error"
