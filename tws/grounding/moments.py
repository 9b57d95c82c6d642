"""Clock times and moments, in the zones in which people may tell them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
CLOCK: Final = re.compile(
    r"(?<![\d:+-])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![\d:])"
)
ZONE: Final = re.compile(r"^[A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?$")
ABBREVIATIONS: Final = {
    "BRT": -3, "BRST": -2, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "PST": -8, "PDT": -7, "BST": 1, "IST": 5.5, "UTC": 0, "GMT": 0,
}  # fmt: skip
OFFSET: Final = re.compile(r"(?:UTC|GMT)\s?([+-]\d{1,2})(?::?([0-5]\d))?")


def instant(value: object) -> datetime | None:
    """The moment that an ISO text tells, with its zone; without one it is UTC."""
    if not isinstance(value, str) or not ISO.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def clocks(text: str) -> Iterator[str]:
    """The clock times in a text: ``HH:MM``, and with seconds where it gives them."""
    for hour, minute, second in CLOCK.findall(text):
        yield f"{int(hour):02}:{minute}"
        if second:
            yield f"{int(hour):02}:{minute}:{second}"


def told_as(moment: datetime, zones: Iterable[tzinfo] = ()) -> set[str]:
    """How the moment may be told: by its own clock, in UTC, cut or rounded."""
    told: set[str] = set()
    for zone in (moment.tzinfo, UTC, *zones):
        try:
            local = moment.astimezone(zone)
            rounded = local + timedelta(seconds=30)
        except (OverflowError, ValueError):
            continue
        told |= {f"{local:%H:%M}", f"{local:%H:%M:%S}", f"{rounded:%H:%M}"}
    return told


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo | None:
    """The zone of a name such as ``Europe/Paris``."""
    if not ZONE.match(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # an unknown zone is a KeyError
        return None


def stated_offset(text: str) -> timezone | None:
    """The zone that a text names by its offset or abbreviation: ``BRT``, ``UTC-3``."""
    if match := OFFSET.search(text):
        hours, minutes = int(match.group(1)), int(match.group(2) or 0)
        if abs(hours) <= 14:
            sign = -1 if match.group(1).startswith("-") else 1
            return timezone(timedelta(hours=hours, minutes=sign * minutes))
    for word, shift in ABBREVIATIONS.items():
        if re.search(rf"(?<!\w){word}(?!\w)", text):
            return timezone(timedelta(hours=shift))
    return None
