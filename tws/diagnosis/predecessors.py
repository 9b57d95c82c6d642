"""What must be done before: jobs, job streams, joins and conditions on them."""

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Assessment, Choice, Edge, Option, Ref, Scope
from tws.diagnosis.states import State, state_of
from tws.plan import Follows, JobNode, Join, StreamNode

SUCCESS = frozenset({"SUCC"})
FAILURE = frozenset({"ABEND", "FAIL", "ERROR"})
ANY_END = frozenset({"COMPLETED", "DUMMY_COMPLETED"})
BEGUN = frozenset({"STARTED", "EXEC"})


def hold(item: JobNode | StreamNode, need: Follows, scope: Scope) -> Assessment:
    if need.satisfied:
        return Assessment()
    if need.zombie or need.pending:
        return Assessment(roots=[_orphan(item, need, scope)])
    target = scope.predecessor(need)
    if target is None:
        lost = _orphan if scope.is_absent(need) else _unread
        return Assessment(roots=[lost(item, need, scope)])
    settled = _settled(need, target)
    if settled is None:
        kind = "predecessor stream" if need.to_stream else "predecessor"
        ref = Ref("stream" if need.to_stream else "job", target.id)
        return Assessment(edges=[Edge(ref, kind)])
    unmet = [] if settled else [_unmet(item, need, target, scope)]
    return Assessment(roots=unmet)


def hold_join(item: JobNode | StreamNode, join: Join, scope: Scope) -> Assessment:
    """Of the members that are not satisfied, the missing number must become so."""
    if join.satisfied:
        return Assessment()
    options = []
    for member in join.members:
        found = hold(item, member, scope)
        options.append(Option(1, tuple(found.roots), tuple(found.edges)))
    open_ = [option for option in options if option.roots or option.edges]
    short = join.needed - (len(options) - len(open_))
    if short <= 0 or not open_:
        return Assessment()
    if short >= len(open_):
        return Assessment(
            roots=[root for option in open_ for root in option.roots],
            edges=[edge for option in open_ for edge in option.edges],
        )
    return Assessment(choices=[Choice(short, tuple(open_))])


def _settled(need: Follows, target: JobNode | StreamNode) -> bool | None:
    """Whether it is decided, though the engine has not marked it yet; or None."""
    state = state_of(target)
    if state is State.CANCELED:
        return True  # a cancel frees the successors
    if need.conditions:
        return _condition(set(need.conditions), state)
    return True if state is State.DONE else None


def _condition(wanted: set[str], state: State) -> bool | None:
    """Conditions on the output are known to the engine alone: it marks those."""
    if wanted & BEGUN and state in {State.RUNNING, State.DONE, State.FAILED}:
        return True
    match state:
        case State.DONE:
            return bool(wanted & (SUCCESS | ANY_END))
        case State.FAILED:  # a rerun of the predecessor may still meet it
            return bool(wanted & (FAILURE | ANY_END)) or None
        case State.SUPPRESSED:
            return bool(wanted & {"SUPPR", "SUPPRESS"}) or None
    return None


def _orphan(item: JobNode | StreamNode, need: Follows, scope: Scope) -> Root:
    why = "can no longer be resolved" if need.zombie else "is not in the plan yet"
    if not (need.zombie or need.pending):
        why = "this plan does not have (or this TWS user may not see)"
    verb = "rj" if isinstance(item, JobNode) else "rs"
    return Root(
        "orphan_dependency",
        need.label or need.target,
        f"{item.key} follows {need.label or need.target}, which {why}.",
        "If it is not to come any more, release the dependency: conman "
        f"{verb} {item.key};follows={need.label}.",
        (
            scope.seen(item, "dependencyStatus", need.status or "UNBOUND"),
            scope.seen(item, "dependency.zombie", need.zombie),
            scope.seen(item, "dependency.pending", need.pending),
        ),
        item.id,
        status="pending" if need.pending and not need.zombie else "absent",
    )


def _unread(item: JobNode | StreamNode, need: Follows, scope: Scope) -> Root:
    return Root(
        "unknown",
        need.label or need.target,
        f"{item.key} follows {need.label or need.target}, which has not been "
        f"read; the dependency says {need.predecessor_status or 'nothing'} of its "
        "status.",
        f"Ask for {need.label or need.target} itself.",
        (
            scope.seen(item, "dependency.target", need.target),
            scope.seen(item, "dependency.predecessorStatus", need.predecessor_status),
        ),
        item.id,
        status=need.predecessor_status or "unread",
    )


def _unmet(
    item: JobNode | StreamNode,
    need: Follows,
    target: JobNode | StreamNode,
    scope: Scope,
) -> Root:
    wanted = ", ".join(need.conditions)
    return Root(
        "suppressed",
        item.key,
        f"It runs only if {target.key} meets the condition {wanted}, and that ended in "
        f"{target.status} without it.",
        f"If it should run all the same: conman rr {target.key}, or confirm "
        f"{item.key} to let its successors go on (conman confirm {item.key};succ).",
        (
            scope.seen(item, "conditions", wanted),
            scope.seen(target, "status", target.status),
        ),
        item.id,
    )
