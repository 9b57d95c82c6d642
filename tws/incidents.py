"""The plan's trouble, one item per cause: what somebody must deal with, and what it holds."""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Ref, Scope
from tws.diagnosis.solve import Sets, component_sets, components
from tws.diagnosis.states import FINISHED, State, state_of
from tws.diagnosis.walk import Walk
from tws.forecast import Forecast
from tws.impact import Risk, risk_of
from tws.plan import JobNode, Plan

MOST_STREAMS = 10
MOST_MEMBERS = 20
MOST_RISKS = 5
STEP = 50  # jobs
# What a condition has taken out of the plan is as it should be.
SETTLED = FINISHED | {State.SUPPRESSED}


@dataclass(slots=True)
class Incident:
    """One cause with the jobs that it holds back."""

    root: Root
    members: list[JobNode] = field(default_factory=list)
    streams: Counter[str] = field(default_factory=Counter)
    risks: list[Risk] = field(default_factory=list)
    missed: int = 0
    critical: int = 0

    @property
    def weight(self) -> tuple[int, int, int, str]:
        """The worst first: missed deadlines, critical jobs, then how much waits."""
        return (-self.missed, -self.critical, -len(self.members), self.root.object)

    def record(self) -> dict[str, Any]:
        return {
            **self.root.record(),
            "waiting": len(self.members),
            "members": [job.key for job in self.members[:MOST_MEMBERS]],
            "streams": [
                {"object": key, "total": count}
                for key, count in self.streams.most_common(MOST_STREAMS)
            ],
            "streams_total": len(self.streams),
            "deadlines": [risk.record() for risk in self.risks[:MOST_RISKS]],
            "deadlines_total": len(self.risks),
            "deadlines_missed": self.missed,
            "critical": self.critical,
        }


def incidents(
    plan: Plan, now: datetime, *, forecast: Forecast | None = None
) -> list[Incident]:
    """Causes that pass by themselves are left out: they are no trouble."""
    steps = survey(plan, now, forecast=forecast)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: list[Incident] = done.value
            return found


def survey(
    plan: Plan, now: datetime, *, forecast: Forecast | None = None
) -> Generator[None, None, list[Incident]]:
    """As ``incidents``, in steps of some milliseconds for whoever must not block."""
    forecast = forecast or Forecast(plan, now)
    walk = Walk(Scope(plan, now))
    open_ = [job for job in plan.jobs.values() if state_of(job) not in SETTLED]
    for part in _parts(open_):
        for job in part:
            walk.explore(Ref("job", job.id))
        yield
    sets: dict[Ref, Sets] = {}
    cycles: dict[Ref, list[Root]] = {}
    found: dict[Root, Incident] = {}
    for part in _parts(open_):
        for job in part:
            for root in _causes(walk, Ref("job", job.id), sets, cycles):
                incident = found.setdefault(root, Incident(root))
                if root.item != job.id or root.object != job.key:
                    _add(incident, job, plan, forecast)
        yield
    for incident in found.values():
        incident.risks.sort(key=lambda risk: risk.slack_seconds)
    return sorted(found.values(), key=lambda incident: incident.weight)


def _causes(
    walk: Walk, ref: Ref, sets: dict[Ref, Sets], cycles: dict[Ref, list[Root]]
) -> list[Root]:
    if ref not in sets:
        for members in components(walk, ref, known=sets):
            component_sets(walk, members, sets, cycles, wanted=_is_trouble)
    best = sets[ref][0] if sets[ref] else frozenset()
    return [root for root in best if not root.self_curing]


def _is_trouble(root: Root) -> bool:
    return not root.self_curing


def _parts(jobs: list[JobNode]) -> Iterator[list[JobNode]]:
    for start in range(0, len(jobs), STEP):
        yield jobs[start : start + STEP]


def _add(incident: Incident, job: JobNode, plan: Plan, forecast: Forecast) -> None:
    incident.members.append(job)
    stream = plan.streams.get(job.stream)
    incident.streams[stream.key if stream else job.stream_name] += 1
    incident.critical += job.critical
    risk = risk_of(job, forecast)
    if risk is not None:
        incident.missed += risk.slack_seconds < 0
        incident.risks.append(risk)
