"""The plan at a glance: what ``/plan/`` shows."""

import asyncio
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tws.found import Found
from tws.pages.asking import FIRST_SECONDS, GLIMPSE_SECONDS, LastKnown, Told
from tws.pages.filters import PER_PAGE, Filter
from tws.pages.trouble import Trouble, trouble_of
from tws.pages.words import ALWAYS_SHOWN, COMMON, Look
from tws.reader import PlanReader
from tws.status import PlanStatus

SHOWN_INCIDENTS = 10
MOST_INCIDENTS = 50
SHOWN_DEADLINES = 8
PARTS = frozenset(
    {"fresh", "trouble", "tiles", "causes", "deadlines", "places", "found"}
)


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
    causes: int = SHOWN_INCIDENTS

    @property
    def shown_incidents(self) -> list[dict[str, Any]]:
        told = self.incidents.value
        return told.data["incidents"][: self.causes] if told else []

    @property
    def incidents_are_old(self) -> bool:
        told = self.incidents
        return bool(told.late or told.error or (told.value and told.value.stale))

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


@dataclass(frozen=True, slots=True)
class WholePlan:
    """Asks for what is told of the plan as a whole."""

    reader: Callable[[], PlanReader]
    known: LastKnown

    async def status(
        self, seconds: float | None, *, renew: bool = False
    ) -> Told[PlanStatus]:
        return await self.known.ask(
            "status", lambda: self.reader().status(renew=renew), seconds
        )

    async def incidents(
        self, seconds: float | None, *, renew: bool = False
    ) -> Told[Found]:
        """All that can be shown, whatever is: so everybody speaks of the same."""
        return await self.known.ask(
            "incidents",
            lambda: self.reader().incidents(MOST_INCIDENTS, renew=renew),
            seconds,
        )

    async def deadlines(
        self, seconds: float | None, *, renew: bool = False
    ) -> Told[Found]:
        return await self.known.ask(
            "deadlines",
            lambda: self.reader().deadlines(SHOWN_DEADLINES, renew=renew),
            seconds,
        )


async def look(
    whole: WholePlan,
    wanted: Filter,
    *,
    parts: Container[str] = PARTS,
    causes: int = SHOWN_INCIDENTS,
    seconds: float = FIRST_SECONDS,
) -> Glance:
    """Ask for these parts side by side; none of them waits longer than that."""
    glimpse = seconds if seconds > FIRST_SECONDS else GLIMPSE_SECONDS
    status, incidents, deadlines, matches = await asyncio.gather(
        whole.status(seconds),
        whole.incidents(glimpse) if "causes" in parts else _nothing(),
        whole.deadlines(glimpse) if "deadlines" in parts else _nothing(),
        find(whole, wanted, seconds) if "found" in parts else _nothing(),
    )
    trouble = await trouble_of(whole.reader, status, seconds)
    return Glance(status, incidents, deadlines, matches, trouble, causes)


async def _nothing() -> Told[Any]:
    return Told()


async def find(whole: WholePlan, wanted: Filter, seconds: float) -> Told[Found]:
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
        return await whole.reader().find(
            pattern, PER_PAGE, wanted.offset, status=wanted.status
        )

    return await whole.known.ask(("find", wanted), search, seconds)


def _tile(name: str, count: int) -> Tile:
    known = COMMON.get(name)
    if known is None:
        return Tile(name, name, "", "unknown", count)
    return Tile(name, known.word, known.internal, known.look, count)
