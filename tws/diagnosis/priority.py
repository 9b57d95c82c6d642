"""Priority 0: held by somebody."""

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Scope
from tws.plan import JobNode, StreamNode

HI = 100  # from here on ("hi" and "go") neither limit counts


def holds(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    held = item.common_status == "HELD" or item.substatus == "HOLD_PRIORITY_ZERO"
    if item.priority != 0 and not (held and item.priority is None):
        return []
    what = "job" if isinstance(item, JobNode) else "job stream"
    verb = "rj" if isinstance(item, JobNode) else "rs"
    return [
        Root(
            "priority_zero",
            item.key,
            f"The {what} is held: priority 0, so the engine never launches it.",
            f"Ask who holds it and why, then release it: conman {verb} {item.key}, "
            f"or give it a priority: conman altpri {item.key};{_usual(item)}.",
            (
                scope.seen(item, "priority", item.priority),
                scope.seen(item, "status", item.status),
            ),
            item.id,
        )
    ]


def effective(job: JobNode) -> int | None:
    """The priority it has, or gets back when its hold is released."""
    return job.original_priority if job.priority == 0 else job.priority


def _usual(item: JobNode | StreamNode) -> int:
    return item.original_priority or 10
