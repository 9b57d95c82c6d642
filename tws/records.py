"""Objects of the plan as tools, pages and commands get them: plain JSON."""

from datetime import datetime
from typing import Any

from tws.diagnosis.running import overdue
from tws.diagnosis.workstations import trouble
from tws.payloads import CriticalJob, Resource, Workstation, rooted
from tws.plan import (
    FileNeed,
    Follows,
    JobNode,
    Join,
    Need,
    Plan,
    PromptNeed,
    RemoteNeed,
    ResourceNeed,
    Run,
    StreamNode,
)
from tws.plan.build import resource_key

Record = dict[str, Any]


def item_record(item: JobNode | StreamNode, now: datetime) -> Record:
    if isinstance(item, JobNode):
        return job_record(item, now)
    return stream_record(item, now)


def job_record(job: JobNode, now: datetime) -> Record:
    """What is not known is left out."""
    return _known(
        {
            "object": job.key,
            "id": job.id,
            "type": "job",
            "name": job.name,
            "stream": job.stream_name,
            "folder": job.folder,
            "workstation": job.workstation,
            "status": job.status,
            "common_status": job.common_status,
            "substatus": job.substatus,
            "canceled": job.canceled or None,
            "return_code": job.return_code,
            "scheduled": _moment(job.scheduled),
            "start_time": _moment(job.times.start),
            "latest_start": _moment(job.times.latest_start),
            "started": _moment(job.started),
            "ended": _moment(job.ended),
            "elapsed_seconds": _elapsed(job, now),
            "estimated_seconds": job.estimated,
            "overdue": (job.status == "EXEC" and overdue(job, now)) or None,
            "priority": job.priority,
            "late": job.late,
            "deadline": _moment(job.times.deadline),
            "critical": job.critical or None,
            "unresolved_dependencies": job.unresolved,
            "job_number": job.job_number,
            "recovery_option": job.recovery,
            "runs": len(job.earlier) + 1 if job.earlier else None,
        }
    )


def stream_record(stream: StreamNode, now: datetime) -> Record:
    del now
    return _known(
        {
            "object": stream.key,
            "id": stream.id,
            "type": "stream",
            "name": stream.name,
            "stream": stream.name,
            "folder": stream.folder,
            "workstation": stream.workstation,
            "status": stream.status,
            "common_status": stream.common_status,
            "substatus": stream.substatus,
            "canceled": stream.canceled or None,
            "scheduled": _moment(stream.scheduled),
            "start_time": _moment(stream.times.start),
            "latest_start": _moment(stream.times.latest_start),
            "started": _moment(stream.started),
            "ended": _moment(stream.ended),
            "estimated_seconds": stream.estimated,
            "priority": stream.priority,
            "limit": stream.limit,
            "late": stream.late,
            "deadline": _moment(stream.times.deadline),
            "carried_forward": stream.carried_forward or None,
            "jobs": stream.job_count,
            "unresolved_dependencies": stream.unresolved,
        }
    )


def match_record(item: JobNode | StreamNode) -> Record:
    """One of several objects that a name may mean."""
    return {
        "object": item.key,
        "id": item.id,
        "type": "job" if isinstance(item, JobNode) else "stream",
        "status": item.status,
        "scheduled": _moment(item.scheduled),
    }


def workstation_record(item: Workstation) -> Record:
    return {
        "object": item.key,
        "name": item.name,
        "type": item.type,
        "linked": item.linked,
        "running": item.jobman_up,
        "online": item.online,
        "limit": item.limit,
        "fence": item.fence,
        "ignored": item.ignore,
        "trouble": "" if item.ignore else trouble(item),
    }


def resource_record(item: Resource) -> Record:
    key = resource_key(item.name, workstation=item.workstation, folder=item.folder)
    return _known(
        {
            "object": key,
            "name": item.name,
            "workstation": item.workstation,
            "quantity": item.quantity,
            "in_use": item.in_use,
            "available": item.available,
            "holders": [
                {
                    "object": holder.job_key or holder.stream,
                    "quantity": holder.quantity,
                }
                for holder in item.holders
            ],
        }
    )


def run_record(run: Run) -> Record:
    return _known(
        {
            "id": run.id,
            "status": run.status,
            "return_code": run.return_code,
            "rerun_type": run.rerun_type,
            "job_number": run.job_number,
            "started": _moment(run.started),
            "ended": _moment(run.ended),
        }
    )


def critical_record(item: CriticalJob) -> Record:
    stream = f"{rooted(item.workstation)}#{item.folder}{item.stream_name}"
    return _known(
        {
            "object": f"{stream}.{item.name}",
            "id": item.id,
            "name": item.name,
            "stream": item.stream_name,
            "status": item.status,
            "risk": item.risk,
            "deadline": _moment(item.deadline),
            "estimated_end": _moment(item.estimated_end),
            "confidence": item.confidence,
        }
    )


def need_record(need: Need, plan: Plan) -> Record:
    """A dependency, with the present status of what it waits for where that is known."""
    match need:
        case Follows():
            return _known(_follows(need, plan))
        case Join():
            return {
                "type": "join",
                "object": need.name,
                "needed": need.needed,
                "satisfied": need.satisfied,
                "members": [need_record(member, plan) for member in need.members],
            }
        case PromptNeed():
            return _known(
                {
                    "type": "prompt",
                    "object": need.object,
                    "number": need.number,
                    "text": need.text,
                    "prompt_status": need.status,
                    "satisfied": need.satisfied,
                }
            )
        case FileNeed():
            return _known(
                {
                    "type": "file",
                    "object": need.name,
                    "workstation": need.workstation,
                    "status": need.status,
                    "satisfied": need.satisfied,
                }
            )
        case ResourceNeed():
            return _known(
                {
                    "type": "resource",
                    "object": need.key,
                    "name": need.name,
                    "quantity": need.quantity,
                    "available": need.available,
                    "satisfied": need.satisfied,
                }
            )
        case RemoteNeed():
            return _known(
                {
                    "type": "internetwork",
                    "object": need.label,
                    "status": need.remote_status,
                    "satisfied": need.satisfied,
                }
            )


def _follows(need: Follows, plan: Plan) -> Record:
    target = plan.item(need.target) if plan.holds(need.target) else None
    return {
        "type": "stream" if need.to_stream else "job",
        "object": target.key if target else need.label,
        "id": need.target,
        "status": target.status if target else need.predecessor_status,
        "satisfied": need.satisfied,
        "conditions": list(need.conditions) or None,
        "pending": need.pending or None,
        "orphan": need.zombie or None,
    }


def _elapsed(job: JobNode, now: datetime) -> float | None:
    if job.started is None:
        return None
    return max(0.0, round(((job.ended or now) - job.started).total_seconds(), 1))


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _known(record: Record) -> Record:
    return {name: value for name, value in record.items() if value not in (None, "")}
