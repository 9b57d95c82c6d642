"""How the engine words the state of jobs and streams."""

from tws.simulator.judging import blocks_stream
from tws.simulator.model import (
    ACTIVE,
    ENDED,
    FileNeed,
    Follow,
    Job,
    Join,
    PromptNeed,
    ResourceNeed,
    Stream,
)
from tws.simulator.plan import Plan

COMMON = {
    "HOLD": "WAITING",
    "INTRO": "WAITING",
    "PEND": "WAITING",
    "WAIT": "WAITING",
    "READY": "READY",
    "FENCE": "READY",
    "EXEC": "RUNNING",
    "SUCCP": "RUNNING",
    "ABENP": "RUNNING",
    "SUCC": "SUCCESSFUL",
    "ABEND": "ERROR",
    "FAIL": "ERROR",
    "CANCL": "CANCELED",
    "CANCLP": "WAITING",
    "SUPPR": "SUPPRESS",
    "SUSP": "BLOCKED",
    "STUCK": "BLOCKED",
    "ERROR": "UNDECIDED",
    "EXTRN": "UNDECIDED",
}


def job_status(job: Job) -> str:
    if job.cancel_pending and job.status == "HOLD":
        return "CANCLP"
    return job.status


def common_status(job: Job) -> str:
    """The public status of a job."""
    if job.canceled:
        return "CANCELED"
    if not job.priority and job.status in ("HOLD", "READY"):
        return "HELD"
    return COMMON.get(job.status, "UNDECIDED")


def substatus(job: Job, plan: Plan, now: float) -> str:
    """Why a job waits, as far as this engine says so."""
    if not plan.fills_substatus:
        return ""
    if job.status == "HOLD":
        return _why_hold(job, now)
    if job.status == "READY":
        return _why_ready(job)
    if job.status == "SUPPR":
        ignored = job.workstation.ignore
        return (
            "SUPPR_WORKSTATION_IGNORED" if ignored else "SUPPR_UNSATISFIED_DEPENDENCY"
        )
    return "SUCC_COMPLETED" if job.status == "SUCC" else ""


def _why_hold(job: Job, now: float) -> str:
    if not job.priority:
        return "HOLD_PRIORITY_ZERO"
    if job.earliest > now:
        return "HOLD_WAITING_FOR_TIME"
    kinds = {type(dep) for dep in job.deps if not dep.satisfied}
    if Follow in kinds or Join in kinds:
        return "HOLD_WAITING_FOR_PREDECESSOR"
    if PromptNeed in kinds:
        return "HOLD_WAITING_FOR_PROMPT"
    return "HOLD_WAITING_FOR_FILE" if FileNeed in kinds else ""


def _why_ready(job: Job) -> str:
    station, stream = job.workstation, job.stream
    if not station.usable:
        return "READY_WAITING_FOR_AGENT"
    if station.running >= station.limit or 0 <= stream.limit <= stream.active:
        return "READY_WAITING_FOR_LIMIT"
    lacking = any(
        isinstance(dep, ResourceNeed)
        and not dep.satisfied
        and dep.resource.available < dep.quantity
        for dep in job.deps
    )
    return "READY_WAITING_FOR_RESOURCES" if lacking else ""


# --- streams ----------------------------------------------------------------------

STREAM_COMMON = {
    "HOLD": "WAITING",
    "READY": "READY",
    "EXEC": "RUNNING",
    "STUCK": "BLOCKED",
    "ABEND": "ERROR",
    "SUCC": "SUCCESSFUL",
    "CANCL": "CANCELED",
    "CANCLP": "CANCELED",
    "SUPPR": "SUPPRESS",
}


def stream_status(stream: Stream) -> str:
    """The state of a stream, from the states of its jobs."""
    if stream.canceled:
        return "CANCL"
    if not stream.left and stream.jobs:
        return "ABEND" if any(map(blocks_stream, stream.jobs)) else "SUCC"
    if not stream.opened:
        return "CANCLP" if stream.cancel_pending else "HOLD"
    if stream.started is None:
        return "READY"
    return "STUCK" if _is_stuck(stream) else "EXEC"


def _is_stuck(stream: Stream) -> bool:
    """Whether every job that is left waits, directly or not, for a failed one."""
    left = [job for job in stream.jobs if job.status not in ENDED]
    return all(job.status not in ACTIVE and _behind_failure(job, set()) for job in left)


def _behind_failure(job: Job, seen: set[Job]) -> bool:
    seen.add(job)
    for dep in job.deps:
        node = dep.on if isinstance(dep, Follow) else None
        if not isinstance(node, Job) or node in seen or node.stream is not job.stream:
            continue
        if blocks_stream(node) or _behind_failure(node, seen):
            return True
    return False


def stream_common_status(stream: Stream) -> str:
    status = stream_status(stream)
    if not stream.priority and status in ("HOLD", "READY"):
        return "HELD"
    return STREAM_COMMON[status]


def stream_substatus(stream: Stream, plan: Plan) -> str:
    if not plan.fills_substatus or stream.opened:
        return ""
    lacking = any(
        isinstance(dep, ResourceNeed) and not dep.satisfied for dep in stream.deps
    )
    return "WAITING_FOR_RESOURCE" if lacking and not stream.waiting else ""
