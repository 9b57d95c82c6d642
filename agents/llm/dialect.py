"""How a request is written for endpoints that each understand a little less; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from agents.llm.port import Message, ToolSpec
from agents.llm.text import clean

JsonFormat = Literal["schema", "object", "none"]
FORMATS: tuple[JsonFormat, ...] = ("schema", "object", "none")


@dataclass(frozen=True)
class Dialect:
    """What of the protocol an endpoint was found to understand."""

    tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    usage_in_stream: bool = True
    temperature: bool = True
    json_format: JsonFormat = "schema"

    def after(self, complaint: str) -> "Dialect | None":
        """The dialect to try next when a request was refused with these words."""
        if self.usage_in_stream and "stream_options" in complaint:
            return replace(self, usage_in_stream=False)
        if self.tokens_field == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, tokens_field="max_completion_tokens")
        if self.temperature and "temperature" in complaint:
            return replace(self, temperature=False)
        return None

    def plainer(self) -> "Dialect | None":
        """The next weaker way to ask for JSON."""
        if self.json_format == "none":
            return None
        return replace(self, json_format=FORMATS[FORMATS.index(self.json_format) + 1])

    def request(
        self, model: str, body: Mapping[str, Any], max_tokens: int | None
    ) -> dict[str, Any]:
        """The body to send; ``json_schema`` in it is what the reply should fit."""
        request = {"model": model, **body}
        schema = request.pop("json_schema", None)
        if max_tokens is not None:
            request[self.tokens_field] = max_tokens
        if self.temperature:
            request["temperature"] = 0
        if self.usage_in_stream and request.get("stream"):
            request["stream_options"] = {"include_usage": True}
        if schema is not None and self.json_format == "schema":
            named = {"name": "reply", "strict": True, "schema": dict(schema)}
            request["response_format"] = {"type": "json_schema", "json_schema": named}
        elif schema is not None and self.json_format == "object":
            request["response_format"] = {"type": "json_object"}
        return request


def as_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [_as_message(message) for message in messages]


def _as_message(message: Message) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role, "content": clean(message.content)}
    if message.tool_calls:
        sent["content"] = sent["content"] or None
        sent["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": clean(call.arguments)},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        sent["tool_call_id"] = message.tool_call_id
    return sent


def as_tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}
