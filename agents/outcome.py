"""What became of a turn: one shape for the row, the last frame and the REST answer."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from agents.frames import Frame
from agents.rendering import render

JsonDict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A turn that is over."""

    turn_id: UUID
    conversation_id: UUID
    agent_id: str
    question: str
    answer: str
    status: str
    mode: str
    tools: list[JsonDict] = field(default_factory=list)
    sources: list[JsonDict] = field(default_factory=list)
    grounding: JsonDict = field(default_factory=dict)
    evidence: list[JsonDict] = field(default_factory=list)
    error: str = ""

    def frame(self) -> Frame:
        """The frame that ends a turn."""
        return self.frame_of(render(self.answer))

    def frame_of(self, html: str) -> Frame:
        return {
            "type": "message",
            "sender": "agent",
            "is_final": True,
            "turn": str(self.turn_id),
            "message": self.answer,
            "html": html,
            "status": self.status,
            "mode": self.mode,
            "sources": self.sources,
            "grounding": self.grounding,
            "error": self.error,
        }

    def result(self) -> JsonDict:
        """What ``ask --json`` prints and ``POST /api/chat`` answers."""
        return {
            "turn": str(self.turn_id),
            "conversation": str(self.conversation_id),
            "agent": self.agent_id,
            "answer": self.answer,
            "status": self.status,
            "mode": self.mode,
            "tools": [
                {name: tool.get(name) for name in ("name", "arguments", "status", "ms")}
                for tool in self.tools
            ],
            "grounding": self.grounding,
            "sources": self.sources,
            "error": self.error,
        }
