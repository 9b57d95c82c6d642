"""What is told of the plan as a whole, from the copy of it that is kept in memory."""

import asyncio
import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from tws.client import TwsClient
from tws.diagnosis.states import FINISHED, state_of
from tws.forecast import Forecast
from tws.impact import Risk, risk_of
from tws.incidents import Incident, survey
from tws.loader import PlanLoader
from tws.lookup import Matches, pattern_step
from tws.plan import Plan
from tws.plan.names import Node, readings, select
from tws.selection import Index

T = TypeVar("T")

# A page of the jobs, one of the streams, and when the copy was read that has them.
Search = tuple[Matches, Matches, datetime | None]

SIFTED = 500
BREATH_SECONDS = 0.005
_holding = 0  # how many blocks hold the garbage collector back
# A deadline with less than this to spare is worth looking at.
NEAR_SECONDS = 1800.0


class Copy(NamedTuple):
    """The plan's objects by status and place, as they were read."""

    jobs: Index
    streams: Index
    read_at: datetime | None


class PlanWatch:
    """The loaded plan of one event loop, and what is computed from all of it."""

    def __init__(self, client: TwsClient, clock: Callable[[], datetime]) -> None:
        self._loader = PlanLoader(client, clock=clock)
        self._clock = clock
        self._looking: asyncio.Task[Plan] | None = None
        self._copy: Copy | None = None

    async def aclose(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._loader.aclose()

    @property
    def plan(self) -> Plan | None:
        return self._loader.plan

    @property
    def read_at(self) -> datetime | None:
        return self._loader.read_at

    async def look(self) -> Plan:
        """Bring the copy up to date; whoever asks meanwhile waits for the same."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._loader.current())
            self._looking.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )
        # Whoever asked first may leave: the others still want the plan.
        return await asyncio.shield(self._looking)

    async def incidents(self) -> list[Incident]:
        plan = await self.look()
        now = self._clock()
        with collector_held():
            return await sliced(survey(plan, now, forecast=Forecast(plan, now)))

    async def deadlines(self) -> list[Risk]:
        """Those at risk: the worst first, and with what is near them."""
        plan = await self.look()
        with collector_held():
            return await sliced(_risks(plan, Forecast(plan, self._clock())))

    def counts_better(self, pattern: str, status: str, *, within: timedelta) -> bool:
        """Whether the copy is young enough, and TWS could not count the matches.

        Its filters also fit the statuses of earlier runs, and know no workstation.
        """
        if not (status or "#" in pattern) or self.plan is None or self.read_at is None:
            return False
        return datetime.now(UTC) - self.read_at <= within

    async def search(
        self, pattern: str, *, limit: int, offset: int, status: str
    ) -> Search:
        """As ``tws.lookup.search``, from the copy: every total is exact."""
        step = pattern_step(pattern)
        copy = await self._copied()
        page = slice(offset, offset + limit)
        found = [
            await sliced(index.selected(of_kind, status))
            for index, of_kind in (
                (copy.jobs, [reading for reading in step if reading.job]),
                (copy.streams, [reading for reading in step if not reading.job]),
            )
        ]
        jobs, streams = (Matches(nodes[page], len(nodes)) for nodes in found)
        return jobs, streams, copy.read_at

    async def _copied(self) -> "Copy":
        """What is searched in: made when first asked for after each look at the plan."""
        plan, read_at = self.plan, self.read_at
        if self._copy is None or self._copy.read_at != read_at:
            jobs = list(plan.jobs.values()) if plan else []
            streams = list(plan.streams.values()) if plan else []
            self._copy = Copy(
                await sliced(Index.of(jobs)), await sliced(Index.of(streams)), read_at
            )
        return self._copy

    def find(self, name: str) -> list[Node]:
        """What a name means in the copy; nothing while there is none."""
        plan = self.plan
        if plan is None:
            return []
        if plan.holds(name):
            return [plan.item(name)]
        for step in readings(name):
            names = {reading.job or reading.stream for reading in step}
            if found := select(
                [one for item in names for one in plan.named(item)], step
            ):
                return found
        return []


async def sliced(steps: Generator[None, None, T]) -> T:
    """Run a long computation; the event loop breathes between some of its steps.

    Not between all: each breath waits until everybody else has had a turn.
    """
    until = monotonic() + BREATH_SECONDS
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
        if monotonic() >= until:
            await asyncio.sleep(0)
            until = monotonic() + BREATH_SECONDS


@contextmanager
def collector_held() -> Iterator[None]:
    """For what builds much that is gone again at its end.

    A full pass over it would stop the event loop for a fifth of a second, and find
    nothing; the passes that are due come when the last of these blocks has ended.
    """
    global _holding
    _holding += 1
    gc.disable()
    try:
        yield
    finally:
        _holding -= 1
        if not _holding:
            gc.enable()


def _risks(plan: Plan, forecast: Forecast) -> Generator[None, None, list[Risk]]:
    found: list[Risk] = []
    for number, node in enumerate(list(plan)):
        if number % SIFTED == 0:
            yield
        if node.times.deadline is None or state_of(node) in FINISHED:
            continue
        risk = risk_of(node, forecast)
        if risk is not None and risk.slack_seconds < NEAR_SECONDS:
            found.append(risk)
    return sorted(found, key=lambda risk: risk.slack_seconds)


def summary(incidents: list[Incident]) -> dict[str, Any]:
    """How many causes there are, and how many jobs wait behind them."""
    waiting = {job.id for incident in incidents for job in incident.members}
    return {"total": len(incidents), "waiting": len(waiting)}
