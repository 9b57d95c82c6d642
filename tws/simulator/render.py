"""Jobs and streams as V2 writes them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tws.simulator import statuses
from tws.simulator.dependencies import dependency_stats, render_dependency
from tws.simulator.formats import duration, identifier, instant
from tws.simulator.model import (
    ACTIVE,
    ENDED,
    Definition,
    Follow,
    Job,
    Restrictions,
    Run,
    Stream,
)
from tws.simulator.plan import Plan

Json = dict[str, Any]
TIMEZONE = "Europe/Paris"


def job(plan: Plan, item: Job, now: float, *, whole: bool, definition: bool) -> Json:
    """Write a job; only a whole one has its dependencies."""
    stream = item.stream
    runs = render_runs(plan, item, now)
    answer: Json = {
        "flowNodeType": "JOB",
        "id": item.id,
        "persistentId": identifier("persistent", item.key),
        "planId": plan.id,
        "folder": stream.folder,
        "name": item.name,
        "workstation": item.workstation.key,
        "workstationId": item.workstation.id,
        "jobStreamId": stream.id,
        "jobStreamName": stream.name,
        "jobStreamWorkstation": stream.workstation.key,
        "position": item.position,
        "key": item.key,
        "jobDefinitionFlags": {
            "monitored": item.critical,
            "aliased": False,
            "interactive": False,
        },
        "jobStatusFlags": _job_flags(item, now),
        "jobOptions": {
            "noOperation": item.noop,
            "critical": item.critical,
            "requiresConfirmation": item.confirm,
            "every": item.every > 0,
        },
        "lastRunCompositeStatus": {
            **runs[-1]["compositeStatus"],
            "error": False,
            "started": False,
            "dontRun": False,
        },
        "lastRunCommonStatus": runs[-1]["commonStatus"],
        "priority": item.priority,
        "origPriority": item.orig_priority,
        "jobruns": runs,
        "schedTime": instant(stream.sched),
        "timeZone": TIMEZONE,
        "dependenciesStats": dependency_stats(item),
        "archived": False,
    }
    if definition:
        answer["jobDefinition"] = _definition(item)
    if item.every:
        answer["repeatInterval"] = duration(item.every)
    if item.limits is not None or item.due:
        limits = replace(item.limits or Restrictions())
        limits.start = item.earliest or None
        answer["timeRestrictions"] = restrictions(limits, item, now)
        if item.critical and limits.deadline is not None:
            answer["criticalStart"] = instant(limits.deadline - item.estimate)
    if whole:
        answer["dependencies"] = [
            render_dependency(dep, number) for number, dep in enumerate(item.deps, 1)
        ]
    return answer


def _job_flags(item: Job, now: float) -> Json:
    deadline = item.limits.deadline if item.limits else None
    return {
        "jobStreamCancelled": item.stream.canceled,
        "promotedToUrgentQueue": False,
        "jobLate": item.late,
        "userRerunAgain": False,
        "restarted": len(item.runs) > 1,
        "untilGone": item.until_gone,
        "buckujob": False,
        "needMessage": item.need_message,
        "deadlineHasPassed": deadline is not None
        and deadline <= now
        and (item.late or item.status not in ENDED),
        "altJobIssue": False,
    }


def _definition(item: Job) -> Json:
    what: Definition = item.definition
    answer: Json = {
        "id": identifier("definition", item.key),
        "name": item.name,
        "workstation": item.workstation.key,
        "folder": item.stream.folder,
        "task": {
            "UNIX": {
                "taskString": what.task,
                "isCommand": str(what.command).lower(),
                "userName": what.user,
            }
        },
        "isCommand": what.command,
        "estimatedDuration": duration(item.estimate),
        "userLogins": [what.user],
        "recoveryOption": what.recovery,
    }
    if what.description:
        answer["description"] = what.description
    if what.recovery_prompt:
        answer["abendPromptText"] = what.recovery_prompt
    if what.recovery_prompt_name:
        answer["abendPromptName"] = what.recovery_prompt_name
        answer["abendPromptFolder"] = "/"
    if what.recovery_job:
        answer["recoveryJobName"] = what.recovery_job
        answer["recoveryJobWorkstation"] = item.workstation.key
    if what.repeat_for:
        answer["recoveryRepeatInterval"] = duration(what.repeat_every)
        answer["recoveryRepeatOccurrences"] = what.repeat_for
    return answer


def render_runs(plan: Plan, item: Job, now: float) -> list[Json]:
    """Write the runs, newest last; a job that waits has a run without times."""
    current = item.run
    waits = current is None or (
        item.status not in ENDED and item.status not in ("INTRO", "EXEC", "PEND")
    )
    runs = [
        _run(plan, item, run, now, last=not waits and run is current)
        for run in item.runs
    ]
    if waits or current is None:
        runs.append(_waiting_run(plan, item, now))
    return runs


def _composite(item: Job, status: str, reason: str) -> Json:
    answer: Json = {"canceled": item.canceled, "status": status}
    if reason:
        answer["substatus"] = reason
    answer["cancelPending"] = item.cancel_pending
    return answer


def _run(plan: Plan, item: Job, run: Run, now: float, *, last: bool) -> Json:
    status = item.status if last else run.status
    times: Json = {"estimatedDuration": duration(item.estimate)}
    if run.start is not None:
        times["actualStartTime"] = instant(run.start)
        times["elapsedTime"] = duration((run.end or now) - run.start)
    if run.end is not None:
        times["actualEndTime"] = instant(run.end)
    reason = statuses.substatus(item, plan, now) if last else ""
    answer: Json = {
        "id": run.id,
        "name": item.name,
        "jobId": item.id,
        "actualWorkstation": run.workstation,
        "jobNumber": run.number,
        "compositeStatus": _composite(item, status, reason)
        if last
        else {"canceled": False, "status": status},
        "commonStatus": statuses.common_status(item)
        if last
        else statuses.COMMON[status],
        "outputConditions": _output_conditions(item, run),
        "rerunType": run.kind,
        "timeInfo": times,
        "submittedTime": instant(run.submitted),
        "lastInRerunChain": last,
        "minDurationNotReached": run.short,
        "maxDurationGone": run.overrun,
        "runAttempt": run.attempt,
    }
    if run.code is not None:
        answer["returnCode"] = run.code
    return answer


def _output_conditions(item: Job, run: Run) -> list[Json]:
    names = {name for follow in item.followers for name in follow.outputs}
    return [
        {
            "conditionName": name,
            "isSuccCondition": False,
            "isSatisfied": run.end is not None and name in run.fate.outputs,
        }
        for name in sorted(names)
    ]


def _waiting_run(plan: Plan, item: Job, now: float) -> Json:
    attempt = len(item.runs)
    return {
        "id": plan.run_id(item, attempt),
        "name": item.name,
        "jobId": item.id,
        "compositeStatus": _composite(
            item, statuses.job_status(item), statuses.substatus(item, plan, now)
        ),
        "commonStatus": statuses.common_status(item),
        "outputConditions": [],
        "rerunType": item.rerun or "REGULAR",
        "timeInfo": {"estimatedDuration": duration(item.estimate)},
        "lastInRerunChain": True,
        "minDurationNotReached": False,
        "maxDurationGone": False,
        "runAttempt": attempt,
    }


def restrictions(limits: Restrictions, node: Job | Stream, now: float) -> Json:
    """Write time restrictions."""
    answer: Json = {"timeDependent": limits.start is not None}
    if limits.start is not None:
        answer["startTime"] = instant(limits.start)
        answer["startTimeSatisfied"] = limits.start <= now
    if limits.latest is not None:
        answer["latestStartTime"] = instant(limits.latest)
        answer["lateStartAction"] = limits.late_start
        answer["latestStartSatisfied"] = limits.latest > now or _has_started(node)
    if limits.deadline is not None:
        answer["deadlineTime"] = instant(limits.deadline)
        answer["lateAction"] = limits.on_deadline
        answer["deadlineSatisfied"] = limits.deadline > now and not node.late
    if limits.max_duration is not None:
        answer["maxDuration"] = duration(limits.max_duration)
        answer["maxDurationAction"] = limits.on_max
    if limits.min_duration is not None:
        answer["minDuration"] = duration(limits.min_duration)
        answer["minDurationAction"] = limits.on_min
    return answer


def _has_started(node: Job | Stream) -> bool:
    return bool(node.runs) if isinstance(node, Job) else node.started is not None


def stream(plan: Plan, item: Stream, now: float, *, whole: bool) -> Json:
    """Write a stream; only a whole one has its dependencies."""
    status = statuses.stream_status(item)
    reason = statuses.stream_substatus(item, plan)
    times: Json = {
        "estimatedDuration": duration(sum(job.estimate for job in item.jobs))
    }
    if item.started is not None:
        times["actualStartTime"] = instant(item.started)
    if item.ended is not None:
        times["actualEndTime"] = instant(item.ended)
    answer: Json = {
        "flowNodeType": "JOBSTREAM",
        "id": item.id,
        "persistentId": identifier("persistent", item.key),
        "planId": plan.id,
        "folder": item.folder,
        "name": item.name,
        "originalJobStreamName": item.name,
        "workstation": item.workstation.key,
        "workstationId": item.workstation.id,
        "key": item.key,
        "internalIdentifier": item.internal,
        "schedTime": instant(item.sched),
        "timeZone": TIMEZONE,
        "jsDefinitionFlags": {
            "aliased": False,
            "carriedForward": item.carried_forward,
            "isService": False,
        },
        "jsStatusFlags": {
            "released": False,
            "lateJobStream": item.late,
            "pendingPredecessor": any(
                isinstance(dep, Follow) and dep.pending for dep in item.deps
            ),
            "hasEveryJobs": any(job.every for job in item.jobs),
            "inOrder": False,
            "dontTouch": False,
        },
        "jsOptions": {"monitored": False, "carryForward": True},
        "compositeStatus": {
            "cancelPending": item.cancel_pending,
            "canceled": item.canceled,
            "started": item.started is not None,
            "error": False,
            "dontRun": False,
            "status": status,
            **({"substatus": reason} if reason else {}),
        },
        "commonStatus": statuses.stream_common_status(item),
        "priority": item.priority,
        "origPriority": item.orig_priority,
        "limit": item.limit,
        "timeInfo": times,
        "scheduledDate": instant(item.sched - item.sched % 86400),
        "jobStreamStats": _stream_stats(item),
        "dependenciesStats": dependency_stats(item),
        "submitter": item.submitter,
        "archived": False,
    }
    if item.limits is not None:
        answer["timeRestrictions"] = restrictions(item.limits, item, now)
    if whole:
        answer["dependencies"] = [
            render_dependency(dep, number) for number, dep in enumerate(item.deps, 1)
        ]
    return answer


def _stream_stats(item: Stream) -> Mapping[str, int]:
    count = Counter(job.status for job in item.jobs)
    running = sum(count[status] for status in ACTIVE)
    ended = sum(count[status] for status in ENDED)
    return {
        "numberOfJob": len(item.jobs),
        "numberOfCurrentNodes": len(item.jobs),
        # The vendor's spelling.
        "numberOfSuccessfullJob": count["SUCC"],
        "numberOfDeltaJob": 0,
        "numberOfDeltaSuccJob": 0,
        "numberOfNotRunningJob": len(item.jobs) - running - ended,
        "numberOfExecutingJob": running,
        "numberOfAbendedJob": count["ABEND"],
        "numberOfFailedJob": count["FAIL"],
        "numberOfUndecidedJob": 0,
    }
