"""What the reader of the plan answers with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """An answer from the plan: its data as JSON, how old it is, and one line on it.

    ``stale``: it is what was read before, for ``stale_reason``.
    """

    data: dict[str, Any]
    summary: str
    read_at: datetime
    stale: bool = False
    stale_reason: str = ""

    @property
    def age_seconds(self) -> float:
        return max(0.0, round((datetime.now(UTC) - self.read_at).total_seconds(), 1))

    def record(self) -> dict[str, Any]:
        return {
            **self.data,
            "summary": self.summary,
            "read_at": self.read_at.isoformat(),
            "age_seconds": self.age_seconds,
            "stale": self.stale,
            "stale_reason": self.stale_reason,
        }


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several objects have the name; ``matches`` are at most a page of them."""

    name: str
    matches: list[dict[str, Any]]
    total: int

    def __str__(self) -> str:
        shown = ", ".join(match["object"] for match in self.matches[:5])
        more = self.total - min(5, len(self.matches))
        return (
            f"{self.total} objects match {self.name!r}: {shown}"
            f"{f' and {more} more' if more > 0 else ''}. "
            "Name one of them as WORKSTATION#STREAM.JOB, or by its id."
        )

    def record(self) -> dict[str, Any]:
        return {"error": "ambiguous", "matches": self.matches, "total": self.total}


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing in the plan has the name."""

    name: str
    what: str = "job or job stream"
    nearest: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= 120 else f"{self.name[:120]}…"
        near = f" Near to it: {', '.join(self.nearest)}." if self.nearest else ""
        return f"The plan has no {self.what} named {shown!r}.{near}"

    def record(self) -> dict[str, Any]:
        return {"error": "not_found", "detail": str(self), "nearest": self.nearest}
