"""The plan at a glance: what ``/plan/`` shows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tws.found import Found
from tws.pages.asking import FIRST_SECONDS, LastKnown, Told
from tws.pages.filters import PER_PAGE, Filter
from tws.pages.trouble import Trouble, trouble_of
from tws.pages.words import ALWAYS_SHOWN, COMMON, Look
from tws.reader import PlanReader
from tws.status import PlanStatus

SHOWN_INCIDENTS = 10
MOST_INCIDENTS = 50
SHOWN_DEADLINES = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """How many jobs have one public status."""

    status: str
    word: object
    internal: str
    look: Look
    count: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What was told of the plan as a whole."""

    status: Told[PlanStatus]
    incidents: Told[Found]
    deadlines: Told[Found]
    matches: Told[Found]
    trouble: Trouble | None

    @property
    def is_pending(self) -> bool:
        """Whether more is known soon."""
        asked = (self.status, self.incidents, self.deadlines, self.matches)
        return any(told.late for told in asked)

    @property
    def is_empty(self) -> bool:
        return self.status.value is None

    @property
    def title(self) -> str:
        """For the browser's tab, which is seen also when another one is in front."""
        counts = self.status.value["counts"] if self.status.value else {}
        title = f"{_('Plan')} · Resync"
        return f"({counts['ERROR']}) {title}" if counts.get("ERROR") else title

    @property
    def tiles(self) -> list[Tile]:
        counts = self.status.value["counts"] if self.status.value else {}
        order = [*COMMON, *(name for name in counts if name not in COMMON)]
        return [
            _tile(name, counts.get(name, 0))
            for name in order
            if counts.get(name) or name in ALWAYS_SHOWN
        ]

    @property
    def provisional(self) -> list[dict[str, Any]]:
        """Until the causes are known: the jobs in error, as if each were one."""
        errors = self.status.value["errors"] if self.status.value else []
        return [{**job, "kind": "job_failed"} for job in errors[:SHOWN_INCIDENTS]]

    @property
    def bad_workstations(self) -> list[dict[str, Any]]:
        return self._workstations(bad=True)

    @property
    def good_workstations(self) -> list[dict[str, Any]]:
        return self._workstations(bad=False)

    def _workstations(self, *, bad: bool) -> list[dict[str, Any]]:
        places = self.status.value["workstations"]["list"] if self.status.value else []
        return [
            place
            for place in places
            if bool(place["trouble"] or place["ignored"]) is bad
        ]


async def look(
    reader: Callable[[], PlanReader],
    known: LastKnown,
    wanted: Filter,
    *,
    incidents: int = SHOWN_INCIDENTS,
    seconds: float = FIRST_SECONDS,
) -> Glance:
    """Ask for all parts side by side; none of them waits longer than that."""
    most = max(SHOWN_INCIDENTS, min(incidents, MOST_INCIDENTS))
    status, causes, deadlines, matches = await asyncio.gather(
        known.ask("status", lambda: reader().status(), seconds),
        known.ask(("incidents", most), lambda: reader().incidents(most), seconds),
        known.ask("deadlines", lambda: reader().deadlines(SHOWN_DEADLINES), seconds),
        find(reader, known, wanted, seconds),
    )
    trouble = await trouble_of(reader, status, seconds)
    return Glance(status, causes, deadlines, matches, trouble)


async def find(
    reader: Callable[[], PlanReader], known: LastKnown, wanted: Filter, seconds: float
) -> Told[Found]:
    """A page of what the filter selects; the names of TWS are mostly in capitals."""
    if not wanted.is_active:
        return Told()

    async def search() -> Found:
        found = await one(wanted.wanted)
        big = wanted.wanted.upper()
        if found.data["jobs_total"] or found.data["streams_total"]:
            return found
        return await one(big) if big != wanted.wanted else found

    async def one(pattern: str) -> Found:
        return await reader().find(
            pattern, PER_PAGE, wanted.offset, status=wanted.status
        )

    return await known.ask(("find", wanted), search, seconds)


def _tile(name: str, count: int) -> Tile:
    known = COMMON.get(name)
    if known is None:
        return Tile(name, name, "", "unknown", count)
    return Tile(name, known.word, known.internal, known.look, count)
