"""Reads single values of the JSON: one clock, one unit, one spelling."""

import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from tws import payloads, wire

W = TypeVar("W")
P = TypeVar("P")

Problems = list[str]

FIRST_YEAR, LAST_YEAR = 1990, 2200
SPAN = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>-?\d+)W)?(?:(?P<days>-?\d+)D)?"
    r"(?:T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?"
    r"(?:(?P<seconds>-?\d+(?:\.\d+)?)S)?)?",
    re.ASCII | re.IGNORECASE,
)


def moment(value: wire.Moment, field: str, problems: Problems) -> datetime | None:
    """Read a time; one without a zone is UTC, as the vendor's contract says."""
    if value is None or value == "":
        return None
    try:
        read = _moment(value)
    except (ValueError, OverflowError, OSError):
        problems.append(f"{field} is no time that can be read")
        return None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        problems.append(f"{field} is in {read.year}, which cannot be right")
        return None
    return read


def _moment(value: str | float) -> datetime:
    if not isinstance(value, str):  # milliseconds since 1970
        return datetime.fromtimestamp(value / 1000, UTC)
    read = datetime.fromisoformat(value)
    if read.tzinfo is UTC:
        return read
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def span(value: wire.Span, field: str, problems: Problems) -> float | None:
    """Read a duration, in seconds; a bare number is milliseconds."""
    if value is None or value == "":
        return None
    try:
        seconds = _span(value) if isinstance(value, str) else value / 1000
    except OverflowError:
        seconds = None
    if seconds is None:
        problems.append(f"{field} is no duration that can be read")
    elif seconds < 0:
        problems.append(f"{field} is negative, which cannot be right")
        return None
    return seconds


@lru_cache(4096)
def _span(value: str) -> float | None:
    match = SPAN.fullmatch(value)
    if match is None:
        return None
    parts = {k: float(v) for k, v in match.groupdict("0").items() if k != "sign"}
    seconds = timedelta(**parts).total_seconds()
    return -seconds if match["sign"] == "-" else seconds


def flag(*values: wire.Flag) -> bool:
    return any(values)


def word(text: str | None) -> str:
    """A value of an enumeration: in capitals, as the contract has nearly all of them."""
    return sys.intern(text if text.isupper() else text.upper()) if text else ""


def words(items: Iterable[str | None] | None) -> list[str]:
    return [word(item) for item in items or () if item]


def shared(text: str | None) -> str:
    """The same text for all objects that have it: a plan repeats few names often."""
    return sys.intern(text) if text else ""


@lru_cache(4096)
def folder_path(path: str | None) -> str:
    return "/".join(("", *filter(None, (path or "").split("/")), "")).replace("//", "/")


def workstation_name(name: str | None) -> str:
    return sys.intern(payloads.rooted(name)) if name else ""


def each(
    items: list[W | None] | None,
    read: Callable[[W, Problems], P],
    field: str,
    problems: Problems,
) -> list[P]:
    """Read the elements that are there; their problems get the element's place."""
    found: list[P] = []
    for index, item in enumerate(items or ()):
        if item is not None:
            before = len(problems)
            found.append(read(item, problems))
            if len(problems) > before:
                place = f"{field}[{index}]"
                problems[before:] = [f"{place}.{p}" for p in problems[before:]]
    return found


def texts(items: Iterable[str | None] | None) -> list[str]:
    return [item for item in items or () if item]
