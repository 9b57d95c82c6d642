"""What a failed, late or held object delays, and which deadlines that endangers."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from tws.diagnosis.scope import Ref
from tws.diagnosis.states import FINISHED, State, state_of
from tws.forecast import Forecast, ref_of
from tws.plan import JobNode, Missing, Plan, StreamNode

Assumption = Literal["cured_now", "rerun_now", "done_now", "delayed", "cancelled"]

MOST_STREAMS = 20
MOST_JOBS = 5
MOST_RISKS = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """What cannot start (streams), or end, before something else has ended."""

    refs: tuple[Ref, ...]

    @property
    def jobs(self) -> list[str]:
        return [ref.id for ref in self.refs if ref.kind == "job"]

    @property
    def ends(self) -> list[str]:
        """The jobs and the job streams whose ends are put off."""
        return [ref.id for ref in self.refs if ref.kind != "start"]


@dataclass(frozen=True, slots=True)
class Risk:
    """A deadline down the line, and the time to spare; below zero it is missed."""

    object: str
    deadline: datetime
    expected_end: datetime
    slack_seconds: float
    critical: bool

    def record(self) -> dict[str, Any]:
        return {
            "object": self.object,
            "deadline": self.deadline.isoformat(),
            "expected_end": self.expected_end.isoformat(),
            "slack_seconds": round(self.slack_seconds),
            "late_seconds": round(max(0.0, -self.slack_seconds)),
            "critical": self.critical,
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """What waits for an object, and the deadlines under one assumption about it."""

    object: str
    assumption: Assumption
    waiting: Waiting
    streams: tuple[dict[str, Any], ...]
    risks: tuple[Risk, ...]
    expected_end: datetime
    last_end: datetime
    missing: frozenset[Missing] = frozenset()  # then the numbers are at least these

    @property
    def missed(self) -> int:
        return sum(risk.slack_seconds < 0 for risk in self.risks)

    def record(self) -> dict[str, Any]:
        shown = self.streams[:MOST_STREAMS]
        return {
            "object": self.object,
            "assumption": self.assumption,
            "waiting": {
                "total": len(self.waiting.jobs),
                "streams": list(shown),
                "more_streams": len(self.streams) - len(shown),
            },
            "deadlines": [risk.record() for risk in self.risks[:MOST_RISKS]],
            "deadlines_total": len(self.risks),
            "deadlines_missed": self.missed,
            "expected_end": self.expected_end.isoformat(),
            "last_end": self.last_end.isoformat(),
            "complete": not self.missing,
        }


def impact(
    plan: Plan,
    item: str,
    now: datetime,
    *,
    assumption: Assumption = "cured_now",
    delay_seconds: float = 0.0,
    base: Forecast | None = None,
) -> Impact:
    """Under the assumption; everything else that is broken is taken as cured now."""
    node = plan.item(item)
    missing: set[Missing] = set()
    waiting = waiting_for(plan, [item], missing)
    base = base or Forecast(plan, now)
    forecast = _assume(base, node, waiting, assumption, delay_seconds)
    own = plan.jobs_of(item) if isinstance(node, StreamNode) else []
    after = [plan.item(one) for one in waiting.ends]
    risks = [risk for one in (node, *own, *after) if (risk := risk_of(one, forecast))]
    last = max((forecast.end(one) for one in after), default=forecast.end(node))
    return Impact(
        object=node.key,
        assumption=assumption,
        waiting=waiting,
        streams=tuple(_by_stream(plan, waiting)),
        risks=tuple(sorted(risks, key=lambda risk: risk.slack_seconds)),
        expected_end=now + timedelta(seconds=forecast.end(node)),
        last_end=now + timedelta(seconds=last),
        missing=frozenset(missing | forecast.missing | base.missing),
    )


def waiting_for(
    plan: Plan, items: Iterable[str], missing: set[Missing] | None = None
) -> Waiting:
    """Everything that waits for these, directly or not; they themselves left out.

    What a plan that is only a part lacks for it is put into ``missing``.
    """
    missing = set() if missing is None else missing
    started = [
        ref_of(plan.item(item))
        for item in items
        if state_of(plan.item(item)) not in FINISHED
    ]
    seen: dict[Ref, None] = dict.fromkeys(started)
    queue = deque(started)
    while queue:
        ref = queue.popleft()
        if plan.lacks(lacking := _asked(ref)):
            missing.add(lacking)
        for after in _after(plan, ref):
            if plan.lacks(lacking := _itself(after)):
                missing.add(lacking)
            if after not in seen and _open(plan, after):
                seen[after] = None
                queue.append(after)
    return Waiting(tuple(ref for ref in seen if ref not in started))


def _after(plan: Plan, ref: Ref) -> Iterable[Ref]:
    """A job is awaited by its own stream, a stream's start by all of its jobs."""
    if ref.kind == "start":
        for job in plan.jobs_of(ref.id):
            if state_of(job) in {State.WAITING, State.CANCELING}:
                yield Ref("job", job.id)
        yield Ref("stream", ref.id)
        return
    for item in plan.followers(ref.id):
        yield Ref("job" if item in plan.jobs else "start", item)
    if ref.kind == "job":
        yield Ref("stream", plan.jobs[ref.id].stream)


def _asked(ref: Ref) -> Missing:
    return Missing("jobs_of" if ref.kind == "start" else "followers_of", ref.id)


def _itself(ref: Ref) -> Missing:
    return Missing("job" if ref.kind == "job" else "stream", ref.id)


def _open(plan: Plan, ref: Ref) -> bool:
    return plan.holds(ref.id) and state_of(plan.item(ref.id)) not in FINISHED


def _assume(
    base: Forecast,
    node: JobNode | StreamNode,
    waiting: Waiting,
    assumption: Assumption,
    delay_seconds: float,
) -> Forecast:
    if assumption == "cured_now":
        return base
    own = node.estimated or 0.0
    ends = {
        "rerun_now": own,
        "done_now": 0.0,
        "cancelled": 0.0,
        "delayed": base.end(node) + delay_seconds,
    }
    return Forecast(
        base.plan,
        base.now,
        overrides={ref_of(node): ends[assumption]},
        base=base,
        changed=frozenset(waiting.refs),
    )


def risk_of(node: JobNode | StreamNode, forecast: Forecast) -> Risk | None:
    """None when it has ended, or has no deadline."""
    deadline = node.times.deadline
    if deadline is None or state_of(node) in FINISHED:
        return None
    end = forecast.now + timedelta(seconds=forecast.end(node))
    critical = isinstance(node, JobNode) and node.critical
    slack = (deadline - end).total_seconds()
    return Risk(node.key, deadline, end, slack, critical)


def _by_stream(plan: Plan, waiting: Waiting) -> list[dict[str, Any]]:
    """The streams with the most waiting jobs first."""
    counts = Counter(plan.jobs[job].stream for job in waiting.jobs)
    names: dict[str, list[str]] = {}
    for job in waiting.jobs:
        shown = names.setdefault(plan.jobs[job].stream, [])
        if len(shown) < MOST_JOBS:
            shown.append(plan.jobs[job].key)
    return [
        {"object": _stream_key(plan, stream), "total": count, "jobs": names[stream]}
        for stream, count in counts.most_common()
    ]


def _stream_key(plan: Plan, stream: str) -> str:
    """A part of a plan may hold jobs without their stream: their names tell it."""
    if stream in plan.streams:
        return plan.streams[stream].key
    keys = (job.key.removesuffix(f".{job.name}") for job in plan.jobs_of(stream))
    return next(keys, stream)
