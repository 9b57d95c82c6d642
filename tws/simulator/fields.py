"""The fields that a filter may name, and how to read them from the plan."""

from collections.abc import Callable, Iterator
from typing import Any

from tws.simulator import statuses
from tws.simulator.dependencies import dependency_stats
from tws.simulator.model import (
    Follow,
    Job,
    Join,
    Resource,
    Run,
    Stream,
    Workstation,
)

Getter = Callable[[Any], Any]


def follows(node: Job | Stream) -> Iterator[Follow]:
    """All predecessors, also those inside joins."""
    for dep in node.deps:
        if isinstance(dep, Follow):
            yield dep
        elif isinstance(dep, Join):
            yield from dep.members


def _predecessor_jobs(node: Job | Stream) -> list[str]:
    found = []
    for dep in follows(node):
        if isinstance(dep.on, Job):
            found.append(dep.on.id)
        elif dep.named is not None:
            found.append(dep.named.job_id)
    return found


def _predecessor_streams(node: Job | Stream) -> list[str]:
    found = []
    for dep in follows(node):
        if isinstance(dep.on, Stream):
            found.append(dep.on.id)
        elif isinstance(dep.on, Job):
            found.append(dep.on.stream.id)
        elif dep.named is not None:
            found.append(dep.named.stream_id)
    return found


def _run(read: Callable[[Run], Any]) -> Getter:
    return lambda job: [read(run) for run in job.runs]


def _job_statuses(job: Job) -> str | list[str]:
    now = statuses.job_status(job)
    return [*(run.status for run in job.runs), now] if job.runs else now


def _limit(name: str) -> Getter:
    return lambda node: getattr(node.limits, name, None)


def _stat(name: str) -> Getter:
    return lambda node: dependency_stats(node)[name]


STATS = (
    "numberOfDependencies",
    "numberOfFileDependencies",
    "numberOfInternetworkDependencies",
    "numberOfJobDependencies",
    "numberOfJobStreamDependencies",
    "numberOfPromptDependencies",
    "numberOfResourceDependencies",
    "numberOfUnresolvedDependencies",
)
NODE: dict[str, Getter] = {
    "name": lambda node: node.name,
    "id": lambda node: node.id,
    "workstation": lambda node: node.workstation.key,
    "priority": lambda node: node.priority,
    "origPriority": lambda node: node.orig_priority,
    "dependencies.jobId": _predecessor_jobs,
    "dependencies.jobStreamId": _predecessor_streams,
    "dependencies.jobStreamName": lambda node: [
        dep.on.stream.name if isinstance(dep.on, Job) else dep.on.name
        for dep in follows(node)
        if dep.on is not None
    ],
    "timeRestrictions.startTime": _limit("start"),
    "timeRestrictions.deadlineTime": _limit("deadline"),
    "timeRestrictions.untilTime": _limit("latest"),
    "timeRestrictions.untilAction": _limit("late_start"),
    **{f"dependenciesStats.{name}": _stat(name) for name in STATS},
}
JOB: dict[str, Getter] = {
    **NODE,
    "folder": lambda job: job.stream.folder,
    "jobStreamId": lambda job: job.stream.id,
    "jobStreamName": lambda job: job.stream.name,
    "jobStreamWorkstation": lambda job: job.stream.workstation.key,
    "schedTime": lambda job: job.stream.sched,
    "jobDefinition.isCommand": lambda job: job.definition.command,
    "jobDefinition.recoveryOption": lambda job: job.definition.recovery,
    "jobDefinition.taskType": lambda _: "UNIX",
    "jobDefinition.userLogin": lambda job: job.definition.user,
    "jobDefinition.workstation": lambda job: job.workstation.key,
    "jobOptions.critical": lambda job: job.critical,
    "jobOptions.every": lambda job: job.every > 0,
    "jobOptions.noOperation": lambda job: job.noop,
    "jobOptions.requiresConfirmation": lambda job: job.confirm,
    "jobruns.actualWorkstation": _run(lambda run: run.workstation),
    "jobruns.commonStatus": lambda job: [
        *(statuses.COMMON[run.status] for run in job.runs[:-1]),
        statuses.common_status(job),
    ],
    "jobruns.compositeStatus.status": _job_statuses,
    "jobruns.estimatedDuration": lambda job: job.estimate,
    "jobruns.jobNumber": _run(lambda run: run.number),
    "jobruns.maxDurationGone": _run(lambda run: run.overrun),
    "jobruns.rerunType": _run(lambda run: run.kind),
    "jobruns.returnCode": _run(lambda run: run.code),
    "jobruns.timeInfo.actualStartTime": _run(lambda run: run.start),
    "jobruns.timeInfo.actualEndTime": _run(lambda run: run.end),
}
STREAM: dict[str, Getter] = {
    **NODE,
    "folder": lambda stream: stream.folder,
    "schedTime": lambda stream: stream.sched,
    "commonStatus": statuses.stream_common_status,
    "compositeStatus.status": statuses.stream_status,
    "limit": lambda stream: stream.limit,
    "originalJobStreamName": lambda stream: stream.name,
    "jsDefinitionFlags.carriedForward": lambda stream: stream.carried_forward,
    "jsOptions.carriedForward": lambda stream: stream.carried_forward,
    "jsOptions.monitored": lambda _: False,
    "jsStatusFlags.lateJobStream": lambda stream: stream.late,
    "timeInfo.actualStartTime": lambda stream: stream.started,
    "timeInfo.actualEndTime": lambda stream: stream.ended,
}


def _place(item: Workstation | Resource) -> str:
    return item.folder


WORKSTATION: dict[str, Getter] = {
    "name": lambda station: station.name,
    "id": lambda station: station.id,
    "folder": _place,
    "type": lambda station: station.type,
    "os": lambda station: station.os,
    "domainName": lambda _: "MASTERDM",
    "activeStates": lambda station: station.states,
    "activeFlags": lambda station: station.flags,
    "jobmanUp": lambda station: "JOBMAN_UP" in station.states,
    "limit": lambda station: station.limit,
    "fence": lambda station: station.fence,
    "ignore": lambda station: station.ignore,
}
RESOURCE: dict[str, Getter] = {
    "name": lambda resource: resource.name,
    "id": lambda resource: resource.id,
    "folder": _place,
    "workstation": lambda resource: resource.workstation.key,
    "workstationFolder": lambda resource: resource.workstation.folder,
    "quantity": lambda resource: resource.quantity,
    "quantityInUse": lambda resource: resource.in_use,
    "quantityAvailable": lambda resource: resource.available,
    "status": lambda resource: (
        "AVAILABLE" if resource.available > 0 else "NOT_AVAILABLE"
    ),
}
# What may only be sorted by: the same name in a condition is a syntax error.
SORTABLE: dict[str, Getter] = {
    "key.name": lambda item: item.name,
    "key": lambda item: item.key,
}
