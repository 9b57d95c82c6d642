"""Fetches just that part of the plan which one diagnosis asks for, side by side."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from tws.client import TwsClient
from tws.diagnosis import Diagnosis, examine
from tws.diagnosis.states import FINISHED, State, state_of
from tws.fetching import Fetch, Fetcher
from tws.impact import Assumption, Impact, impact
from tws.plan import JobNode, Missing, Plan, StreamNode
from tws.together import together

MOST_CALLS = 120
MOST_IDS = 100  # in one filter: an address cannot be of any length
MOST_NAMES = 20
MOST_BESIDE = 20  # objects read by id at the same time

SOURCES = {State.FAILED, State.RUNNING, State.CONFIRMING, State.LAUNCHING}

Node = JobNode | StreamNode
Part = TypeVar("Part")


class Closure:
    """A part of the plan that grows until the diagnosis of one object is final."""

    def __init__(
        self, client: TwsClient, now: datetime, plan: Plan | None = None
    ) -> None:
        self.plan = Plan(complete=False) if plan is None else plan
        self.now = now
        self.calls = 0
        self._fetcher = Fetcher(client, self.plan)
        self._asked: set[Missing] = set()
        self._sources: set[str] = set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What TWS declined to tell."""
        return tuple(self._fetcher.notes)

    async def diagnose(self, target: Node) -> Diagnosis:
        """Fetch and examine in turn, until nothing is missing any more."""
        self._fetcher.keep(target)
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
        self._fetcher.keep(target)

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
        by_kind: dict[str, list[Missing]] = defaultdict(list)
        for missing in sorted(wanted, key=lambda item: (item.kind, item.id)):
            by_kind[missing.kind].append(missing)
            self._asked.add(missing)
        fetches = self._lists(by_kind)
        fetches += self._job_needs([missing.id for missing in by_kind["job_needs"]])
        fetches += self._stream_needs(
            [missing.id for missing in by_kind["stream_needs"]]
        )
        fetches += self._followers([missing.id for missing in by_kind["followers_of"]])
        self.calls += len(fetches)
        async with together() as group:
            for fetch in fetches:
                group.create_task(fetch)

    def _lists(self, by_kind: dict[str, list[Missing]]) -> list[Fetch]:
        bring, tried = self._fetcher, self._fetcher.tried
        jobs = [*by_kind["job"], *by_kind["jobs_of"], *by_kind["running_on"]]
        fetches = [tried(bring.some_jobs(part)) for part in _parts(jobs)]
        streams = [missing.id for missing in by_kind["stream"]]
        if len(streams) == 1:
            fetches.append(tried(bring.stream(streams[0])))
        else:
            fetches += [tried(bring.some_streams(part)) for part in _parts(streams)]
        for kind in ("job_named", "stream_named"):
            for part in _parts(by_kind[kind], MOST_NAMES):
                labels = [missing.id for missing in part]
                named = bring.named(labels, of_jobs=kind == "job_named")
                fetches.append(tried(named, part))
        if things := by_kind["resource"]:
            keys = [missing.id for missing in things]
            fetches.append(tried(bring.resources(keys), things))
        if places := by_kind["workstation"]:
            fetches.append(tried(bring.workstations(), places))
        if state := by_kind["state"]:
            fetches.append(tried(bring.state(), state))
        return fetches

    def _job_needs(self, ids: list[str]) -> list[Fetch]:
        """One job of each stream now, and what it brings; the others in the next round.

        The answer to a question for neighbours holds whole jobs: so what follows a job
        that has failed or runs, and what comes before the last, is known by one call.
        """
        if not self._fetcher.tells_neighbours:
            return self._one_by_one(ids)
        fetches: list[Fetch] = []
        by_stream: dict[str, list[JobNode]] = defaultdict(list)
        for item in ids:
            job = self.plan.jobs[item]
            by_stream[job.stream].append(job)
        for stream, jobs in by_stream.items():
            self._asked -= {Missing("job_needs", job.id) for job in jobs}
            first = min(jobs, key=lambda job: job.position)
            source = self._source(stream, first.position)
            if source is not None:
                fetches.append(self._successors(source))
                continue
            self._asked.add(Missing("job_needs", first.id))
            fetches.append(self._fetcher.tried(self._fetcher.job(first.id)))
            fetches += self._predecessors(first)
            if len(jobs) > 1:
                fetches.append(self._successors(first))
        return fetches

    def _one_by_one(self, ids: list[str]) -> list[Fetch]:
        """Where TWS tells no neighbours: each by its id, and those likely before it."""
        streams = sorted({self.plan.jobs[item].stream for item in ids} - {""})
        before = [
            other
            for stream in streams
            for other in self.plan.jobs_of(stream)
            if not other.whole and state_of(other) not in FINISHED | SOURCES
        ]
        before.sort(key=lambda job: -job.position)
        chosen = list(dict.fromkeys([*ids, *(job.id for job in before)]))[:MOST_BESIDE]
        self._asked -= {Missing("job_needs", item) for item in ids}
        self._asked |= {Missing("job_needs", item) for item in chosen}
        members = [Missing("jobs_of", stream) for stream in streams]
        members = [missing for missing in members if self.plan.lacks(missing)]
        bring, tried = self._fetcher, self._fetcher.tried
        fetches = [tried(bring.job(item)) for item in chosen]
        return [*fetches, *(tried(bring.some_jobs(part)) for part in _parts(members))]

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
            fetches.append(self._fetcher.tried(self._fetcher.stream(item)))
            fetches += self._predecessors(self.plan.streams[item])
        return fetches

    def _followers(self, ids: list[str]) -> list[Fetch]:
        """As with needs: the first job of a stream most likely brings the others.

        Jobs come before their stream, whose followers are often the same.
        """
        if not self._fetcher.tells_neighbours:
            return []
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

    def _predecessors(self, node: Node) -> list[Fetch]:
        """None are asked for where all it waits for is of another kind."""
        if node.predecessor_count == 0 or not self._fetcher.tells_neighbours:
            return []
        return [self._fetcher.tried(self._fetcher.predecessors(node))]

    def _successors(self, node: Node) -> Fetch:
        return self._fetcher.tried(self._fetcher.successors(node))


def _parts(items: list[Part], most: int = MOST_IDS) -> list[list[Part]]:
    return [items[at : at + most] for at in range(0, len(items), most)]


def _jobs_first(node: Node) -> tuple[bool, int]:
    return not isinstance(node, JobNode), _position(node)


def _position(node: Node) -> int:
    """A whole stream comes before each of its jobs."""
    return node.position if isinstance(node, JobNode) else -1
