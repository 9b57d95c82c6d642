"""What a reader finds in a clause, before it becomes a claim."""

from typing import Literal, NamedTuple

Outcome = Literal["supported", "contradicted", "unsupported", "unchecked"]


class Found(NamedTuple):
    """One statement and what the evidence says of it."""

    kind: str
    subject: str
    stated: str
    outcome: Outcome
    found: str = ""


def listed(values: set[int] | set[float] | set[str]) -> str:
    """Values as a person reads them."""
    shown = sorted(values, key=lambda v: (isinstance(v, str), v))[:8]
    return ", ".join(v if isinstance(v, str) else f"{v:g}" for v in shown)
