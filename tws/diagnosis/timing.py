"""What the clock holds back: not yet, or too late."""

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock, span
from tws.plan import JobNode, StreamNode


def holds(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    return [*not_yet(item, scope), *_too_late(item, scope)]


def not_yet(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    start = item.times.start
    if start is None or item.times.start_satisfied or start <= scope.now:
        return []
    wait = (start - scope.now).total_seconds()
    return [
        Root(
            "time_not_reached",
            item.key,
            f"It may start at {clock(start, scope.now)}, in {span(wait)}; "
            "by itself, if nothing else holds it.",
            "Nothing: wait. To start it now, release it from its time: "
            f"conman {_release(item)} {item.key};at.",
            (
                scope.seen(item, "timeRestrictions.startTime", start),
                scope.seen(item, "status", item.status),
            ),
            item.id,
            self_curing=True,
        )
    ]


def _too_late(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    """Only ``doNotRun`` holds it for good: the other actions run or cancel it."""
    latest = item.times.latest_start
    gone = isinstance(item, JobNode) and item.until_gone
    passed = latest is not None and latest <= scope.now
    if not (gone or passed) or item.times.late_start_action in {"continue", "cancel"}:
        return []
    if item.times.latest_start_satisfied and not gone:
        return []
    when = f" ({clock(latest, scope.now)})" if latest else ""
    return [
        Root(
            "latest_start_passed",
            item.key,
            f"Its latest start time{when} has passed: the engine no longer runs it.",
            f"Release it from that time: conman {_release(item)} {item.key};until; "
            "or submit it anew.",
            (
                scope.seen(item, "timeRestrictions.latestStartTime", latest),
                scope.seen(item, "untilGone", gone),
            ),
            item.id,
        )
    ]


def _release(item: JobNode | StreamNode) -> str:
    return "rj" if isinstance(item, JobNode) else "rs"
