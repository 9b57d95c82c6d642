"""What a diagnosis says: roots with their evidence, and the way to them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal[
    "job_failed",
    "confirmation_pending",
    "job_running",
    "launching",
    "prompt_open",
    "resource_busy",
    "file_missing",
    "time_not_reached",
    "latest_start_passed",
    "workstation_limit",
    "stream_limit",
    "fence",
    "priority_zero",
    "workstation_down",
    "workstation_ignored",
    "internetwork",
    "suppressed",
    "orphan_dependency",
    "plan_stalled",
    "waiting_turn",
    "none",
    "unknown",
]

# Roots that the engine cures by itself, the soonest first; all others want a person.
BENIGN: tuple[Kind, ...] = (
    "none",
    "launching",
    "waiting_turn",
    "job_running",
    "workstation_limit",
    "stream_limit",
    "resource_busy",
    "time_not_reached",
)

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field as it was read."""

    object: str
    field: str
    value: Value
    read_at: datetime | None = None

    def record(self) -> dict[str, Any]:
        at = self.read_at.isoformat() if self.read_at else None
        return {
            "object": self.object,
            "field": self.field,
            "value": self.value,
            "read_at": at,
        }


@dataclass(frozen=True, slots=True)
class Root:
    """What, once cured, frees the target; two of one kind and object are the same."""

    kind: Kind
    object: str
    detail: str = field(compare=False)
    action: str = field(compare=False)
    evidence: tuple[Evidence, ...] = field(default=(), compare=False)
    item: str = field(default="", compare=False)  # id of the job or stream it sits on
    # What its object is in, where that is neither a job nor a stream.
    status: str = field(default="", compare=False)
    self_curing: bool = field(default=False, compare=False)

    def record(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "object": self.object,
            "detail": self.detail,
            "evidence": [item.record() for item in self.evidence],
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One object on the way from the target to a root, and what it is to ``of``."""

    object: str
    status: str
    relation: str
    of: str = ""

    def record(self) -> dict[str, Any]:
        return {
            "object": self.object,
            "status": self.status,
            "relation": self.relation,
            "of": self.of,
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a job or job stream does not run, or failed."""

    target: str
    item: str
    status: str
    roots: tuple[Root, ...]
    chain: tuple[Step, ...]
    now: datetime
    notes: tuple[str, ...] = ()  # what in the data could not be used

    @property
    def healthy(self) -> bool:
        return all(root.kind == "none" for root in self.roots)
