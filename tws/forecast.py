"""When jobs and streams will end, if all that is broken or held is cured now."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from tws.diagnosis.scope import Ref
from tws.diagnosis.states import FINISHED, State, state_of
from tws.plan import Follows, JobNode, Join, Missing, Need, Plan, StreamNode
from tws.plan.graph import needs_of

NOW = 0.0
# These take no more time of their own once they are dealt with.
AT_ONCE = FINISHED | {State.CONFIRMING, State.SUPPRESSED}


class _Path(NamedTuple):
    """How one end is made of others: the longest of them, then its own time."""

    waits: tuple[Ref, ...]
    combine: Callable[[Mapping[Ref, float]], float]


class Forecast:
    """Ends in seconds from now, along the longest remaining path of estimates.

    ``overrides`` puts an end to some object by assumption. A forecast may build on
    another: it then takes over every end but those of ``changed`` objects.
    """

    def __init__(
        self,
        plan: Plan,
        now: datetime,
        *,
        overrides: Mapping[Ref, float] | None = None,
        base: "Forecast | None" = None,
        changed: frozenset[Ref] = frozenset(),
    ) -> None:
        self.plan = plan
        self.now = now
        self._ends: dict[Ref, float] = dict(overrides or {})
        self._base = base
        self._changed = changed
        self.missing: set[Missing] = set()

    def end(self, item: JobNode | StreamNode) -> float:
        """Seconds from now; 0 for what has ended."""
        return self.end_of(ref_of(item))

    def end_of(self, start: Ref) -> float:
        """Without recursion; an edge that closes a cycle is left out."""
        known = self._known(start)
        if known is not None:
            return known
        open_: list[tuple[Ref, _Path, Iterator[Ref]]] = []
        underway: set[Ref] = set()
        self._enter(start, open_, underway)
        while open_:
            ref, path, waits = open_[-1]
            for other in waits:
                if other not in underway and self._known(other) is None:
                    self._enter(other, open_, underway)
                    break
            else:
                open_.pop()
                underway.discard(ref)
                self._ends[ref] = path.combine(self._settled(path))
        return self._ends[start]

    def _enter(
        self,
        ref: Ref,
        open_: list[tuple[Ref, _Path, Iterator[Ref]]],
        underway: set[Ref],
    ) -> None:
        path = self._path(ref)
        underway.add(ref)
        open_.append((ref, path, iter(path.waits)))

    def _settled(self, path: _Path) -> dict[Ref, float]:
        return {ref: self._known(ref) or NOW for ref in path.waits}

    def _known(self, ref: Ref) -> float | None:
        found = self._ends.get(ref)
        if found is None and self._base is not None and ref not in self._changed:
            return self._base.end_of(ref)
        return found

    def _path(self, ref: Ref) -> _Path:
        if ref.kind == "job":
            self._want(Missing("job", ref.id))
            job = self.plan.jobs.get(ref.id)
            return self._job(job) if job else _fixed(NOW)
        self._want(Missing("stream", ref.id))
        stream = self.plan.streams.get(ref.id)
        if stream is None:
            return _fixed(NOW)
        return self._start(stream) if ref.kind == "start" else self._stream(stream)

    def _want(self, missing: Missing) -> None:
        if self.plan.lacks(missing):
            self.missing.add(missing)

    def _job(self, job: JobNode) -> _Path:
        state = state_of(job)
        estimate = 0.0 if job.no_operation else job.estimated or 0.0
        if state in AT_ONCE:
            return _fixed(NOW)
        if state is State.FAILED:
            return _fixed(estimate)
        if state in {State.RUNNING, State.LAUNCHING}:
            began = job.started or self.now
            elapsed = (self.now - began).total_seconds()
            return _fixed(max(NOW, estimate - max(NOW, elapsed)))
        own = NOW if state is State.CANCELING else estimate
        first = (Ref("start", job.stream),) if job.stream else ()
        return self._after(job, first, own)

    def _start(self, stream: StreamNode) -> _Path:
        if state_of(stream) in {State.RUNNING, State.FAILED} | AT_ONCE:
            return _fixed(NOW)
        return self._after(stream, (), NOW)

    def _stream(self, stream: StreamNode) -> _Path:
        if state_of(stream) in AT_ONCE:
            return _fixed(NOW)
        self._want(Missing("jobs_of", stream.id))
        jobs = [
            Ref("job", job.id)
            for job in self.plan.jobs_of(stream.id)
            if state_of(job) not in AT_ONCE
        ]
        if jobs:
            return _Path(tuple(jobs), lambda ends: max(ends.values(), default=NOW))
        own = stream.estimated or 0.0
        begin = Ref("start", stream.id)
        return _Path((begin,), lambda ends: ends[begin] + own)

    def _after(
        self, item: JobNode | StreamNode, first: tuple[Ref, ...], own: float
    ) -> _Path:
        if item.may_wait:
            self._want(needs_of(item))
        begin = item.times.start
        earliest = (begin - self.now).total_seconds() if begin else NOW
        if item.times.start_satisfied:
            earliest = NOW
        needs = [need for need in item.needs if _waits(need)]
        waits = (*first, *(ref for need in needs for ref in _targets(need)))

        def combine(ends: Mapping[Ref, float]) -> float:
            parts = [ends[ref] for ref in first]
            parts += [_ready(need, ends) for need in needs]
            return max(NOW, earliest, *parts) + own

        return _Path(waits, combine)


def ref_of(item: JobNode | StreamNode) -> Ref:
    return Ref("job" if isinstance(item, JobNode) else "stream", item.id)


def _fixed(seconds: float) -> _Path:
    return _Path((), lambda _: seconds)


def _waits(need: Need) -> bool:
    return isinstance(need, Follows | Join) and not need.satisfied


def _targets(need: Need) -> list[Ref]:
    members = need.members if isinstance(need, Join) else (need,)
    return [
        _target(member)
        for member in members
        if isinstance(member, Follows) and not member.satisfied and member.target
    ]


def _target(follows: Follows) -> Ref:
    return Ref("stream" if follows.to_stream else "job", follows.target)


def _ready(need: Need, ends: Mapping[Ref, float]) -> float:
    """A join is ready with the last of the members that it needs."""
    if isinstance(need, Follows):
        return ends[_target(need)] if need.target else NOW
    if not isinstance(need, Join):
        return NOW
    moments = sorted(
        ends[_target(member)] if member.target and not member.satisfied else NOW
        for member in need.members
    )
    count = min(need.needed, len(moments))
    return moments[count - 1] if count > 0 else NOW
