"""Critical jobs, which only V1 lists, with the risk computed from estimates."""

from collections.abc import Mapping
from typing import Any

from tws.simulator import statuses
from tws.simulator.fields import follows
from tws.simulator.formats import instant_v1
from tws.simulator.matching import wildcard
from tws.simulator.model import ACTIVE, ENDED, FAILED, Job
from tws.simulator.plan import Plan

Json = dict[str, Any]
LONG = 1.5  # "longDurationThreshold": running longer than this part of the estimate


def critical_jobs(plan: Plan, now: float, body: Mapping[str, Any]) -> list[Json]:
    """Answer POST …/criticaljob/query."""
    filters = body.get("filters") or {}
    wanted = filters.get("criticalJobInPlanFilter") or {}
    ends: dict[Job, float] = {}
    found = [
        _critical(job, now, ends)
        for job in plan.jobs
        if job.critical and _matches(job, wanted)
    ]
    levels = wanted.get("alertLevelList")
    return [
        item
        for item in found
        if not levels
        or item["criticalNetworkInfo"]["criticalJobInfo"]["alertLevel"] in levels
    ]


def _matches(job: Job, wanted: Mapping[str, Any]) -> bool:
    names = {
        "jobName": job.name,
        "jobStreamName": job.stream.name,
        "workstationName": job.workstation.name,
    }
    return all(
        wildcard(str(wanted[field]))(name)
        for field, name in names.items()
        if wanted.get(field)
    )


def _critical(job: Job, now: float, ends: dict[Job, float]) -> Json:
    end = estimated_end(job, now, ends)
    limits = job.limits or job.stream.limits
    deadline = limits.deadline if limits and limits.deadline else now + 86400
    internal = {"SUPPR": "SUPPRESS", "FAIL": "FAILED", "CANCL": "CANCEL"}
    run = job.run
    times: Json = {"estimatedDuration": int(job.estimate * 1000)}
    if run is not None and run.start is not None:
        times["actualStartTime"] = instant_v1(run.start)
        times["elapsedTime"] = int(((run.end or now) - run.start) * 1000)
    stream = job.stream
    return {
        "id": job.id,
        "key": {
            "id": job.id,
            "name": job.name,
            "jobStreamInPlanKey": {
                "id": stream.id,
                "name": stream.name,
                "startTime": instant_v1(stream.sched),
                "workstationKey": {"name": stream.workstation.name},
                "folderKey": {"name": stream.folder},
            },
        },
        "jobStreamId": stream.id,
        "priority": job.priority,
        "status": {
            "commonStatus": statuses.common_status(job),
            "internalStatus": internal.get(job.status, job.status),
            "canceled": job.canceled,
        },
        "timeInfo": times,
        "criticalNetworkInfo": {
            "criticalJobInfo": {
                "alertLevel": _risk(job, end, deadline, now),
                "appliedDeadlineTime": instant_v1(deadline),
                "confidenceFactor": 95.0 if end <= deadline else 5.0,
                "criticalPathRemainingDuration": int(max(end - now, 0) * 1000),
            },
            "critical": True,
            "onCriticalPath": True,
            "late": job.late,
            "longRunning": _is_long(job, now),
            "criticalStart": instant_v1(deadline - job.estimate),
            "estimatedEndTime": instant_v1(end),
        },
    }


def _risk(job: Job, end: float, deadline: float, now: float) -> str:
    if job.status == "SUCC":
        return "ON_TRACK"
    if end > deadline:
        return "HIGH_RISK"
    hot = any(node.status in FAILED or _is_long(node, now) for node in _network(job))
    return "POTENTIAL_RISK" if hot else "ON_TRACK"


def _is_long(job: Job, now: float) -> bool:
    run = job.run
    if job.status != "EXEC" or run is None or run.start is None:
        return False
    return now - run.start > LONG * job.estimate


def _network(job: Job) -> set[Job]:
    """The job and all that it waits for."""
    seen, edge = {job}, [job]
    while edge:
        for before in _awaited(edge.pop()):
            if before not in seen:
                seen.add(before)
                edge.append(before)
    return seen


def _awaited(job: Job) -> list[Job]:
    """The jobs that a job and its stream still wait for."""
    found: list[Job] = []
    for node in (job, job.stream):
        for dep in follows(node):
            if dep.satisfied or dep.on is None:
                continue
            found.extend([dep.on] if isinstance(dep.on, Job) else dep.on.jobs)
    return found


def estimated_end(job: Job, now: float, ends: dict[Job, float]) -> float:
    """When a job will end if all that it waits for runs from now as estimated.

    Args:
        job: the job to ask for.
        now: the present.
        ends: the ends that are known; filled on the way.
    """
    stack = [job]
    on_the_way: set[Job] = set()
    while stack:
        node = stack[-1]
        awaited = [] if _is_under_way(node) else _awaited(node)
        unknown = [n for n in awaited if n not in ends and n not in on_the_way]
        on_the_way.add(node)
        if unknown:
            stack.extend(unknown)
            continue
        stack.pop()
        if node not in ends:
            ends[node] = _own_end(node, now, [ends.get(n, now) for n in awaited])
    return ends[job]


def _is_under_way(job: Job) -> bool:
    done = job.status in ENDED and job.status not in FAILED
    return done or job.status in ACTIVE


def _own_end(job: Job, now: float, before: list[float]) -> float:
    run = job.run
    if job.status in ENDED and job.status not in FAILED:
        return run.end if run is not None and run.end else now
    if job.status in ACTIVE and run is not None:
        return max(now, (run.start or now) + job.estimate)
    return max([now, job.earliest, job.stream.earliest, *before]) + job.estimate
