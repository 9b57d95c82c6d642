"""Fetches just that part of the plan which one diagnosis asks for, side by side."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any

from tws.client import TwsClient
from tws.diagnosis import Outcome, examine
from tws.diagnosis.states import FINISHED, state_of
from tws.exceptions import TwsNotFound
from tws.oql import field
from tws.payloads import Job, JobStream
from tws.plan import JobNode, Missing, Plan, StreamNode
from tws.plan.build import job_node, stream_node
from tws.plan.graph import OCCUPYING

DEPTH = 50
MOST_ROUNDS = 12
MOST_CALLS = 60
MOST_IDS = 100  # in one filter: an address cannot be of any length
MOST_ROWS = 1000

Fetch = Coroutine[Any, Any, None]


class Closure:
    """A part of the plan that grows until the diagnosis of one object is final."""

    def __init__(self, client: TwsClient, now: datetime) -> None:
        self.plan = Plan(complete=False)
        self.now = now
        self.calls = 0
        self._client = client
        self._asked: set[Missing] = set()

    async def diagnose(self, target: JobNode | StreamNode) -> Outcome:
        """Fetch and examine in turn, until nothing is missing any more."""
        self._take(target)
        outcome = examine(self.plan, target.id, self.now)
        extra = [] if state_of(target) in FINISHED else [self._successors(target)]
        for _ in range(MOST_ROUNDS):
            wanted = outcome.missing - self._asked
            if not (wanted or extra) or self.calls >= MOST_CALLS:
                break
            await self._fetch(wanted, extra)
            outcome = examine(self.plan, target.id, self.now)
            extra = []
        return outcome

    async def _fetch(self, wanted: Iterable[Missing], extra: list[Fetch]) -> None:
        """What is missing, in as few calls as can be, at the same time."""
        ids: dict[str, list[str]] = {}
        for missing in sorted(wanted, key=lambda item: (item.kind, item.id)):
            ids.setdefault(missing.kind, []).append(missing.id)
            self._asked.add(missing)
        fetches = [*extra, *self._jobs(ids.get("job", []))]
        fetches += self._streams(ids.get("stream", []))
        if "jobs_of" in ids:
            fetches.append(self._members(ids["jobs_of"]))
        if "running_on" in ids:
            fetches.append(self._running(ids["running_on"]))
        if "resource" in ids:
            fetches.append(self._resources(ids["resource"]))
        if "workstation" in ids:
            fetches.append(self._workstations(ids["workstation"]))
        if "state" in ids:
            fetches.append(self._state())
        self.calls += len(fetches)
        async with asyncio.TaskGroup() as group:
            for fetch in fetches:
                group.create_task(fetch)

    # One call each.

    def _jobs(self, ids: list[str]) -> list[Fetch]:
        """Jobs that are not known are listed; those of which only a list has told are read.

        The predecessors of the last job of a stream bring the dependencies of all those
        before it, so one of each stream is read, and the next round asks for the rest.
        """
        unknown = [item for item in ids if item not in self.plan.jobs]
        last: dict[str, JobNode] = {}
        for item in ids:
            job = self.plan.jobs.get(item)
            if job is not None:
                found = last.setdefault(job.stream, job)
                if job.position > found.position:
                    last[job.stream] = job
        asked = {job.id for job in last.values()}
        self._asked -= {Missing("job", item) for item in ids if item not in asked}
        self._asked |= {Missing("job", item) for item in unknown}
        fetches: list[Fetch] = [self._listed_jobs(unknown)] if unknown else []
        for job in last.values():
            fetches += [self._job(job.id), self._predecessors(job)]
        return fetches

    def _streams(self, ids: list[str]) -> list[Fetch]:
        unknown = [item for item in ids if item not in self.plan.streams]
        known = [item for item in ids if item in self.plan.streams]
        # A list tells whether a stream has dependencies; only then it is read again.
        self._asked -= {Missing("stream", item) for item in unknown}
        fetches: list[Fetch] = [self._listed_streams(unknown)] if unknown else []
        for item in known:
            fetches += [self._stream(item), self._predecessors(self.plan.streams[item])]
        return fetches

    async def _job(self, item: str) -> None:
        try:
            self._put(await self._client.job(item))
        except TwsNotFound:
            self.plan.know_absent(Missing("job", item))

    async def _stream(self, item: str) -> None:
        try:
            self._put(await self._client.jobstream(item))
        except TwsNotFound:
            self.plan.know_absent(Missing("stream", item))

    async def _predecessors(self, target: JobNode | StreamNode) -> None:
        client = self._client
        if isinstance(target, JobNode):
            found = await client.job_predecessors(target.id, DEPTH)
        else:
            found = await client.jobstream_predecessors(target.id, DEPTH)
        for item in found:
            self._put(item)

    async def _successors(self, target: JobNode | StreamNode) -> None:
        client = self._client
        if isinstance(target, JobNode):
            found = await client.job_successors(target.id, DEPTH)
        else:
            found = await client.jobstream_successors(target.id, DEPTH)
        for item in found:
            self._put(item)

    async def _listed_jobs(self, ids: list[str]) -> None:
        oql = field("id").isin(ids[:MOST_IDS])
        page = await self._client.jobs(oql=oql, limit=MOST_IDS)
        for job in page.items:
            self._put(job)
        for item in ids[:MOST_IDS]:
            if item not in self.plan.jobs:
                self.plan.know_absent(Missing("job", item))

    async def _listed_streams(self, ids: list[str]) -> None:
        oql = field("id").isin(ids[:MOST_IDS])
        page = await self._client.jobstreams(oql=oql, limit=MOST_IDS)
        for stream in page.items:
            self._put(stream)
        for item in ids[:MOST_IDS]:
            if item not in self.plan.streams:
                self.plan.know_absent(Missing("stream", item))

    async def _members(self, streams: list[str]) -> None:
        oql = field("jobStreamId").isin(streams[:MOST_IDS])
        page = await self._client.jobs(oql=oql, limit=MOST_ROWS)
        for job in page.items:
            self._put(job)
        for stream in streams[:MOST_IDS]:
            self.plan.know_jobs_of(stream)

    async def _running(self, places: list[str]) -> None:
        at = field("workstation").isin(places)
        there = at | field("jobruns.actualWorkstation").isin(places)
        runs = field("jobruns.compositeStatus.status").isin(sorted(OCCUPYING))
        page = await self._client.jobs(oql=there & runs, limit=MOST_ROWS)
        for job in page.items:
            self._put(job)
        for place in places:
            self.plan.know_running_on(place)

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

    def _put(self, item: Job | JobStream) -> None:
        if isinstance(item, Job):
            self._take(job_node(item, _read_at()))
        else:
            self._take(stream_node(item, _read_at()))

    def _take(self, node: JobNode | StreamNode) -> None:
        """What has been read whole is not put back by a list that tells less."""
        before = self.plan.jobs.get(node.id) or self.plan.streams.get(node.id)
        if before is not None and before.needs_known and not node.needs_known:
            return
        if isinstance(node, JobNode):
            self.plan.put_job(node)
        else:
            self.plan.put_stream(node)


def _read_at() -> datetime:
    return datetime.now(UTC)
