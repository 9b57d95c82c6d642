"""Keeps the whole plan in memory: loads it in pages, then fetches what has changed."""

import asyncio
import gc
import logging
import sys
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Sequence,
)
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any, TypeVar

from tws.client import TwsClient
from tws.diagnosis.states import State, state_of
from tws.exceptions import TwsError, TwsNotFound, TwsRejected
from tws.fetching import around
from tws.oql import Condition, field
from tws.paging import gathered
from tws.payloads import Count, Job, JobStream, Page
from tws.plan import Follows, JobNode, Join, Need, Plan, StreamNode
from tws.plan.build import job_node, stream_node
from tws.plan.graph import needs_of, with_needs_of
from tws.together import together, unless_declined

logger = logging.getLogger(__name__)

T = TypeVar("T", Job, JobStream)
P = TypeVar("P")
Node = JobNode | StreamNode

SLICE = 25  # objects put in between two breaths of the event loop
SIFTED = 500  # objects looked at
READS_AT_ONCE = 8
BACKGROUND_READS = 4
MOST_IDS = 100  # in one filter
MOST_QUIET = 1000
MOST_FOLLOWED = 200
MOST_PRESSING = 500
DEPTH = 50
MOST_PLACES = 10_000
# What may have changed just before the last look is looked at again.
OVERLAP = timedelta(seconds=60)
# Changes that leave no trace are found when all is read again.
WHOLE_SECONDS = 900.0
UNSETTLED = ("READY", "RUNNING", "ERROR", "HELD", "BLOCKED", "UNDECIDED", "SUPPRESS")
CANCELED = "CANCELED"
OPEN = frozenset({State.WAITING, State.CANCELING, State.SUPPRESSED})


class PlanLoader:
    """The plan of one engine, for one event loop. Empty until it is first asked for."""

    def __init__(
        self, client: TwsClient, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.plan: Plan | None = None
        self.read_at: datetime | None = None
        self.client = client
        self.now = clock or (lambda: datetime.now(UTC) + client.clock_ahead)
        self._looked_at: datetime | None = None
        self._whole_at = 0.0
        self._run_number: int | None = None
        self._completing: asyncio.Task[None] | None = None
        self._followed: set[str] = set()
        self._putting = asyncio.Lock()

    async def aclose(self) -> None:
        if self._completing is not None:
            self._completing.cancel()
            await asyncio.gather(self._completing, return_exceptions=True)

    async def current(self) -> Plan:
        """The plan as it is now: read whole when that is due, else what changed."""
        if self.plan is None or monotonic() - self._whole_at > WHOLE_SECONDS:
            plan = await self.load()
        else:
            plan = await self.refresh()
        if self._completing is None or self._completing.done():
            self._completing = asyncio.create_task(self._complete_quietly())
        return plan

    async def load(self) -> Plan:
        """Every object, and the most pressing dependencies; ``complete`` reads the rest.

        Until every object is there the plan from before stays. What is told of the
        dependencies is kept as it comes: after an error the next look goes on from there.
        """
        started = self.now()
        _let_the_loop_breathe()
        plan = Plan()
        async with together() as group:
            group.create_task(self._put_all(plan, self.client.jobstream_pages()))
            group.create_task(self._put_all(plan, self.client.job_pages()))
            group.create_task(self._put_places(plan))
        if self.plan is not None:
            await _take_over_needs(self.plan, plan)
        self.plan = plan
        self._seen(started)
        self._whole_at = monotonic()
        self._run_number = plan.state.run_number if plan.state else None
        self._followed = {item for item in self._followed if plan.holds(item)}
        await self._read_pressing(plan)
        facts = {"action": "plan_loaded", "jobs": len(plan.jobs)}
        logger.info("plan loaded", extra=facts)
        return plan

    async def refresh(self) -> Plan:
        """What runs, what began or ended since, and what that may have freed."""
        plan = self.plan
        if plan is None:
            return await self.load()
        started = self.now()
        since = (self._looked_at or started) - OVERLAP
        await self._put_places(plan)
        if plan.state and plan.state.run_number != self._run_number:
            return await self.load()
        async with together() as group:
            jobs = self.client.job_pages(oql=_changed_jobs(since))
            group.create_task(self._put_all(plan, jobs))
            streams = self.client.jobstream_pages(oql=_changed_streams(since))
            group.create_task(self._put_all(plan, streams))
            in_jobs = group.create_task(_counted(self.client.job_count))
            in_streams = group.create_task(_counted(self.client.jobstream_count))
        counts = (in_jobs.result(), in_streams.result())
        if [one.total for one in counts] != [len(plan.jobs), len(plan.streams)]:
            await self._reconcile(plan)
        await self._find_cancelled(plan, *counts)
        await self._look_again(plan, await _sift(plan, _is_quiet))
        await self._read_pressing(plan)
        self._seen(started)
        return plan

    async def complete(self) -> None:
        """Read the dependencies that nothing has asked for so far."""
        plan = self.plan
        if plan is not None:
            await self._read_whole(plan, await _unread(plan), in_background=True)

    async def _complete_quietly(self) -> None:
        """In the background nobody waits for an error: the next reader meets it too."""
        try:
            await self.complete()
        except TwsError as error:
            facts = {"action": "plan_incomplete", "error": str(error)}
            logger.warning("dependencies not all read", extra=facts)

    def _seen(self, started: datetime) -> None:
        self._looked_at = started
        self.read_at = datetime.now(UTC)

    async def _put_all(self, plan: Plan, pages: AsyncGenerator[Page[T], None]) -> None:
        async with aclosing(pages):
            async for page in pages:
                for bad in page.unusable:
                    plan.unusable.append(f"{bad.name or bad.id}: {bad.problem}")
                await self._put_sliced(plan, page.items)

    async def _put_sliced(
        self,
        plan: Plan,
        items: Sequence[Job] | Sequence[JobStream] | Sequence[Job | JobStream],
        *,
        whole: bool = False,
    ) -> None:
        """The event loop breathes after each slice, however many want to put some."""
        for start in range(0, len(items), SLICE):
            async with self._putting:
                for item in items[start : start + SLICE]:
                    _put(plan, item, whole=whole)
                await asyncio.sleep(0)

    async def _put_places(self, plan: Plan) -> None:
        async with together() as group:
            places = group.create_task(_all_places(self.client.workstations))
            things = group.create_task(_all_places(self.client.resources))
            state = group.create_task(unless_declined(self.client.plan_state(), None))
        now = datetime.now(UTC)
        for place in places.result().items:
            plan.put_workstation(place, now)
        for thing in things.result().items:
            plan.put_resource(thing, now)
        plan.state = state.result()

    async def _reconcile(self, plan: Plan) -> None:
        """Streams were submitted or have left: list them all, and the jobs of the new."""
        listed: set[str] = set()
        pages = self.client.jobstream_pages()
        async with aclosing(pages):
            async for page in pages:
                listed.update(stream.id for stream in page.items)
                await self._put_sliced(plan, page.items)
        gone = plan.streams.keys() - listed
        plan.drop([job.id for stream in gone for job in plan.jobs_of(stream)])
        plan.drop(gone)
        other = [
            stream.id
            for stream in plan.streams.values()
            if stream.job_count != len(plan.jobs_of(stream.id))
        ]
        async with together() as group:
            for part in _parts(other):
                jobs = self.client.job_pages(oql=field("jobStreamId").isin(part))
                group.create_task(self._put_all(plan, jobs))

    async def _find_cancelled(self, plan: Plan, jobs: Count, streams: Count) -> None:
        """A cancel of what waits leaves no time behind: only the counts tell of it."""
        known = await _sift(plan, lambda node: node.common_status == CANCELED)
        known_jobs = sum(isinstance(node, JobNode) for node in known)
        if jobs.groups.get(CANCELED, 0) != known_jobs:
            oql = field("jobruns.commonStatus") == CANCELED
            await self._put_all(plan, self.client.job_pages(oql=oql))
        if streams.groups.get(CANCELED, 0) != len(known) - known_jobs:
            oql = field("commonStatus") == CANCELED
            await self._put_all(plan, self.client.jobstream_pages(oql=oql))

    async def _look_again(self, plan: Plan, nodes: list[Node]) -> None:
        """List some by id: their counts tell whether their dependencies changed."""
        nodes = nodes[:MOST_QUIET]
        jobs = [node.id for node in nodes if isinstance(node, JobNode)]
        streams = [node.id for node in nodes if isinstance(node, StreamNode)]
        async with together() as group:
            for part in _parts(jobs):
                pages = self.client.job_pages(oql=field("id").isin(part))
                group.create_task(self._put_all(plan, pages))
            for part in _parts(streams):
                more = self.client.jobstream_pages(oql=field("id").isin(part))
                group.create_task(self._put_all(plan, more))

    async def _read_pressing(self, plan: Plan) -> None:
        """What the failed jobs hold, and as much of the rest as is worth waiting for."""
        failed = await _sift(plan, lambda node: self._must_follow(node))
        await _each(
            failed[:MOST_FOLLOWED], lambda node: self._follow(plan, node), READS_AT_ONCE
        )
        unread = await _unread(plan)
        await self._read_whole(plan, unread[:MOST_PRESSING])

    def _must_follow(self, node: Node) -> bool:
        return state_of(node) is State.FAILED and node.id not in self._followed

    async def _follow(self, plan: Plan, node: Node) -> None:
        """One answer tells the dependencies of all that waits behind it.

        Who does not get it reads them one by one; whether the object is gone is told
        when it is asked for itself.
        """
        self._followed.add(node.id)
        found = await unless_declined(around(self.client, node, "successors"), None)
        if found is None:
            await self._read_one(plan, node)
            return
        await self._put_sliced(plan, found, whole=True)

    async def _read_whole(
        self, plan: Plan, nodes: Iterable[Node], *, in_background: bool = False
    ) -> None:
        """By id, a few at a time; what is no longer there is forgotten.

        In the background half of the time is left to those who wait for a page.
        """

        async def read(node: Node) -> None:
            if plan.lacks(needs_of(node)):
                began = monotonic()
                await self._read_one(plan, node)
                if in_background:
                    await asyncio.sleep(monotonic() - began)

        await _each(nodes, read, BACKGROUND_READS if in_background else READS_AT_ONCE)

    async def _read_one(self, plan: Plan, node: Node) -> None:
        try:
            if isinstance(node, JobNode):
                _put(plan, await self.client.job(node.id), whole=True)
            else:
                _put(plan, await self.client.jobstream(node.id), whole=True)
        except TwsNotFound:
            plan.drop([node.id])
        except TwsRejected as error:  # it stays as the list has told of it
            if not error.concerns_one_call:
                raise


@cache
def _let_the_loop_breathe() -> None:
    """Settle the process for a load: once is enough.

    The thread that decodes gives the interpreter back after 1 ms instead of 5, which
    halves the loop's lag. What the process is made of leaves the collector's full
    passes: loading causes several, and each would walk all of it.
    """
    sys.setswitchinterval(0.001)
    gc.freeze()


async def _all_places(ask: Callable[..., Coroutine[Any, Any, Page[P]]]) -> Page[P]:
    """None of them where they may not be read: what is told of jobs is true all the same."""
    return await unless_declined(gathered(ask, MOST_PLACES), Page(items=[]))


async def _counted(count: Callable[..., Coroutine[Any, Any, Count]]) -> Count:
    """A count that is not told differs from each: then the plan is compared by lists."""
    return await unless_declined(count(group_by=("status",)), Count(total=-1))


async def _each(
    nodes: Iterable[Node], read: Callable[[Node], Awaitable[None]], at_once: int
) -> None:
    queue = iter(list(nodes))

    async def work() -> None:
        for node in queue:
            await read(node)

    async with together() as group:
        for _ in range(at_once):
            group.create_task(work())


def _put(plan: Plan, item: Job | JobStream, *, whole: bool = False) -> None:
    now = datetime.now(UTC)
    if isinstance(item, Job):
        plan.put_job(job_node(item, now, whole=whole))
    else:
        plan.put_stream(stream_node(item, now, whole=whole))


async def _take_over_needs(old: Plan, new: Plan) -> None:
    """Dependencies that are still current need not be read again."""
    for number, node in enumerate(list(new)):
        if node.need_count and old.holds(node.id):
            before = old.item(node.id)
            if isinstance(node, JobNode) and isinstance(before, JobNode):
                new.put_job(with_needs_of(before, node))
            elif isinstance(node, StreamNode) and isinstance(before, StreamNode):
                new.put_stream(with_needs_of(before, node))
        if number % SLICE == 0:
            await asyncio.sleep(0)


async def _sift(plan: Plan, test: Callable[[Node], bool]) -> list[Node]:
    """The event loop breathes: a plan can hold more than it can look at in one go."""
    found: list[Node] = []
    ids = [*plan.streams, *plan.jobs]
    for start in range(0, len(ids), SIFTED):
        for item in ids[start : start + SIFTED]:
            if plan.holds(item) and test(node := plan.item(item)):
                found.append(node)
        await asyncio.sleep(0)
    return found


async def _unread(plan: Plan) -> list[Node]:
    """What must still be read for the plan's trouble to be told exactly.

    First what is in trouble itself; last the jobs of streams that have not begun.
    """
    ranks: list[list[Node]] = [[], [], [], []]
    found = await _sift(plan, lambda node: _is_open(node) or _asks(node))
    for number, node in enumerate(found):
        ranks[_urgency(plan, node)].append(node)
        if number % SIFTED == 0:
            await asyncio.sleep(0)
    return [node for rank in ranks for node in rank]


def _urgency(plan: Plan, node: Node) -> int:
    if isinstance(node, StreamNode) or _asks(node):
        return 0
    stream = plan.streams.get(node.stream)
    state = state_of(stream) if stream else State.UNKNOWN
    if state is State.FAILED:
        return 1
    return 3 if state is State.WAITING and stream and stream.may_wait else 2


def _asks(node: Node) -> bool:
    """It may have failed with a recovery prompt, which is among its dependencies."""
    return (
        isinstance(node, JobNode)
        and not node.whole
        and (node.recovery.endswith("_PROMPT") or node.need_message)
        and state_of(node) is State.FAILED
    )


def _is_open(node: Node) -> bool:
    """It waits for something, and only a list has told so."""
    return not node.whole and node.may_wait and state_of(node) in OPEN


def _is_quiet(node: Node) -> bool:
    """It waits for a person or a file: that ends without a trace in any time."""
    if state_of(node) not in OPEN:
        return False
    return node.priority == 0 or any(_comes_from_outside(need) for need in node.needs)


def _comes_from_outside(need: Need) -> bool:
    if isinstance(need, Follows):
        return (need.pending or need.zombie) and not need.satisfied
    return not isinstance(need, Join) and not need.satisfied


def _parts(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS)]


def _changed_jobs(since: datetime) -> Condition:
    return (
        field("jobruns.commonStatus").isin(UNSETTLED)
        | (field("jobruns.compositeStatus.status") == "INTRO")
        | (field("jobruns.timeInfo.actualStartTime") >= since)
        | (field("jobruns.timeInfo.actualEndTime") >= since)
    )


def _changed_streams(since: datetime) -> Condition:
    return (
        field("commonStatus").isin(UNSETTLED)
        | (field("timeInfo.actualStartTime") >= since)
        | (field("timeInfo.actualEndTime") >= since)
    )
