"""The way from the target to each root."""

from collections import deque
from collections.abc import Callable, Iterable

from tws.diagnosis.findings import Root, Step
from tws.diagnosis.scope import Edge, Ref, Scope
from tws.diagnosis.walk import Walk, every_edge, every_option

RELATIONS = {
    "prompt_open": "prompt",
    "resource_busy": "resource",
    "file_missing": "file",
    "fence": "workstation",
    "workstation_down": "workstation",
    "workstation_ignored": "workstation",
    "workstation_limit": "workstation",
    "stream_limit": "job stream",
    "internetwork": "predecessor in another network",
    "orphan_dependency": "predecessor that is not there",
    "plan_stalled": "the plan",
}

# What a step may be that is neither a job nor a job stream.
THINGS = frozenset(RELATIONS.values()) - {"job stream"}

MOST_AROUND = 20  # members of a cycle

Parents = dict[Ref, tuple[Ref, str] | None]
Through = Callable[[Walk, Ref], list[Edge]]


def trace(
    walk: Walk, start: Ref, roots: Iterable[Root], cycles: dict[Ref, list[Root]]
) -> tuple[tuple[Root, ...], tuple[Step, ...]]:
    """The roots, the nearest first, and the steps to them; shared steps come once."""
    wanted = set(roots)
    parents = _search(walk, start, _through_jobs)
    carriers = _carriers(walk, parents, wanted, cycles)
    if wanted - carriers.keys():
        parents = _search(walk, start, _through_all)
        carriers = _carriers(walk, parents, wanted, cycles)
    steps: dict[tuple[str, str], Step] = {}
    for root, ref in carriers.items():
        around = [one for one in parents if root in cycles.get(one, ())]
        way = [*_way(walk.scope, ref, parents), *_last(walk, ref, root)]
        way += [
            step
            for one in around[:MOST_AROUND]
            for step in _way(walk.scope, one, parents)
        ]
        for step in way:
            steps.setdefault((step.object, step.of), step)
    return tuple(carriers), tuple(steps.values())


def _search(walk: Walk, start: Ref, through: Through) -> Parents:
    """Breadth first: the shortest way to each."""
    parents: Parents = {start: None}
    queue = deque([start])
    while queue:
        ref = queue.popleft()
        for edge in through(walk, ref):
            if edge.ref not in parents:
                parents[edge.ref] = (ref, edge.relation)
                queue.append(edge.ref)
    return parents


def _through_all(walk: Walk, ref: Ref) -> list[Edge]:
    return every_edge(walk.met[ref])


def _through_jobs(walk: Walk, ref: Ref) -> list[Edge]:
    """A stream that waits is met where it bites: at the first of its jobs."""
    edges = every_edge(walk.met[ref])
    begin = next((edge for edge in edges if edge.ref.kind == "start"), None)
    if begin is None or not any(_waits_for(walk, edge, begin.ref) for edge in edges):
        return edges
    return [edge for edge in edges if edge is not begin]


def _waits_for(walk: Walk, edge: Edge, begin: Ref) -> bool:
    if edge.ref.kind != "job":
        return False
    return any(other.ref == begin for other in walk.met[edge.ref].edges)


def _carriers(
    walk: Walk, parents: Parents, wanted: set[Root], cycles: dict[Ref, list[Root]]
) -> dict[Root, Ref]:
    """Where each root is shown: at its own object, at one that nothing else holds."""
    found: dict[Root, tuple[int, Ref]] = {}
    for ref in parents:
        for root in _here(walk, ref, cycles):
            if root in wanted:
                rank = _rank(walk, ref, root)
                if root not in found or rank < found[root][0]:
                    found[root] = (rank, ref)
    return {root: ref for root, (_, ref) in found.items()}


def _rank(walk: Walk, ref: Ref, root: Root) -> int:
    if walk.scope.plan.item(ref.id).key == root.object:
        return 0
    return 2 if every_edge(walk.met[ref]) else 1


def _here(walk: Walk, ref: Ref, cycles: dict[Ref, list[Root]]) -> list[Root]:
    found = walk.met[ref]
    chosen = [root for option in every_option(found) for root in option.roots]
    return [*found.roots, *chosen, *cycles.get(ref, [])]


def _way(scope: Scope, ref: Ref, parents: Parents) -> list[Step]:
    steps: list[Step] = []
    at: Ref | None = ref
    while at is not None:
        item = scope.plan.item(at.id)
        up = parents[at]
        parent = scope.plan.item(up[0].id) if up else None
        if parent is None or parent.id != item.id:
            of = parent.key if parent else ""
            steps.append(Step(item.key, item.status, up[1] if up else "target", of))
        at = up[0] if up else None
    return steps[::-1]


def _last(walk: Walk, ref: Ref, root: Root) -> list[Step]:
    """The root itself, when it is not the job or stream that it sits on."""
    key = walk.scope.plan.item(ref.id).key
    if root.object == key:
        return []
    relation = RELATIONS.get(root.kind, "root")
    return [Step(root.object, root.status or _own(walk.scope, root), relation, key)]


def _own(scope: Scope, root: Root) -> str:
    """The status of the job or stream that the root is about."""
    if not scope.plan.holds(root.item):
        return ""
    item = scope.plan.item(root.item)
    return item.status if item.key == root.object else ""
