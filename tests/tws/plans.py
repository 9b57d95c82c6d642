"""Small plans built by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tws.diagnosis import diagnose
from tws.payloads import Resource, ResourceHolder, TimeRestrictions, Workstation
from tws.plan import (
    FileNeed,
    Follows,
    JobNode,
    Join,
    Plan,
    PromptNeed,
    RemoteNeed,
    ResourceNeed,
    StreamNode,
)

NOW = datetime(2026, 3, 4, 18, 30, tzinfo=UTC)
UP = frozenset({"LINKED", "JOBMAN_UP", "IS_INITED", "ONLINE"})


def at(minutes: float) -> datetime:
    """So many minutes after now."""
    return NOW + timedelta(minutes=minutes)


def job(name: str, status: str = "HOLD", *needs: Any, **fields: Any) -> JobNode:
    stream = fields.pop("stream", "S")
    defaults: dict[str, Any] = {
        "id": name,
        "name": name,
        "key": f"/A#/{stream}.{name}",
        "stream": stream,
        "stream_name": stream,
        "workstation": "/A",
        "priority": 10,
        "original_priority": 10,
        "read_at": NOW,
    }
    return JobNode(status=status, needs=tuple(needs), **(defaults | fields))


def stream(name: str, status: str = "EXEC", *needs: Any, **fields: Any) -> StreamNode:
    defaults: dict[str, Any] = {
        "id": name,
        "name": name,
        "key": f"/A#/{name}",
        "workstation": "/A",
        "priority": 10,
        "original_priority": 10,
        "limit": -1,
        "read_at": NOW,
    }
    return StreamNode(status=status, needs=tuple(needs), **(defaults | fields))


def workstation(name: str = "A", **fields: Any) -> Workstation:
    defaults: dict[str, Any] = {
        "id": name,
        "name": name,
        "key": f"/{name}",
        "type": "AGENT",
        "states": UP,
        "limit": 20,
        "fence": 0,
    }
    return Workstation(**(defaults | fields))


def plan(*items: Any) -> Plan:
    """Streams that only jobs name, and workstation A, come by themselves."""
    made = Plan()
    for item in items:
        if isinstance(item, JobNode):
            made.put_job(item)
        elif isinstance(item, StreamNode):
            made.put_stream(item)
        elif isinstance(item, Workstation):
            made.put_workstation(item, NOW)
        else:
            made.put_resource(item, NOW)
    for name in {item.stream for item in made.jobs.values()} - set(made.streams):
        made.put_stream(stream(name))
    if "/A" not in made.workstations:
        made.put_workstation(workstation(), NOW)
    return made


def roots(made: Plan, target: str) -> set[tuple[str, str]]:
    """The root set: kinds and objects."""
    found = diagnose(made, target, NOW)
    return {(root.kind, root.object) for root in found.roots}


def after(target: str, **fields: Any) -> Follows:
    return Follows(target=target, label=target, **fields)


def after_stream(target: str, **fields: Any) -> Follows:
    return Follows(target=target, label=target, to_stream=True, **fields)


def join(needed: int, *members: Follows) -> Join:
    return Join(name="J", needed=needed, members=members)


def prompt(name: str = "GO", status: str = "ASKED", **fields: Any) -> PromptNeed:
    return PromptNeed(name=name, status=status, **fields)


def file(name: str = "/in/data.csv", **fields: Any) -> FileNeed:
    return FileNeed(name=name, status="Unavailable", **fields)


def remote(label: str, **fields: Any) -> RemoteNeed:
    return RemoteNeed(label=label, **fields)


def units(quantity: int = 1, name: str = "R", **fields: Any) -> ResourceNeed:
    return ResourceNeed(key=f"/A#/{name}", name=name, quantity=quantity, **fields)


def resource(available: int, *holders: ResourceHolder, **fields: Any) -> Resource:
    defaults: dict[str, Any] = {"id": "R", "name": "R", "workstation": "/A"}
    total = available + sum(holder.quantity or 0 for holder in holders)
    return Resource(
        **(defaults | {"quantity": total, "available": available} | fields),
        holders=list(holders),
    )


def holder(job_id: str = "", quantity: int = 1, stream_id: str = "") -> ResourceHolder:
    return ResourceHolder(job_id=job_id, stream_id=stream_id, quantity=quantity)


def starts(minutes: float, **fields: Any) -> TimeRestrictions:
    return TimeRestrictions(start=at(minutes), time_dependent=True, **fields)
