"""The plan: every object by id, and the few indexes that the rules ask for."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from msgspec import structs

from tws.payloads import PlanState, Resource, Workstation, rooted
from tws.plan.build import resource_key
from tws.plan.nodes import Follows, JobNode, Join, Need, StreamNode

Item = TypeVar("Item", JobNode, StreamNode)

Needs = tuple[Need, ...]

OCCUPYING = frozenset({"EXEC", "INTRO", "SUCCP", "ABENP"})


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a rule wanted to read and that this plan does not hold."""

    kind: Literal[
        "job",
        "stream",
        "job_needs",
        "stream_needs",
        "job_named",
        "stream_named",
        "jobs_of",
        "followers_of",
        "running_on",
        "resource",
        "workstation",
        "state",
    ]
    id: str


class Plan:
    """A plan, whole or in part.

    A part (``complete`` false) is what one diagnosis has fetched; there, what is absent
    is not known to be absent, and the rules ask for it by ``Missing``.
    """

    __slots__ = (
        "_by_name",
        "_followers",
        "_jobs_of",
        "_known_absent",
        "_known_followers",
        "_known_members",
        "_known_running",
        "_read",
        "_running_on",
        "complete",
        "jobs",
        "resources",
        "state",
        "streams",
        "unusable",
        "workstations",
    )

    def __init__(self, *, complete: bool = True) -> None:
        self.complete = complete
        self.jobs: dict[str, JobNode] = {}
        self.streams: dict[str, StreamNode] = {}
        self.workstations: dict[str, Workstation] = {}
        self.resources: dict[str, Resource] = {}
        self.state: PlanState | None = None
        self.unusable: list[str] = []
        self._jobs_of: dict[str, dict[str, None]] = {}
        self._running_on: dict[str, dict[str, None]] = {}
        # Most names are of one object only, and then need no dictionary of their own.
        self._by_name: dict[str, str | dict[str, None]] = {}
        self._read: dict[str, datetime] = {}
        self._known_members: set[str] = set()
        self._known_followers: set[str] = set()
        self._known_running: set[str] = set()
        self._known_absent: set[Missing] = set()
        self._followers: dict[str, dict[str, None]] = {}

    # What is put in. A second put of the same id replaces the first.

    def put(self, item: JobNode | StreamNode) -> None:
        if isinstance(item, JobNode):
            self.put_job(item)
        else:
            self.put_stream(item)

    def put_job(self, job: JobNode) -> None:
        """A list tells no dependencies: those known from before are kept."""
        before = self.jobs.get(job.id)
        if before is not None:
            self._forget_places(before)
            job = with_needs_of(before, job)
        self.jobs[job.id] = job
        if job.stream:
            self._jobs_of.setdefault(job.stream, {})[job.id] = None
        if occupies(job):
            for place in {job.workstation, job.runs_on or job.workstation}:
                self._running_on.setdefault(place, {})[job.id] = None
        self._name(job.name, job.id)
        self._follow(job.id, before.needs if before else (), job.needs)

    def put_stream(self, stream: StreamNode) -> None:
        """As ``put_job``."""
        before = self.streams.get(stream.id)
        if before is not None:
            self._unname(before.name, before.id)
            stream = with_needs_of(before, stream)
        self.streams[stream.id] = stream
        self._name(stream.name, stream.id)
        self._follow(stream.id, before.needs if before else (), stream.needs)

    def put_workstation(self, item: Workstation, read_at: datetime) -> None:
        key = rooted(item.key or _place(item.folder, item.name))
        self.workstations[key] = item
        self._read[key] = read_at

    def put_resource(self, item: Resource, read_at: datetime) -> None:
        key = resource_key(item.name, workstation=item.workstation, folder=item.folder)
        self.resources[key] = item
        self._read[key] = read_at

    def drop(self, ids: Iterable[str]) -> None:
        """Forget jobs and streams that the plan no longer has."""
        for item in ids:
            if job := self.jobs.pop(item, None):
                self._forget_places(job)
                self._follow(item, job.needs, ())
            elif stream := self.streams.pop(item, None):
                self._unname(stream.name, item)
                self._follow(item, stream.needs, ())

    def know_jobs_of(self, stream: str) -> None:
        """All jobs of this stream have been put in."""
        self._known_members.add(stream)

    def know_followers_of(self, start: str, depth: int) -> None:
        """All that follows this one over fewer than ``depth`` steps has been put in."""
        edge = {start}
        for _ in range(depth):
            self._known_followers |= edge
            edge = {after for item in edge for after in self.followers(item)}
            edge -= self._known_followers

    def know_running_on(self, workstation: str) -> None:
        self._known_running.add(workstation)

    def know_absent(self, missing: Missing) -> None:
        """It was asked for: what the plan does not hold now is not to be had."""
        self._known_absent.add(missing)

    # What the rules ask.

    def lacks(self, missing: Missing) -> bool:
        """Whether asking TWS for it could still bring it."""
        if missing in self._known_absent:
            return False
        if missing.kind in {"job_needs", "stream_needs"}:
            return self.holds(missing.id) and not self.item(missing.id).whole
        if self.complete:
            return False
        if missing.kind == "state":
            return self.state is None
        held: dict[str, Container[str]] = {
            "job": self.jobs,
            "stream": self.streams,
            "job_named": (),
            "stream_named": (),
            "jobs_of": self._known_members,
            "followers_of": self._known_followers,
            "running_on": self._known_running,
            "resource": self.resources,
            "workstation": self.workstations,
        }
        return missing.id not in held[missing.kind]

    def jobs_of(self, stream: str) -> list[JobNode]:
        jobs = [self.jobs[item] for item in self._jobs_of.get(stream, ())]
        return sorted(jobs, key=lambda job: (job.position, job.key))

    def running_on(self, workstation: str) -> list[JobNode]:
        return [self.jobs[item] for item in self._running_on.get(workstation, ())]

    def running_in(self, stream: str) -> list[JobNode]:
        return [job for job in self.jobs_of(stream) if occupies(job)]

    @property
    def anything_runs(self) -> bool:
        return any(self._running_on.values())

    def named(self, name: str) -> list[JobNode | StreamNode]:
        ids = self._by_name.get(name, {})
        return [self.item(item) for item in ([ids] if isinstance(ids, str) else ids)]

    def item(self, item: str) -> JobNode | StreamNode:
        """The job or job stream of this id; ``KeyError`` when there is none."""
        return self.jobs[item] if item in self.jobs else self.streams[item]

    def holds(self, item: str) -> bool:
        return item in self.jobs or item in self.streams

    def read_at(self, key: str) -> datetime | None:
        """When the workstation or resource of this key was read."""
        return self._read.get(key)

    def followers(self, item: str) -> list[str]:
        """Ids of the jobs and streams that still wait for this one."""
        return list(self._followers.get(item, ()))

    def __iter__(self) -> Iterator[JobNode | StreamNode]:
        yield from self.jobs.values()
        yield from self.streams.values()

    def _follow(self, item: str, before: Needs, now: Needs) -> None:
        if before is now:
            return
        old, new = _awaited(before), _awaited(now)
        for target in old.keys() - new.keys():
            del self._followers[target][item]
        for target in new:
            if target not in old:
                self._followers.setdefault(target, {})[item] = None

    def _name(self, name: str, item: str) -> None:
        ids = self._by_name.setdefault(name, item)
        if isinstance(ids, dict):
            ids[item] = None
        elif ids != item:
            self._by_name[name] = {ids: None, item: None}

    def _unname(self, name: str, item: str) -> None:
        ids = self._by_name.get(name, {})
        if isinstance(ids, dict):
            ids.pop(item, None)
        if ids in ({}, item):
            self._by_name.pop(name, None)

    def _forget_places(self, job: JobNode) -> None:
        self._jobs_of.get(job.stream, {}).pop(job.id, None)
        for place in (job.workstation, job.runs_on):
            self._running_on.get(place, {}).pop(job.id, None)
        self._unname(job.name, job.id)


def occupies(job: JobNode) -> bool:
    """Whether the job counts against the limits of its workstation and stream."""
    return job.status in OCCUPYING and not job.canceled


def predecessors(needs: Iterable[Need]) -> Iterator[Follows]:
    """Every predecessor that the needs name, those inside joins too."""
    for need in needs:
        if isinstance(need, Follows):
            yield need
        elif isinstance(need, Join):
            yield from need.members


def needs_of(item: JobNode | StreamNode) -> Missing:
    """What is missing while only a list has told of it."""
    if isinstance(item, JobNode):
        return Missing("job_needs", item.id)
    return Missing("stream_needs", item.id)


def with_needs_of(before: Item, now: Item) -> Item:
    """They are current as long as as many of them are unresolved."""
    if now.whole or not before.whole:
        return now
    same = (before.need_count, before.unresolved) == (now.need_count, now.unresolved)
    return structs.replace(now, needs=before.needs, whole=same)


def _awaited(needs: Needs) -> dict[str, None]:
    return {
        follows.target: None
        for follows in predecessors(needs)
        if follows.target and not follows.satisfied
    }


def _place(folder: str, name: str) -> str:
    return "/".join(("", *filter(None, folder.split("/")), name))
