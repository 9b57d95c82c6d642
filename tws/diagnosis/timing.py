"""What the clock holds back: not yet, or too late."""

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock, span
from tws.plan import JobNode, StreamNode

# With these actions a late start holds nothing back: it runs, or frees what follows.
PASSES = frozenset({"continue", "cancel"})


def holds(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    late = [] if item.times.late_start_action in PASSES else too_late(item, scope)
    return [*not_yet(item, scope), *late]


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


def too_late(item: JobNode | StreamNode, scope: Scope) -> list[Root]:
    latest = item.times.latest_start
    gone = isinstance(item, JobNode) and item.until_gone
    passed = latest is not None and latest <= scope.now
    if not gone and (not passed or item.times.latest_start_satisfied):
        return []
    when = f" ({clock(latest, scope.now)})" if latest else ""
    fate = "has cancelled it" if item.canceled else "no longer runs it"
    return [
        Root(
            "latest_start_passed",
            item.key,
            f"Its latest start time{when} has passed: the engine {fate}.",
            f"Release it from that time: conman {_release(item)} {item.key};until; "
            "or submit it anew.",
            (
                scope.seen(item, "timeRestrictions.latestStartTime", latest),
                scope.seen(item, "lateStartAction", item.times.late_start_action),
                scope.seen(item, "untilGone", gone),
            ),
            item.id,
        )
    ]


def _release(item: JobNode | StreamNode) -> str:
    return "rj" if isinstance(item, JobNode) else "rs"
