"""What stands between the page and TWS, in a sentence, with what to do about it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from tws.exceptions import TwsBadName, TwsError, TwsUnavailable
from tws.found import Found
from tws.pages.asking import Told
from tws.reader import PlanReader

Kind = Literal["down", "stale", "refused", "name"]

PING_SECONDS = 2.0
# A slow answer is no trouble while what is shown is younger than this.
LONG_AGO = timedelta(seconds=120)
HTTP_STATUS = {"down": 503, "stale": 200, "refused": 502, "name": 400}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the page cannot show the plan as it is now.

    ``down``: nothing is known. ``stale``: what is shown is old. ``refused``: TWS
    declined, and asking again will not help. ``name``: nothing can be called so.
    """

    kind: Kind
    sentence: str
    action: str = ""
    known_at: datetime | None = None
    is_vague: bool = False  # the reason was not to be had in the time

    @property
    def http_status(self) -> int:
        return HTTP_STATUS[self.kind]


async def trouble_of(
    reader: Callable[[], PlanReader], told: Told[Any], seconds: float
) -> Trouble | None:
    """From the answer on which the page rests."""
    if told.error is not None:
        return _from_error(told.error, told.value)
    if told.value is None:
        return None
    if is_stale(told.value):
        # The reader has kept the reason to itself: ask TWS how it is.
        error = await _reason(reader, min(seconds / 2, PING_SECONDS))
        if error is not None:
            return _from_error(error, told.value)
        sentence = _("TWS did not answer when it was asked last.")
        action = _("`manage.py tws_ping` tells what stands between.")
        return Trouble("stale", sentence, action, known_at(told.value), is_vague=True)
    read_at = known_at(told.value)
    if told.late and read_at and datetime.now(UTC) - read_at > LONG_AGO:
        sentence = _("TWS takes its time to answer.")
        return Trouble("stale", sentence, known_at=read_at)
    return None


def is_stale(value: object) -> bool:
    if isinstance(value, Found):
        return value.stale
    return isinstance(value, Mapping) and bool(value.get("stale"))


def known_at(value: object) -> datetime | None:
    """When the answer was read."""
    if isinstance(value, Found):
        return value.read_at
    if isinstance(value, Mapping) and "read_at" in value:
        return datetime.fromisoformat(value["read_at"])
    return None


async def _reason(reader: Callable[[], PlanReader], seconds: float) -> TwsError | None:
    try:
        async with asyncio.timeout(seconds):
            await reader().ping()
    except TimeoutError:
        return None
    except TwsError as error:
        return error
    return None


def _from_error(error: TwsError, value: object) -> Trouble:
    if value is not None:
        return Trouble("stale", error.message, error.action, known_at(value))
    kind: Kind = "refused"
    if isinstance(error, TwsUnavailable):
        kind = "down"
    elif isinstance(error, TwsBadName):
        kind = "name"
    return Trouble(kind, error.message, error.action)
