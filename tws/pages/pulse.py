"""Keeps the plan fresh while somebody looks at it, and tells which parts have changed."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from django.conf import settings

from tws.exceptions import TwsError
from tws.pages.asking import LastKnown, Told
from tws.pages.digests import Digests, digests_of
from tws.pages.glance import Glance, WholePlan
from tws.pages.trouble import PING_SECONDS, trouble_of
from tws.reader import PlanReader

logger = logging.getLogger(__name__)

LEAST_SECONDS, MOST_SECONDS = 5.0, 60.0
# A plan that takes long to look at is looked at less often.
RESTS_FOR_A_LOOK = 3.0


class Pulse:
    """Looks at the plan again and again while there are followers; all share the looks.

    Made at any time, followed within one event loop.
    """

    def __init__(
        self,
        reader: Callable[[], PlanReader],
        *,
        seconds: float,
        least: float = LEAST_SECONDS,
    ) -> None:
        self._reader = reader
        self._seconds = seconds
        self._least = min(least, seconds)
        self._whole = WholePlan(reader, LastKnown())
        self._told: dict[str, Told[Any]] = {}
        self._digests: Digests = {}
        self._followers: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._due = self._soonest = 0.0
        self._hurried = asyncio.Event()
        self._closed = False

    async def aclose(self) -> None:
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def follow(self) -> AsyncGenerator[Digests, None]:
        """What there is of each part, and again whenever that has changed.

        Who takes long to come back for the next has missed what was between.
        """
        changed = asyncio.Event()
        self._followers.add(changed)
        self._begin()
        told: Digests = {}
        try:
            while True:
                if self._digests == told:
                    changed.clear()
                    await changed.wait()
                else:
                    told = self._digests
                    yield told
        finally:
            self._followers.discard(changed)
            if not self._followers and self._looking is not None:
                self._looking.cancel()

    def hurry(self) -> None:
        """Somebody has reason to look now; however many say so, TWS has some rest."""
        self._due = min(self._due, self._soonest)
        self._hurried.set()

    def _begin(self) -> None:
        runs = self._looking is not None and not self._looking.done()
        if runs or self._closed or not self._followers:
            return
        if monotonic() >= self._due:
            self._digests = {}  # those of a time when nobody looked
        self._looking = asyncio.create_task(self._keep_looking())
        self._looking.add_done_callback(self._ended)

    def _ended(self, looking: asyncio.Task[None]) -> None:
        """Cancelled when nobody follows any more; anything else is a defect."""
        if not looking.cancelled():
            logger.error("plan not looked at", exc_info=looking.exception())
            self._due = monotonic() + self._seconds
        if looking is self._looking:
            self._begin()

    async def _keep_looking(self) -> None:
        while True:
            await self._rest()
            began = monotonic()
            is_well = await self._look()
            ended = monotonic()
            rest = max(self._seconds, RESTS_FOR_A_LOOK * (ended - began))
            self._soonest = ended + self._least
            self._due = ended + rest if is_well else self._soonest

    async def _rest(self) -> None:
        while (left := self._due - monotonic()) > 0:
            self._hurried.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._hurried.wait()

    async def _look(self) -> bool:
        """All parts side by side; while one is not known at all, each is told at once."""
        news: dict[str, Awaitable[Told[Any]]] = {
            "status": self._whole.status(None, renew=True),
            "incidents": self._whole.incidents(None, renew=True),
            "deadlines": self._whole.deadlines(None, renew=True),
        }
        is_first = any(name not in self._told for name in news)

        async def take(name: str, told: Awaitable[Told[Any]]) -> None:
            self._told[name] = await told
            if is_first:
                await self._tell()

        async with asyncio.TaskGroup() as group:
            for name, told in news.items():
                group.create_task(take(name, told))
        with suppress(TwsError):  # no address: there are no objects either
            self._reader().outdate_objects()
        return await self._tell()

    async def _tell(self) -> bool:
        """Whether all is well."""
        nothing: Told[Any] = Told()
        status = self._told.get("status", nothing)
        glance = Glance(
            status,
            self._told.get("incidents", nothing),
            self._told.get("deadlines", nothing),
            matches=nothing,
            trouble=await trouble_of(self._reader, status, 2 * PING_SECONDS),
        )
        self._digests = digests_of(glance)
        for follower in self._followers:
            follower.set()
        return glance.trouble is None


def pulse_from_settings(reader: Callable[[], PlanReader]) -> Pulse:
    """As often as what is read may be old, and twice."""
    seconds = min(max(settings.TWS_CACHE_TTL / 2, LEAST_SECONDS), MOST_SECONDS)
    return Pulse(reader, seconds=seconds)
