"""The plan's trouble, one item per cause: what somebody must deal with, and what it holds."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Assessment, Ref, Scope
from tws.diagnosis.solve import Sets, component_sets, components
from tws.diagnosis.states import FINISHED, state_of
from tws.diagnosis.walk import Walk
from tws.forecast import Forecast
from tws.plan import JobNode, Plan

MOST_STREAMS = 10
MOST_MEMBERS = 20
MOST_RISKS = 5


@dataclass(slots=True)
class Incident:
    """One cause with the jobs that it holds back."""

    root: Root
    members: list[JobNode] = field(default_factory=list)
    streams: Counter[str] = field(default_factory=Counter)
    risks: list[dict[str, Any]] = field(default_factory=list)
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
            "deadlines": self.risks[:MOST_RISKS],
            "deadlines_total": len(self.risks),
            "deadlines_missed": self.missed,
            "critical": self.critical,
        }


def incidents(
    plan: Plan, now: datetime, *, forecast: Forecast | None = None
) -> list[Incident]:
    """Causes that pass by themselves are left out: they are no trouble."""
    forecast = forecast or Forecast(plan, now)
    found: dict[Root, Incident] = {}
    for job, roots in troubled(plan, now):
        for root in roots:
            incident = found.setdefault(root, Incident(root))
            if root.item != job.id or root.object != job.key:
                _add(incident, job, plan, forecast)
    for incident in found.values():
        incident.risks.sort(key=lambda risk: risk["slack_seconds"])
    return sorted(found.values(), key=lambda incident: incident.weight)


def troubled(plan: Plan, now: datetime) -> list[tuple[JobNode, list[Root]]]:
    """The unfinished jobs, each with the causes that somebody must deal with."""
    scope = Scope(plan, now)
    walk = Walk(scope)
    open_ = [job for job in plan.jobs.values() if state_of(job) not in FINISHED]
    refs = [Ref("job", job.id) for job in open_]
    for ref in refs:
        walk.explore(ref)
    _drop_passing(walk)
    sets: dict[Ref, Sets] = {}
    cycles: dict[Ref, list[Root]] = {}
    for ref in refs:
        if ref not in sets:
            for members in components(walk, ref, known=sets):
                component_sets(walk, members, sets, cycles)
    return [
        (job, sorted(sets[ref][0], key=lambda root: root.object))
        for job, ref in zip(open_, refs, strict=True)
        if sets[ref] and sets[ref][0]
    ]


def _drop_passing(walk: Walk) -> None:
    for ref, found in walk.met.items():
        if any(root.self_curing for root in found.roots):
            roots = [root for root in found.roots if not root.self_curing]
            walk.met[ref] = Assessment(roots, found.edges, found.choices)


def _add(incident: Incident, job: JobNode, plan: Plan, forecast: Forecast) -> None:
    incident.members.append(job)
    stream = plan.streams.get(job.stream)
    incident.streams[stream.key if stream else job.stream_name] += 1
    incident.critical += job.critical
    if job.times.deadline is None:
        return
    slack = (job.times.deadline - forecast.now).total_seconds() - forecast.end(job)
    incident.missed += slack < 0
    incident.risks.append(
        {
            "object": job.key,
            "deadline": job.times.deadline.isoformat(),
            "slack_seconds": round(slack),
            "late_seconds": round(max(0.0, -slack)),
            "critical": job.critical,
        }
    )
