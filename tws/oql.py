"""Builds what selects objects of the plan: OQL conditions and plan filters.

Values are quoted here by rule, a quote within a string by doubling it, so that a job named
``X' OR name LIKE '@`` stays a name:

    field("name") == "X"
    (field("folder").like("/HR@") & field("commonStatus").isin(["ERROR", "BLOCKED"]))
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from tws.exceptions import TwsBadName
from tws.quoting import checked_text

Value = str | int | bool | datetime | timedelta | None

FIELD = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
# A part of a plan filter: a name with wildcards, without what separates the parts.
PART = re.compile(r"[\w$@?-]+")
ROOT = "/"


class Condition:
    """A condition of OQL. Conditions combine with ``&`` and ``|``."""

    __slots__ = ("_joined_by", "text")

    def __init__(self, text: str, joined_by: Literal["", "AND", "OR"] = "") -> None:
        self.text = text
        self._joined_by = joined_by

    def __and__(self, other: "Condition") -> "Condition":
        return self._join("AND", other)

    def __or__(self, other: "Condition") -> "Condition":
        return self._join("OR", other)

    def __bool__(self) -> bool:
        msg = "Combine conditions with & and |, not with and / or."
        raise TypeError(msg)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Condition {self.text}>"

    def order_by(self, *names: str) -> "Ordered":
        """Sort by these fields; a leading minus means descending."""
        return Ordered(self, names)

    def _join(self, word: Literal["AND", "OR"], other: "Condition") -> "Condition":
        parts = (
            part.text if part._joined_by in {"", word} else f"({part.text})"
            for part in (self, other)
        )
        return Condition(f" {word} ".join(parts), word)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A condition whose answer is sorted."""

    condition: Condition
    names: tuple[str, ...]

    def __str__(self) -> str:
        sorting = ", ".join(
            f"{_field_name(name.removeprefix('-'))} "
            f"{'DESC' if name.startswith('-') else 'ASC'}"
            for name in self.names
        )
        return f"{self.condition} ORDER BY {sorting}"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of the queried objects, to be compared with values."""

    name: str

    def __post_init__(self) -> None:
        _field_name(self.name)

    def __eq__(self, value: Value) -> Condition:  # type: ignore[override]
        return self._compare("=", value)

    def __ne__(self, value: Value) -> Condition:  # type: ignore[override]
        return self._compare("!=", value)

    def __lt__(self, value: Value) -> Condition:
        return self._compare("<", value)

    def __le__(self, value: Value) -> Condition:
        return self._compare("<=", value)

    def __gt__(self, value: Value) -> Condition:
        return self._compare(">", value)

    def __ge__(self, value: Value) -> Condition:
        return self._compare(">=", value)

    __hash__ = None  # type: ignore[assignment]

    def like(self, pattern: str) -> Condition:
        """Match a pattern in which ``@`` is any text and ``?`` any one character."""
        return self._compare("LIKE", pattern)

    def not_like(self, pattern: str) -> Condition:
        return self._compare("NOT LIKE", pattern)

    def isin(self, values: Iterable[Value]) -> Condition:
        return self._among("IN", values)

    def notin(self, values: Iterable[Value]) -> Condition:
        return self._among("NOT IN", values)

    def _compare(self, operator: str, value: Value) -> Condition:
        return Condition(f"{self.name} {operator} {_literal(value)}")

    def _among(self, operator: str, values: Iterable[Value]) -> Condition:
        literals = ", ".join(_literal(value) for value in values)
        if not literals:
            msg = f"{self.name} {operator} needs at least one value."
            raise ValueError(msg)
        return Condition(f"{self.name} {operator} [{literals}]")


def field(name: str) -> Field:
    return Field(name)


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """A selection as conman writes it, made by ``job_filter`` and ``stream_filter``."""

    text: str

    def __str__(self) -> str:
        return self.text


def job_filter(
    *,
    workstation: str = "@",
    workstation_folder: str = "/@/",
    folder: str = "/@/",
    stream: str = "@",
    job: str = "@",
) -> PlanFilter:
    """Select jobs: ``/FOLDER/WORKSTATION#/FOLDER/STREAM.JOB``, wildcards ``@`` and ``?``.

    Raises:
        TwsBadName: A part has a character that a plan filter cannot carry.
    """
    streams = stream_filter(
        workstation=workstation,
        workstation_folder=workstation_folder,
        folder=folder,
        stream=stream,
    )
    return PlanFilter(f"{streams}.{_part(job, 'job name')}")


def stream_filter(
    *,
    workstation: str = "@",
    workstation_folder: str = "/@/",
    folder: str = "/@/",
    stream: str = "@",
) -> PlanFilter:
    """Select job streams: ``/FOLDER/WORKSTATION#/FOLDER/STREAM``."""
    return PlanFilter(
        f"{_folder(workstation_folder)}{_part(workstation, 'workstation name')}"
        f"#{_folder(folder)}{_part(stream, 'job stream name')}"
    )


def _field_name(name: str) -> str:
    if not FIELD.fullmatch(name):
        msg = f"{name!r} is no field of OQL."
        raise ValueError(msg)
    return name


def _literal(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return f"'{_instant(value)}'"
        case timedelta():
            return f"'{_duration(value)}'"
        case str():
            return "'" + checked_text(value).replace("'", "''") + "'"


def _instant(moment: datetime) -> str:
    if moment.tzinfo is None:
        msg = "A time without a zone cannot be compared with the plan's."
        raise ValueError(msg)
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def _duration(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 0:
        msg = "A duration cannot be negative."
        raise ValueError(msg)
    return f"PT{seconds:.3f}".rstrip("0").rstrip(".") + "S"


def _part(name: str, what: str) -> str:
    checked_text(name, what)
    if not PART.fullmatch(name):
        msg = f"The {what} {name!r} cannot stand in a plan filter."
        raise TwsBadName(
            msg, action="Compare it as a field instead, which can quote it."
        )
    return name


def _folder(path: str) -> str:
    steps = [_part(step, "folder") for step in path.split("/") if step]
    return "/".join(("", *steps, "")) if steps else ROOT
