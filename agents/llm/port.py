"""The port to a language model: what goes in, what comes out, what goes wrong."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
Mode = Literal["llm", "computed"]
FinishReason = Literal["stop", "tool_calls", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; ``arguments`` is the JSON text it wrote, unchecked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation, in the portable shape of chat.completions."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The model said that it is done; the only proof that an answer is whole."""

    reason: FinishReason
    tool_calls: tuple[ToolCall, ...] = ()
    tokens: int = 0


ModelEvent = TextDelta | Finished


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply, not streamed; ``reason`` may be ``length``: then it is cut."""

    text: str
    reason: FinishReason
    tokens: int = 0


class ChatModel(Protocol):
    """A model that streams an answer or asks for tools.

    ``stream`` ends with exactly one ``Finished`` or raises an ``LlmError``; a stream
    that merely stops is raised as ``LlmTruncated``. Time limits are the caller's
    (``asyncio.timeout``); closing the iterator aborts the request upstream.
    """

    name: str
    mode: Mode

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[ModelEvent, None]: ...

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        json_schema: Mapping[str, Any] | None = None,
    ) -> Completion: ...

    async def aclose(self) -> None: ...


class LlmError(Exception):
    """Something went wrong with the model; the message is safe to show.

    LlmError
      LlmUnavailable   worth trying again later
        LlmTimeout
      LlmRefused       not worth trying again unchanged (401, 400, unknown model)
      LlmMalformed     the endpoint does not speak the protocol
      LlmTruncated     the stream ended without a finish reason
    """

    retryable = False

    def __init__(self, message: str = "", *, status: int | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.status = status


class LlmUnavailable(LlmError):
    """The endpoint cannot be reached, is overloaded or broke down."""

    retryable = True


class LlmTimeout(LlmUnavailable):
    """The endpoint was silent for too long."""


class LlmRefused(LlmError):
    """The endpoint answered no: key, model name or request."""


class LlmMalformed(LlmError):
    """The endpoint's reply is not a chat completion."""


class LlmTruncated(LlmError):
    """The reply ended without the model saying that it had finished."""
