"""What a running turn tells: the events that become frames of the socket."""

from dataclasses import dataclass, field
from typing import Any, Literal

from agents.llm.port import Mode

ToolState = Literal["running", "ok", "no_data", "failed"]
TurnStatus = Literal["ok", "stopped", "failed", "interrupted", "truncated"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer; the pieces of a turn joined are its answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool starts (``running``) or has ended; ``output`` is text for people."""

    call_id: str
    name: str
    arguments: dict[str, Any]
    state: ToolState
    output: str = ""
    ms: int = 0
    result: dict[str, Any] | None = None  # the ToolResult, kept as evidence


@dataclass(frozen=True, slots=True)
class Source:
    """A recalled memory that stood in the prompt."""

    memory_id: str
    question: str
    created_at: str
    trust: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn is over; always the last event, whatever happened."""

    text: str
    status: TurnStatus
    mode: Mode
    sources: list[Source] = field(default_factory=list)
    grounding: dict[str, Any] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""  # what to tell the operator when status is not ok


Event = Piece | ToolUse | Answered
