"""The calls that bring parts of a plan; what TWS declines to tell is noted."""

from collections.abc import Coroutine, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial, reduce
from operator import or_
from typing import Any, Literal

from tws.client import TwsClient
from tws.exceptions import TwsNotFound, TwsRejected
from tws.lookup import names_filter
from tws.oql import Condition, field
from tws.paging import gathered
from tws.payloads import Job, JobStream, Page, Resource
from tws.plan import JobNode, Missing, Plan, StreamNode
from tws.plan.build import job_node, stream_node
from tws.plan.graph import OCCUPYING

DEPTH = 50
MOST_ROWS = 1000

Fetch = Coroutine[Any, Any, None]
Node = JobNode | StreamNode
Way = Literal["predecessors", "successors"]


async def around(
    client: TwsClient, node: Node, way: Way, depth: int = DEPTH
) -> Sequence[Job | JobStream]:
    """What comes before a job or job stream, or after it, with dependencies."""
    kind = "job" if isinstance(node, JobNode) else "jobstream"
    ask = {
        ("job", "predecessors"): client.job_predecessors,
        ("job", "successors"): client.job_successors,
        ("jobstream", "predecessors"): client.jobstream_predecessors,
        ("jobstream", "successors"): client.jobstream_successors,
    }
    return await ask[kind, way](node.id, depth)


class Fetcher:
    """Puts what each call brings into the plan."""

    def __init__(self, client: TwsClient, plan: Plan) -> None:
        self.plan = plan
        self.notes: dict[str, None] = {}  # what was declined, each once
        self.tells_neighbours = True
        self._client = client

    async def tried(self, fetch: Fetch, settles: Iterable[Missing] = ()) -> None:
        """A call that a release lacks, or a user may not make, is gone without.

        ``settles`` is what need not be asked for again, whatever the answer.
        """
        try:
            await fetch
        except TwsRejected as error:
            if not error.concerns_one_call:
                raise
            self.notes[f"Not all could be read: {error.message}"] = None
        for missing in settles:
            self.plan.know_absent(missing)

    async def job(self, item: str) -> None:
        try:
            self._put(await self._client.job(item), whole=True)
        except TwsNotFound:
            self.plan.know_absent(Missing("job", item))

    async def stream(self, item: str) -> None:
        try:
            self._put(await self._client.jobstream(item), whole=True)
        except TwsNotFound:
            self.plan.know_absent(Missing("stream", item))

    async def predecessors(self, node: Node) -> None:
        await self._around(node, "predecessors")

    async def successors(self, node: Node) -> None:
        await self._around(node, "successors")
        self.plan.know_followers_of(node.id, DEPTH)

    async def some_jobs(self, wanted: Sequence[Missing]) -> None:
        """Some by id, all of some streams, and those that run in some places."""
        oql = reduce(or_, _selections(wanted))
        page = await gathered(partial(self._client.jobs, oql=oql), MOST_ROWS)
        self._take(page)
        for missing in wanted:
            if missing.kind == "jobs_of":
                self.plan.know_jobs_of(missing.id)
            elif missing.kind == "running_on":
                self.plan.know_running_on(missing.id)
            elif page.next_offset is None:
                self.plan.know_absent(missing)

    async def some_streams(self, ids: Sequence[str]) -> None:
        oql = field("id").isin(ids)
        page = await gathered(partial(self._client.jobstreams, oql=oql), len(ids))
        self._take(page)
        if page.next_offset is None:
            for item in ids:
                self.plan.know_absent(Missing("stream", item))

    async def named(self, labels: Sequence[str], *, of_jobs: bool) -> None:
        """What dependencies give no id of, by the names that they give."""
        oql = names_filter(labels, of_jobs=of_jobs)
        if oql is None:
            return
        if of_jobs:
            jobs = partial(self._client.jobs, oql=oql)
            self._take(await gathered(jobs, MOST_ROWS))
        else:
            streams = partial(self._client.jobstreams, oql=oql)
            self._take(await gathered(streams, MOST_ROWS))

    async def resources(self, keys: Iterable[str]) -> None:
        names = sorted({key.rpartition("/")[2] for key in keys})
        oql = field("name").isin(names)
        page = await gathered(partial(self._client.resources, oql=oql), MOST_ROWS)
        for resource in page.items:
            whole = resource
            if _hides_holders(resource):
                whole = await self._client.resource(resource.id)
            self.plan.put_resource(whole, _read_at())

    async def workstations(self) -> None:
        page = await gathered(self._client.workstations, MOST_ROWS)
        for workstation in page.items:
            self.plan.put_workstation(workstation, _read_at())

    async def state(self) -> None:
        self.plan.state = await self._client.plan_state()

    def keep(self, node: Node) -> None:
        """What is known already is not less than this."""
        if not self.plan.holds(node.id):
            self.plan.put(node)

    async def _around(self, node: Node, way: Way) -> None:
        try:
            found = await around(self._client, node, way)
        except TwsRejected:
            self.tells_neighbours = False
            raise
        for item in found:
            self._put(item, whole=True)

    def _take(self, page: Page[Job] | Page[JobStream]) -> None:
        self.plan.unusable += [
            f"{bad.name or bad.id}: {bad.problem}" for bad in page.unusable
        ]
        for item in page.items:
            self._put(item)

    def _put(self, item: Job | JobStream, *, whole: bool = False) -> None:
        if isinstance(item, Job):
            self.plan.put_job(job_node(item, _read_at(), whole=whole))
        else:
            self.plan.put_stream(stream_node(item, _read_at(), whole=whole))


def _selections(wanted: Iterable[Missing]) -> Iterator[Condition]:
    ids, streams, places = (
        [missing.id for missing in wanted if missing.kind == kind]
        for kind in ("job", "jobs_of", "running_on")
    )
    if ids:
        yield field("id").isin(ids)
    if streams:
        yield field("jobStreamId").isin(streams)
    if places:
        names = sorted({name for place in places for name in _spellings(place)})
        there = field("workstation").isin(names)
        there |= field("jobruns.actualWorkstation").isin(names)
        runs = field("jobruns.compositeStatus.status").isin(sorted(OCCUPYING))
        yield there & runs


def _spellings(place: str) -> tuple[str, ...]:
    """Engines may leave out the root folder."""
    bare = place.removeprefix("/")
    return (place,) if "/" in bare else (place, bare)


def _hides_holders(resource: Resource) -> bool:
    """A list may leave them out, as it does with dependencies."""
    return bool(resource.in_use) and not resource.holders and bool(resource.id)


def _read_at() -> datetime:
    return datetime.now(UTC)
