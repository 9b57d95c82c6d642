"""Jobs and streams that conditions have taken out of the plan."""

from tws.diagnosis import workstations
from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Assessment, Edge, Ref, Scope
from tws.diagnosis.states import State, state_of
from tws.plan import Follows, JobNode, StreamNode
from tws.plan.graph import predecessors


def hold(item: JobNode | StreamNode, scope: Scope) -> Assessment:
    """The first of a row of suppressed ones is the root: the others follow it."""
    scope.needs_of(item)
    if isinstance(item, JobNode) and _by_place(item):
        ignored = workstations.ignored(item, scope)
        if ignored:
            return Assessment(roots=ignored)
    before = [
        Edge(ref, "suppressed predecessor")
        for need in predecessors(item.needs)
        if (ref := _suppressed(need, scope))
    ]
    if before:
        return Assessment(edges=before)
    return Assessment(roots=[root(item, scope)])


def root(item: JobNode | StreamNode, scope: Scope) -> Root:
    conditions = [
        f"{need.label}: {', '.join(need.conditions)}"
        for need in predecessors(item.needs)
        if need.conditions and not need.satisfied
    ]
    why = "the conditions on its predecessors were not met"
    if conditions:
        why += f" ({'; '.join(conditions[:3])})"
    return Root(
        "suppressed",
        item.key,
        f"It is suppressed: {why}.",
        "That may be as intended. To let its successors go on: conman confirm "
        f"{item.key};succ; to run it after all, rerun the predecessor whose condition "
        "was not met.",
        (
            scope.seen(item, "status", item.status),
            scope.seen(item, "substatus", item.substatus),
            *(scope.seen(item, "condition", text) for text in conditions[:5]),
        ),
        item.id,
    )


def _by_place(job: JobNode) -> bool:
    """Engines that leave the substatus empty still show that no dependency did it."""
    if job.substatus:
        return job.substatus == "SUPPR_WORKSTATION_IGNORED"
    return all(need.satisfied for need in job.needs)


def _suppressed(need: Follows, scope: Scope) -> Ref | None:
    if need.satisfied or need.zombie or need.pending:
        return None
    target = scope.predecessor(need)
    if target is None or state_of(target) is not State.SUPPRESSED:
        return None
    return Ref("stream" if need.to_stream else "job", target.id)
