"""Why a job or job stream does not run, or failed: the entry to the rules."""

from dataclasses import dataclass, replace
from datetime import datetime

from tws.diagnosis import running, streams, timing, waiting
from tws.diagnosis.chain import trace
from tws.diagnosis.findings import BENIGN, Diagnosis, Evidence, Root, Step
from tws.diagnosis.scope import Ref, Scope
from tws.diagnosis.solve import solve
from tws.diagnosis.states import FINISHED, State, state_of
from tws.diagnosis.walk import Walk
from tws.diagnosis.wording import clock, several
from tws.plan import JobNode, Missing, Plan, StreamNode

MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """A diagnosis, and what the plan lacked for it: empty when it is final."""

    diagnosis: Diagnosis
    missing: frozenset[Missing]


def diagnose(plan: Plan, target: str, now: datetime) -> Diagnosis:
    """The exact minimal set of roots. ``KeyError`` when the plan has no such id."""
    return examine(plan, target, now).diagnosis


def examine(plan: Plan, target: str, now: datetime) -> Outcome:
    """As ``diagnose``, for a plan of which only a part has been read."""
    scope = Scope(plan, now)
    item = plan.item(target)
    over = _over(item, scope)
    if over is not None:
        step = Step(item.key, item.status, "target")
        found = Diagnosis(
            item.key, item.id, item.status, (over,), (step,), now, item.unusable
        )
        return Outcome(found, frozenset(scope.missing))
    walk = Walk(scope)
    roots, steps = _search(item, walk)
    notes = _notes(item, walk)
    found = Diagnosis(item.key, item.id, item.status, roots, steps, now, notes)
    return Outcome(found, frozenset(scope.missing))


def _search(
    item: JobNode | StreamNode, walk: Walk
) -> tuple[tuple[Root, ...], tuple[Step, ...]]:
    scope = walk.scope
    start = _question(item, scope)
    walk.explore(start)
    roots, cycles = solve(walk, start)
    if isinstance(item, StreamNode) and _goes_on(item, scope):
        roots = frozenset(root for root in roots if not _of_itself(root))
    ordered, steps = trace(walk, start, roots, cycles)
    if not ordered:
        lost = scope.missing and not scope.plan.complete
        root = _unread(item, scope) if lost else _well(item, scope)
        return (root,), (Step(item.key, item.status, "target"),)
    ordered = tuple(sorted(ordered, key=lambda root: root.self_curing))
    return tuple(_with_effect(root, item, len(ordered)) for root in ordered), steps


def _with_effect(root: Root, target: JobNode | StreamNode, count: int) -> Root:
    """What the action is good for."""
    if root.item == target.id and root.object == target.key and count == 1:
        return root
    if root.self_curing:
        rest = "" if count == 1 else ", once the other causes are cured,"
        effect = f"Then{rest} {target.key} goes on."
    else:
        rest = "That" if count == 1 else "Together with the other causes, that"
        effect = f"{rest} frees {target.key}."
    return replace(root, action=f"{root.action} {effect}")


def _question(item: JobNode | StreamNode, scope: Scope) -> Ref:
    """Of a stream that something keeps from starting, its jobs are not asked about."""
    if isinstance(item, JobNode):
        return Ref("job", item.id)
    if state_of(item) is State.WAITING:
        gaps = scope.gaps
        if not waiting.stream_start(item.id, scope).is_free() or scope.gaps > gaps:
            return Ref("start", item.id)
    return Ref("stream", item.id)


def _over(item: JobNode | StreamNode, scope: Scope) -> Root | None:
    """What is to be said of a target that has ended, or runs."""
    state = state_of(item)
    if state is State.CANCELED and item.times.late_start_action == "cancel":
        late = timing.too_late(item, scope)
        return late[0] if late else _well(item, scope)
    if state in FINISHED:
        return _well(item, scope)
    if isinstance(item, JobNode) and state is State.RUNNING:
        return _well(item, scope)
    return None


def _goes_on(stream: StreamNode, scope: Scope) -> bool:
    jobs = scope.jobs_of(stream.id)
    return any(state_of(job) in {State.RUNNING, State.LAUNCHING} for job in jobs)


def _of_itself(root: Root) -> bool:
    return root.self_curing and root.kind in BENIGN


def _well(item: JobNode | StreamNode, scope: Scope) -> Root:
    return Root(
        "none",
        item.key,
        _told(item, scope),
        "Nothing.",
        _seen(item, scope),
        item.id,
        self_curing=True,
    )


def _unread(item: JobNode | StreamNode, scope: Scope) -> Root:
    gaps = sorted(f"{missing.kind} {missing.id}" for missing in scope.missing)
    return Root(
        "unknown",
        item.key,
        f"What it waits for could not be read: {several(gaps)}.",
        "Ask again; if that does not help, look at it in the console.",
        (scope.seen(item, "status", item.status),),
        item.id,
    )


def _told(item: JobNode | StreamNode, scope: Scope) -> str:
    state = state_of(item)
    if state is State.CANCELED:
        return "It was cancelled: it will not run, and what followed it is free."
    if state is State.DONE:
        when = f" at {clock(item.ended, scope.now)}" if item.ended else ""
        return f"It ran and ended well ({item.status}){when}."
    if isinstance(item, JobNode):
        return running.story(item, scope.now)
    return streams.summary(item, scope)


def _seen(item: JobNode | StreamNode, scope: Scope) -> tuple[Evidence, ...]:
    """What is told of it rests on."""
    if isinstance(item, StreamNode):
        return streams.summary_evidence(item, scope)
    if state_of(item) is State.RUNNING:
        return running.evidence(item, scope)
    return (scope.seen(item, "status", item.status),)


def _notes(item: JobNode | StreamNode, walk: Walk) -> tuple[str, ...]:
    """What could not be used of the objects that were looked at, and of lists."""
    plan = walk.scope.plan
    ids = dict.fromkeys([item.id, *(ref.id for ref in walk.met)])
    nodes = [plan.item(one) for one in ids if plan.holds(one)]
    own = [f"{node.key}: {text}" for node in nodes for text in node.unusable]
    return tuple([*own, *plan.unusable][:MOST_NOTES])
