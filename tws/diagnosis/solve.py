"""The smallest set of roots that frees a target, from what the walk has met.

Without joins and shared resources that set is simply every root that can be reached.
With them there are alternatives: each question gets the list of its minimal sets, from
the leaves up. A dependency cycle is a root of its own, because nothing else frees its
members.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import product

from tws.diagnosis.findings import BENIGN, Root
from tws.diagnosis.scope import Assessment, Choice, Option, Ref, Scope
from tws.diagnosis.walk import Walk, every_edge
from tws.diagnosis.wording import several
from tws.plan import JobNode
from tws.plan.graph import predecessors

Roots = frozenset[Root]
# The minimal sets of one question, the best first; none at all while it is in a cycle.
Sets = tuple[Roots, ...]

FREE: Sets = (frozenset(),)
MOST_SETS = 64
MOST_WAYS = 20_000


def solve(walk: Walk, start: Ref) -> tuple[Roots, dict[Ref, list[Root]]]:
    """The roots, and those of them that are cycles by the members they sit on."""
    cycles: dict[Ref, list[Root]] = {}
    if not walk.chooses:
        for members in components(walk, start):
            if _cyclic(walk, members):
                _add_cycle(walk, members, cycles)
        roots = {root for found in walk.met.values() for root in found.roots}
        roots.update(root for found in cycles.values() for root in found)
        return frozenset(roots), cycles
    sets: dict[Ref, Sets] = {}
    for members in components(walk, start):
        component_sets(walk, members, sets, cycles)
    return sets[start][0], cycles


def component_sets(
    walk: Walk,
    members: list[Ref],
    sets: dict[Ref, Sets],
    cycles: dict[Ref, list[Root]],
    wanted: Callable[[Root], bool] | None = None,
) -> None:
    """The minimal sets of these, from those of what they wait for.

    ``wanted`` leaves out the other roots of their own, which keeps the sets small.
    """
    if _cyclic(walk, members):
        _solve_cycle(walk, members, sets, cycles)
        return
    found = walk.met[members[0]]
    if wanted is not None:
        own = [root for root in found.roots if wanted(root)]
        found = Assessment(own, found.edges, found.choices)
    sets[members[0]] = _sets(found, sets)


def components(
    walk: Walk, start: Ref, known: Container[Ref] = frozenset()
) -> Iterator[list[Ref]]:
    """Strongly connected components, those that others wait for first (Tarjan).

    What is ``known`` from an earlier start is not entered again.
    """
    index: dict[Ref, int] = {start: 0}
    low: dict[Ref, int] = {start: 0}
    stack = [start]
    on_stack = {start}
    work = [(start, iter(every_edge(walk.met[start])))]
    while work:
        ref, edges = work[-1]
        for edge in edges:
            after = edge.ref
            if after in known:
                continue
            if after not in index:
                index[after] = low[after] = len(index)
                stack.append(after)
                on_stack.add(after)
                work.append((after, iter(every_edge(walk.met[after]))))
                break
            if after in on_stack:
                low[ref] = min(low[ref], index[after])
        else:
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[ref])
            if low[ref] == index[ref]:
                yield _component(ref, stack, on_stack)


def _component(first: Ref, stack: list[Ref], on_stack: set[Ref]) -> list[Ref]:
    members: list[Ref] = []
    while not members or members[-1] != first:
        members.append(stack.pop())
    on_stack.difference_update(members)
    return members


def _cyclic(walk: Walk, members: list[Ref]) -> bool:
    if len(members) > 1:
        return True
    ref = members[0]
    return any(edge.ref == ref for edge in every_edge(walk.met[ref]))


def _solve_cycle(
    walk: Walk,
    members: list[Ref],
    sets: dict[Ref, Sets],
    cycles: dict[Ref, list[Root]],
) -> None:
    """A join may lead out of a cycle; what no way leads out of is held by it."""
    sets.update(dict.fromkeys(members, ()))
    for _ in range(len(members) + 1):
        before = [sets[ref] for ref in members]
        for ref in members:
            sets[ref] = _sets(walk.met[ref], sets)
        if before == [sets[ref] for ref in members]:
            break
    caught = [ref for ref in members if not sets[ref]]
    if not caught:
        return
    root = _add_cycle(walk, caught, cycles)
    outside = _union(_without(walk.met[ref], set(caught)) for ref in caught)
    best = (_sets(outside, sets) or FREE)[0]
    sets.update(dict.fromkeys(caught, (best | {root},)))


def _sets(found: Assessment, sets: dict[Ref, Sets]) -> Sets:
    result: Sets = (frozenset(found.roots),)
    for edge in found.edges:
        result = _both(result, sets[edge.ref])
    for choice in found.choices:
        result = _both(result, _ways(choice, sets))
    return result


def _both(left: Sets, right: Sets) -> Sets:
    if left == FREE or right == FREE:
        return right if left == FREE else left
    if len(left) == len(right) == 1:
        if right[0] <= left[0]:
            return left
        return (left[0] | right[0],)
    return _minimal(one | other for one, other in product(left, right))


def _ways(choice: Choice, sets: dict[Ref, Sets]) -> Sets:
    """Every minimal part of the options that carries enough weight."""
    options = [(option.weight, _option(option, sets)) for option in choice.options]
    usable = [(weight, ways) for weight, ways in options if ways]
    found: list[Roots] = []
    partial: list[tuple[int, Roots]] = [(0, frozenset())]
    for weight, ways in usable:
        grown = [
            (carried + weight, roots | way)
            for carried, roots in partial
            for way in ways
        ]
        found += [roots for carried, roots in grown if carried >= choice.need]
        partial += [item for item in grown if item[0] < choice.need]
        if len(partial) > MOST_WAYS:
            partial = sorted(partial, key=lambda item: len(item[1]))[:MOST_WAYS]
    return _minimal(found)


def _option(option: Option, sets: dict[Ref, Sets]) -> Sets:
    return _sets(Assessment(list(option.roots), list(option.edges)), sets)


def _minimal(candidates: Iterable[Roots]) -> Sets:
    """Without those that hold another one, the best first."""
    kept: list[Roots] = []
    for roots in sorted(set(candidates), key=_rank):
        if not any(other <= roots for other in kept):
            kept.append(roots)
            if len(kept) == MOST_SETS:
                break
    return tuple(kept)


def _rank(roots: Roots) -> tuple[int, int, list[str]]:
    """The smallest; then what passes by itself; then by name, to be the same always."""
    work = sum(
        BENIGN.index(root.kind) if root.self_curing else len(BENIGN) for root in roots
    )
    return len(roots), work, sorted(root.object for root in roots)


def _union(parts: Iterable[Assessment]) -> Assessment:
    whole = Assessment()
    for part in parts:
        whole.take(part)
    return whole


def _without(found: Assessment, caught: set[Ref]) -> Assessment:
    """What it waits for outside of the cycle."""
    choices = []
    for choice in found.choices:
        free = tuple(
            option
            for option in choice.options
            if caught.isdisjoint(edge.ref for edge in option.edges)
        )
        need = min(choice.need, sum(option.weight for option in free))
        if need > 0:
            choices.append(Choice(need, free))
    edges = [edge for edge in found.edges if edge.ref not in caught]
    return Assessment(list(found.roots), edges, choices)


def _add_cycle(walk: Walk, members: list[Ref], cycles: dict[Ref, list[Root]]) -> Root:
    root = _cycle(walk.scope, members)
    for ref in members:
        cycles.setdefault(ref, []).append(root)
    return root


def _cycle(scope: Scope, members: list[Ref]) -> Root:
    plan = scope.plan
    items = {ref.id: plan.item(ref.id) for ref in members if plan.holds(ref.id)}
    keys = sorted(item.key for item in items.values())
    first = min(items.values(), key=lambda item: item.key)
    closing = next(
        (need.label for need in predecessors(first.needs) if need.target in items),
        keys[-1],
    )
    verb = "rj" if isinstance(first, JobNode) else "rs"
    return Root(
        "unknown",
        first.key,
        f"A dependency cycle: {several(keys, most=20)} wait for each other, so none "
        "of them can start.",
        f"Release one dependency of the cycle, for example: conman {verb} {first.key}"
        f";follows={closing}. Then mend the definition.",
        tuple(
            scope.seen(item, "cycle member", item.status)
            for item in list(items.values())[:50]
        ),
        first.id,
    )
