"""Fetches just that part of the plan which one diagnosis asks for, side by side."""

from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from tws.client import TwsClient
from tws.diagnosis import Diagnosis, examine
from tws.diagnosis.states import State, state_of
from tws.exceptions import TwsNotFound
from tws.impact import Assumption, Impact, impact
from tws.oql import Condition, field
from tws.payloads import Job, JobStream, Page
from tws.plan import JobNode, Missing, Plan, StreamNode
from tws.plan.build import job_node, stream_node
from tws.plan.graph import OCCUPYING
from tws.together import together

DEPTH = 50
MOST_CALLS = 60
MOST_IDS = 100  # in one filter: an address cannot be of any length
MOST_ROWS = 1000

SOURCES = {State.FAILED, State.RUNNING, State.CONFIRMING, State.LAUNCHING}

Fetch = Coroutine[Any, Any, None]
Node = JobNode | StreamNode


class Closure:
    """A part of the plan that grows until the diagnosis of one object is final."""

    def __init__(
        self, client: TwsClient, now: datetime, plan: Plan | None = None
    ) -> None:
        self.plan = Plan(complete=False) if plan is None else plan
        self.now = now
        self.calls = 0
        self._client = client
        self._asked: set[Missing] = set()
        self._sources: set[str] = set()

    async def diagnose(self, target: Node) -> Diagnosis:
        """Fetch and examine in turn, until nothing is missing any more."""
        self._take(target)
        outcome = examine(self.plan, target.id, self.now)
        while self._lacks(outcome.missing, MOST_CALLS):
            await self._fetch(outcome.missing - self._asked)
            outcome = examine(self.plan, target.id, self.now)
        return outcome.diagnosis

    async def impact(
        self,
        target: Node,
        assumption: Assumption = "cured_now",
        *,
        delay_seconds: float = 0.0,
        more_calls: int = MOST_CALLS,
    ) -> Impact:
        """What waits for it, as far as that can be read in so many calls more."""
        most = self.calls + more_calls
        self._take(target)

        def found() -> Impact:
            return impact(
                self.plan,
                target.id,
                self.now,
                assumption=assumption,
                delay_seconds=delay_seconds,
            )

        told = found()
        while self._lacks(told.missing, most):
            await self._fetch(told.missing - self._asked)
            told = found()
        return told

    def _lacks(self, missing: frozenset[Missing], most: int) -> bool:
        return bool(missing - self._asked) and self.calls < most

    async def _fetch(self, wanted: Iterable[Missing]) -> None:
        """What is missing, in as few calls as can be, at the same time."""
        ids: dict[str, list[str]] = defaultdict(list)
        for missing in sorted(wanted, key=lambda item: (item.kind, item.id)):
            ids[missing.kind].append(missing.id)
            self._asked.add(missing)
        fetches = self._lists(ids)
        fetches += self._job_needs(ids["job_needs"])
        fetches += self._stream_needs(ids["stream_needs"])
        fetches += self._followers(ids["followers_of"])
        self.calls += len(fetches)
        async with together() as group:
            for fetch in fetches:
                group.create_task(fetch)

    def _lists(self, ids: dict[str, list[str]]) -> list[Fetch]:
        fetches: list[Fetch] = []
        if ids["job"] or ids["jobs_of"] or ids["running_on"]:
            fetches.append(
                self._some_jobs(ids["job"], ids["jobs_of"], ids["running_on"])
            )
        if len(ids["stream"]) == 1:
            fetches.append(self._stream(ids["stream"][0]))
        elif ids["stream"]:
            fetches.append(self._some_streams(ids["stream"]))
        if ids["resource"]:
            fetches.append(self._resources(ids["resource"]))
        if ids["workstation"]:
            fetches.append(self._workstations(ids["workstation"]))
        if ids["state"]:
            fetches.append(self._state())
        return fetches

    def _job_needs(self, ids: list[str]) -> list[Fetch]:
        """One job of each stream now, and what it brings; the others in the next round.

        The answer to a question for neighbours holds whole jobs: so what follows a job
        that has failed or runs, and what comes before the last, is known by one call.
        """
        fetches: list[Fetch] = []
        by_stream: dict[str, list[JobNode]] = defaultdict(list)
        for item in ids:
            job = self.plan.jobs[item]
            by_stream[job.stream].append(job)
        for stream, jobs in by_stream.items():
            first = min(jobs, key=lambda job: job.position)
            source = self._source(stream, first.position)
            if source is not None:
                fetches.append(self._successors(source))
                self._asked -= {Missing("job_needs", job.id) for job in jobs}
                continue
            self._asked -= {Missing("job_needs", job.id) for job in jobs}
            self._asked.add(Missing("job_needs", first.id))
            fetches += [self._job(first.id), self._predecessors(first)]
            if len(jobs) > 1:
                fetches.append(self._successors(first))
        return fetches

    def _source(self, stream: str, before: int) -> JobNode | None:
        """A job that those which wait in this stream very likely follow."""
        for job in self.plan.jobs_of(stream):
            likely = state_of(job) in SOURCES and job.position < before
            if likely and job.id not in self._sources:
                self._sources.add(job.id)
                return job
        return None

    def _stream_needs(self, ids: list[str]) -> list[Fetch]:
        fetches: list[Fetch] = []
        for item in ids:
            fetches += [self._stream(item), self._predecessors(self.plan.streams[item])]
        return fetches

    def _followers(self, ids: list[str]) -> list[Fetch]:
        """As with needs: the first job of a stream most likely brings the others.

        Jobs come before their stream, whose followers are often the same.
        """
        nodes = [self.plan.item(item) for item in ids]
        first: dict[str, Node] = {}
        for node in sorted(nodes, key=_jobs_first):
            first.setdefault(
                node.stream if isinstance(node, JobNode) else node.id, node
            )
        chosen = list(first.values())
        self._asked -= {Missing("followers_of", node.id) for node in nodes}
        self._asked |= {Missing("followers_of", node.id) for node in chosen}
        return [self._successors(node) for node in chosen]

    # One call each.

    async def _job(self, item: str) -> None:
        try:
            self._put(await self._client.job(item), whole=True)
        except TwsNotFound:
            self.plan.know_absent(Missing("job", item))

    async def _stream(self, item: str) -> None:
        try:
            self._put(await self._client.jobstream(item), whole=True)
        except TwsNotFound:
            self.plan.know_absent(Missing("stream", item))

    async def _predecessors(self, target: Node) -> None:
        client = self._client
        if isinstance(target, JobNode):
            found = await client.job_predecessors(target.id, DEPTH)
        else:
            found = await client.jobstream_predecessors(target.id, DEPTH)
        for item in found:
            self._put(item, whole=True)

    async def _successors(self, target: Node) -> None:
        client = self._client
        if isinstance(target, JobNode):
            found = await client.job_successors(target.id, DEPTH)
        else:
            found = await client.jobstream_successors(target.id, DEPTH)
        for item in found:
            self._put(item, whole=True)
        self.plan.know_followers_of(target.id, DEPTH)

    async def _some_jobs(
        self, ids: list[str], streams: list[str], places: list[str]
    ) -> None:
        """Some by id, all of some streams, and those that run in some places."""
        ids, streams = ids[:MOST_IDS], streams[: MOST_IDS - len(ids[:MOST_IDS])]
        oql = reduce(or_, _selections(ids, streams, places))
        page = await self._client.jobs(oql=oql, limit=MOST_ROWS)
        self._take_page(page)
        for item in ids:
            if item not in self.plan.jobs:
                self.plan.know_absent(Missing("job", item))
        for stream in streams:
            self.plan.know_jobs_of(stream)
        for place in places:
            self.plan.know_running_on(place)

    async def _some_streams(self, ids: list[str]) -> None:
        oql = field("id").isin(ids[:MOST_IDS])
        page = await self._client.jobstreams(oql=oql, limit=MOST_IDS)
        self._take_page(page)
        for item in ids[:MOST_IDS]:
            if item not in self.plan.streams:
                self.plan.know_absent(Missing("stream", item))

    async def _resources(self, keys: list[str]) -> None:
        names = sorted({key.rpartition("/")[2] for key in keys})
        page = await self._client.resources(
            oql=field("name").isin(names), limit=MOST_ROWS
        )
        for resource in page.items:
            self.plan.put_resource(resource, _read_at())
        for key in keys:
            if key not in self.plan.resources:
                self.plan.know_absent(Missing("resource", key))

    async def _workstations(self, keys: list[str]) -> None:
        page = await self._client.workstations(limit=MOST_ROWS)
        for workstation in page.items:
            self.plan.put_workstation(workstation, _read_at())
        for key in keys:
            if key not in self.plan.workstations:
                self.plan.know_absent(Missing("workstation", key))

    async def _state(self) -> None:
        self.plan.state = await self._client.plan_state()
        self.plan.know_absent(Missing("state", ""))

    def _take_page(self, page: Page[Job] | Page[JobStream]) -> None:
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

    def _take(self, target: Node) -> None:
        if not self.plan.holds(target.id):
            self.plan.put(target)


def _jobs_first(node: Node) -> tuple[bool, int]:
    return not isinstance(node, JobNode), _position(node)


def _position(node: Node) -> int:
    """A whole stream comes before each of its jobs."""
    return node.position if isinstance(node, JobNode) else -1


def _selections(
    ids: list[str], streams: list[str], places: list[str]
) -> Iterator[Condition]:
    if ids:
        yield field("id").isin(ids)
    if streams:
        yield field("jobStreamId").isin(streams)
    if places:
        at = field("workstation").isin(places)
        there = at | field("jobruns.actualWorkstation").isin(places)
        runs = field("jobruns.compositeStatus.status").isin(sorted(OCCUPYING))
        yield there & runs


def _read_at() -> datetime:
    return datetime.now(UTC)
