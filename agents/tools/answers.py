"""Turns what the reader of the plan answers into a tool's result."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments
from tws.found import Ambiguous, Found, NotFound

LONGEST_NAME = 200
LONGEST_TEXT = 2_000
NAMES = frozenset({"object", "name", "stream", "workstation", "target", "of"})

Name = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=LONGEST_NAME,
        description="A job, a job stream, or WORKSTATION#STREAM.JOB, as in the plan.",
    ),
]


MaybeName = Annotated[
    str,
    msgspec.Meta(
        max_length=LONGEST_NAME,
        description="A job, a job stream, or WORKSTATION#STREAM.JOB; empty for the "
        "whole plan.",
    ),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=50, description="How many to list.")]
Offset = Annotated[
    int, msgspec.Meta(ge=0, le=1_000_000, description="How many to skip, for paging.")
]


class Nothing(Arguments, frozen=True):
    """No arguments."""


class Named(Arguments, frozen=True):
    """The name of one object."""

    name: Name


def given(arguments: Arguments) -> dict[str, Any]:
    """The arguments that say something: those that are not as they are by default."""
    return {
        field.name: getattr(arguments, field.name)
        for field in msgspec.structs.fields(arguments)
        if getattr(arguments, field.name) != field.default
    }


def shortened(value: Any) -> Any:  # noqa: ANN401  # JSON of any shape
    """JSON whose texts are no longer than any name or sentence of the trade."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {
            key: inner[:LONGEST_NAME]
            if key in NAMES and isinstance(inner, str)
            else shortened(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    return value


def result(
    tool: str,
    arguments: Arguments,
    found: Found | Ambiguous | NotFound,
    *,
    empty: bool = False,
) -> ToolResult:
    """The result; several matches are an answer, too: they are what was found.

    Args:
        tool: the tool's name.
        arguments: what it was asked.
        found: what the reader answered.
        empty: whether what was found says only that there is nothing.
    """
    if isinstance(found, Found):
        status = "no_data" if empty else "ok"
        data = {**shortened(found.data), "stale": found.stale}
        if found.stale:
            data["stale_reason"] = found.stale_reason[:LONGEST_TEXT]
        read_at, age, summary = found.read_at, found.age_seconds, found.summary
    else:
        ambiguous = isinstance(found, Ambiguous)
        status = "ok" if ambiguous else "no_data"
        data = {**shortened(found.record()), "ambiguous": ambiguous}
        read_at, age, summary = datetime.now(UTC), 0.0, str(found)
    return ToolResult(
        tool=tool,
        arguments=given(arguments),
        status="no_data" if status == "no_data" else "ok",
        read_at=read_at.isoformat(),
        age_seconds=age,
        summary=summary[:LONGEST_TEXT],
        data=data,
    )
