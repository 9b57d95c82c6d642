"""Jobs that run or are being launched, and whether they take too long."""

from datetime import datetime

from tws.diagnosis.findings import Evidence, Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock, span
from tws.plan import JobNode

# The engine's own longDurationThreshold: from there on a run is abnormal.
LONG_RUN = 1.5
# Below this a job is never "far beyond" its estimate, however short that is.
LONG_RUN_SECONDS = 120.0
SLOW_LAUNCH_SECONDS = 300.0


def running(job: JobNode, scope: Scope) -> Root:
    return Root(
        "job_running",
        job.key,
        story(job, scope.now),
        _advice(job, scope.now),
        evidence(job, scope),
        job.id,
        self_curing=not overdue(job, scope.now),
    )


def launching(job: JobNode, scope: Scope) -> Root:
    """INTRO and WAIT pass within seconds, unless agent or broker have a problem."""
    since = _launched(job)
    seconds = (scope.now - since).total_seconds() if since else 0.0
    slow = seconds > SLOW_LAUNCH_SECONDS
    place = job.runs_on or job.workstation
    detail = f"It is being launched on {place} ({job.status})"
    if since:
        detail += f", for {span(seconds)} since {clock(since, scope.now)}"
    action = "Nothing: it starts by itself within moments."
    if slow:
        detail += "; a launch takes seconds, so agent or broker may not answer"
        action = (
            f"Check the agent and its job manager: conman checkhealthstatus {place}; "
            f"if it is well, conman kill {job.key} and rerun it."
        )
    return Root(
        "launching",
        job.key,
        f"{detail}.",
        action,
        (scope.seen(job, "status", job.status), scope.seen(job, "submitted", since)),
        job.id,
        self_curing=not slow,
    )


def overdue(job: JobNode, now: datetime) -> bool:
    """Far beyond its estimate, by the measure of the engine itself."""
    if job.max_duration_gone:
        return True
    if job.started is None or not job.estimated:
        return False
    elapsed = (now - job.started).total_seconds()
    beyond = elapsed - job.estimated
    return elapsed > job.estimated * LONG_RUN and beyond > LONG_RUN_SECONDS


def story(job: JobNode, now: datetime) -> str:
    """As in: it has been running for 3 h since 18:05 UTC; its estimate is 20 min."""
    if job.started is None:
        return f"It is running ({job.status})."
    elapsed = (now - job.started).total_seconds()
    text = f"It has been running for {span(elapsed)} since {clock(job.started, now)}"
    if job.estimated is not None:
        text += f"; its estimate is {span(job.estimated)}"
    if overdue(job, now):
        text += ", far exceeded"
    elif job.estimated is not None and elapsed < job.estimated:
        text += f", so about {span(job.estimated - elapsed)} are left"
    if job.need_message:
        text += "; it waits for the reply to a message"
    return f"{text}."


def _launched(job: JobNode) -> datetime | None:
    return job.submitted or job.started


def _advice(job: JobNode, now: datetime) -> str:
    if overdue(job, now):
        return (
            f"See in its log whether it still does something (conman sj {job.key}"
            f";stdlist). If it hangs: conman kill {job.key}, then conman rr {job.key}."
        )
    return "Nothing: wait until it ends."


def evidence(job: JobNode, scope: Scope) -> tuple[Evidence, ...]:
    found = [scope.seen(job, "status", job.status)]
    if job.started:
        found.append(scope.seen(job, "actualStartTime", job.started))
    if job.estimated is not None:
        found.append(scope.seen(job, "estimatedDuration", job.estimated))
    if job.max_duration_gone:
        found.append(scope.seen(job, "maxDurationGone", value=True))
    return tuple(found)
