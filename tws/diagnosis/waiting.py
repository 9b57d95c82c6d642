"""What holds back a job or stream that has not started."""

from tws.diagnosis import (
    needs,
    predecessors,
    priority,
    resources,
    stall,
    timing,
    workstations,
)
from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Assessment, Edge, Ref, Scope
from tws.diagnosis.states import FINISHED, State, state_of
from tws.diagnosis.wording import several
from tws.plan import (
    FileNeed,
    Follows,
    JobNode,
    Join,
    Need,
    PromptNeed,
    RemoteNeed,
    ResourceNeed,
    StreamNode,
)


def job(item: JobNode, scope: Scope) -> Assessment:
    """Everything that must change, or else its turn; limits only when it is its turn."""
    gaps = scope.gaps
    found = own(item, scope)
    found.roots += workstations.holds(item, scope)
    start = stream_start(item.stream, scope)
    if not start.is_free():
        found.edges.append(Edge(Ref("start", item.stream), "job stream"))
    found.roots += stall.declared(scope)
    if not found.is_free() or scope.gaps > gaps:
        return found
    found.roots += workstations.full(item, scope)
    found.roots += _stream_full(item, scope)
    if found.is_free():
        found.roots += _unexplained(item, scope)
    if found.is_free() and scope.gaps == gaps:
        found.roots += stall.silent(item, scope) or [_turn(item, scope)]
    return found


def own(item: JobNode | StreamNode, scope: Scope) -> Assessment:
    """Its own priority, times and dependencies."""
    scope.needs_of(item)
    found = Assessment(roots=priority.holds(item, scope))
    found.roots += timing.holds(item, scope)
    for need in item.needs:
        found.take(_hold(item, need, scope))
    return found


def canceling(item: JobNode | StreamNode, scope: Scope) -> Assessment:
    """A pending cancel takes place when dependencies and start time allow."""
    scope.needs_of(item)
    found = Assessment(roots=timing.not_yet(item, scope))
    for need in item.needs:
        found.take(_hold(item, need, scope))
    if found.is_free():
        found.roots.append(_cancels(item, scope))
    return found


def stream_start(stream: str, scope: Scope) -> Assessment:
    """What the job stream itself waits for: it holds back all of its jobs."""
    return scope.start_of(stream, _stream_start)


def _stream_start(stream: str, scope: Scope) -> Assessment:
    item = scope.stream(stream) if stream else None
    if item is None or state_of(item) in FINISHED:
        return Assessment()
    if state_of(item) is State.CANCELING:
        return canceling(item, scope)
    found = own(item, scope)
    if item.limit == 0:
        found.roots.append(_stream_closed(item, scope))
    if state_of(item) is State.UNKNOWN and found.is_free():
        found.roots.append(strange(item, scope))
    return found


def strange(item: JobNode | StreamNode, scope: Scope) -> Root:
    """A status that no rule knows: it is shown, not guessed at."""
    what = "job" if isinstance(item, JobNode) else "job stream"
    return Root(
        "unknown",
        item.key,
        f"The {what} has the status {item.status or 'none'}, which says nothing to "
        "this program.",
        f"Look at it in the console or with conman: {_show(item)} {item.key}.",
        (
            scope.seen(item, "status", item.status),
            scope.seen(item, "substatus", item.substatus),
            scope.seen(item, "commonStatus", item.common_status),
            *(scope.seen(item, "unusable", text) for text in item.unusable[:5]),
        ),
        item.id,
    )


def _hold(item: JobNode | StreamNode, need: Need, scope: Scope) -> Assessment:
    match need:
        case Follows():
            return predecessors.hold(item, need, scope)
        case Join():
            return predecessors.hold_join(item, need, scope)
        case PromptNeed():
            return Assessment(roots=needs.prompt(item, need, scope))
        case FileNeed():
            return Assessment(roots=needs.file(item, need, scope))
        case RemoteNeed():
            return Assessment(roots=needs.remote(item, need, scope))
        case ResourceNeed():
            return resources.hold(item, need, scope)


def _unexplained(item: JobNode, scope: Scope) -> list[Root]:
    """The engine sees something that its plan does not show."""
    if item.status != "READY":
        scope.confirm(item)
    return [*workstations.hinted(item, scope), *_uncounted(item, scope)]


def _uncounted(item: JobNode, scope: Scope) -> list[Root]:
    told = sum(not need.satisfied for need in item.needs)
    if not item.unresolved or told or not item.whole:
        return []
    return [
        Root(
            "unknown",
            item.key,
            f"The engine counts {item.unresolved} unresolved dependencies, but names "
            "none of them.",
            f"Look at them with conman: sj {item.key};deps. If there are none, the "
            "engine's database lags behind the plan: planman checksync.",
            (
                scope.seen(item, "status", item.status),
                scope.seen(item, "numberOfUnresolvedDependencies", item.unresolved),
                scope.seen(item, "dependencies", len(item.needs)),
            ),
            item.id,
        )
    ]


def _stream_full(item: JobNode, scope: Scope) -> list[Root]:
    stream = scope.stream(item.stream) if item.stream else None
    if stream is None or stream.limit is None or stream.limit <= 0:
        return []
    if (item.priority or 0) >= priority.HI:
        return []
    scope.jobs_of(stream.id)
    running = scope.plan.running_in(stream.id)
    if len(running) < stream.limit:
        return []
    names = several([other.key for other in running])
    return [
        Root(
            "stream_limit",
            stream.key,
            f"Its limit of {stream.limit} is taken up by running jobs: {names}.",
            "Nothing: it goes on when one of them ends. To make room now: "
            f"conman limit sched={stream.key};{len(running) + 1}.",
            (
                scope.seen(stream, "limit", stream.limit),
                *(scope.seen(other, "status", other.status) for other in running[:5]),
            ),
            stream.id,
            self_curing=True,
        )
    ]


def _stream_closed(stream: StreamNode, scope: Scope) -> Root:
    return Root(
        "stream_limit",
        stream.key,
        "Its limit is 0: it launches none of its jobs.",
        f"Raise the limit: conman limit sched={stream.key};10.",
        (scope.seen(stream, "limit", 0),),
        stream.id,
    )


def _turn(item: JobNode, scope: Scope) -> Root:
    return Root(
        "waiting_turn",
        item.key,
        f"Nothing holds it ({item.status}): the engine will launch it by itself.",
        "Nothing: it starts within moments.",
        (
            scope.seen(item, "status", item.status),
            scope.seen(item, "substatus", item.substatus),
            scope.seen(item, "unresolvedDependencies", item.unresolved),
        ),
        item.id,
        self_curing=True,
    )


def _cancels(item: JobNode | StreamNode, scope: Scope) -> Root:
    return Root(
        "waiting_turn",
        item.key,
        "It is about to be cancelled: its dependencies are resolved.",
        "Nothing: the engine cancels it within moments, and that frees what follows.",
        (scope.seen(item, "cancelPending", value=True),),
        item.id,
        self_curing=True,
    )


def _show(item: JobNode | StreamNode) -> str:
    return "sj" if isinstance(item, JobNode) else "ss"
