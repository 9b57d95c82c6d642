"""What a rule sees: the plan, the time, and a list of what it found missing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from tws.diagnosis.findings import Evidence, Root, Value
from tws.payloads import PlanState, Resource, Workstation
from tws.plan import Follows, JobNode, Missing, Plan, StreamNode
from tws.plan.graph import needs_of
from tws.plan.labels import labelled


class Ref(NamedTuple):
    """A question of the walk: when is this job done, this stream done, or started."""

    kind: Literal["job", "stream", "start"]
    id: str


class Edge(NamedTuple):
    """Another question that must be answered first, and what it is to the asker."""

    ref: Ref
    relation: str


class Option(NamedTuple):
    """One way to satisfy a choice, or a part of it (``weight``)."""

    weight: int
    roots: tuple[Root, ...] = ()
    edges: tuple[Edge, ...] = ()


class Choice(NamedTuple):
    """So much of the options' weight must come free; which of them does not matter."""

    need: int
    options: tuple[Option, ...]


@dataclass(slots=True)
class Assessment:
    """What holds one object back: everything in here must be cured."""

    roots: list[Root] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    def is_free(self) -> bool:
        return not (self.roots or self.edges or self.choices)

    def take(self, other: "Assessment") -> None:
        self.roots += other.roots
        self.edges += other.edges
        self.choices += other.choices


Assess = Callable[[str, "Scope"], Assessment]


@dataclass(slots=True)
class Scope:
    """The plan at one moment. What it lacks is noted, so that it can be fetched."""

    plan: Plan
    now: datetime
    missing: set[Missing] = field(default_factory=set)
    gaps: int = 0  # how often something was missing
    starts: dict[str, Assessment] = field(default_factory=dict)
    stalled: list[Root] | None = None
    _unsure: set[str] = field(default_factory=set)

    def job(self, item: str) -> JobNode | None:
        self._want(Missing("job", item))
        return self.plan.jobs.get(item)

    def stream(self, item: str) -> StreamNode | None:
        self._want(Missing("stream", item))
        return self.plan.streams.get(item)

    def predecessor(self, need: Follows) -> JobNode | StreamNode | None:
        """What a dependency is on: by its id or, where it gives none, by its name."""
        if not need.target:
            return self.named(need.label, need.scheduled, to_stream=need.to_stream)
        return self.stream(need.target) if need.to_stream else self.job(need.target)

    def named(
        self, label: str, scheduled: datetime | None = None, *, to_stream: bool
    ) -> JobNode | StreamNode | None:
        """The one job or stream of this name; none of several is as good as another."""
        self._want(_by_name(label, to_stream=to_stream))
        found = labelled(self.plan, label, scheduled, to_stream=to_stream)
        return found[0] if len(found) == 1 else None

    def workstation(self, key: str) -> Workstation | None:
        self._want(Missing("workstation", key))
        return self.plan.workstations.get(key)

    def resource(self, key: str) -> Resource | None:
        self._want(Missing("resource", key))
        return self.plan.resources.get(key)

    def jobs_of(self, stream: str) -> list[JobNode]:
        self._want(Missing("jobs_of", stream))
        return self.plan.jobs_of(stream)

    def running_on(self, workstation: str) -> list[JobNode]:
        self._want(Missing("running_on", workstation))
        return self.plan.running_on(workstation)

    def start_of(self, stream: str, assess: Assess) -> Assessment:
        """What holds a job stream back, assessed once for all of its jobs."""
        if stream not in self.starts:
            gaps = self.gaps
            self.starts[stream] = assess(stream, self)
            if self.gaps > gaps:
                self._unsure.add(stream)
        elif stream in self._unsure:
            self.gaps += 1
        return self.starts[stream]

    def state(self) -> PlanState | None:
        self._want(Missing("state", ""))
        return self.plan.state

    def is_absent(self, need: Follows) -> bool:
        """Whether it is certain that the plan does not hold what this is on."""
        if not need.target:
            lacking = _by_name(need.label, to_stream=need.to_stream)
            names = labelled(self.plan, need.label, to_stream=need.to_stream)
            return not names and not self.plan.lacks(lacking)
        kind: Literal["job", "stream"] = "stream" if need.to_stream else "job"
        return not self.plan.lacks(Missing(kind, need.target))

    def needs_of(self, item: JobNode | StreamNode) -> None:
        """Note it when a list has told of an object that waits, but not for what."""
        if item.whole or not item.may_wait:
            return
        self._want(needs_of(item))

    def confirm(self, item: JobNode) -> None:
        """Ask to have it read by id, whatever a list has told of it."""
        self._want(needs_of(item))

    def seen(
        self, item: JobNode | StreamNode, name: str, value: Value | datetime
    ) -> Evidence:
        """A field of a job or stream, as it was read."""
        plain = value.isoformat() if isinstance(value, datetime) else value
        return Evidence(item.key, name, plain, item.read_at)

    def seen_at(self, key: str, name: str, value: Value) -> Evidence:
        """A field of a workstation or resource, as it was read."""
        return Evidence(key, name, value, self.plan.read_at(key))

    def _want(self, missing: Missing) -> None:
        if self.plan.lacks(missing):
            self.missing.add(missing)
            self.gaps += 1


def _by_name(label: str, *, to_stream: bool) -> Missing:
    return Missing("stream_named" if to_stream else "job_named", label)
