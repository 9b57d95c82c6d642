"""Makes a large graph readable: what looks alike or only leads on is drawn as one."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from tws.drawing.graph import Graph, Knot, Tie
from tws.drawing.layers import layers_of

MOST = 14  # so many are drawn as they are
WIDEST = 4
DEEPEST = 10
MOST_NAMES = 200
KEPT_OF_ALIKE = 2


def collapsed(graph: Graph, most: int = MOST) -> Graph:
    """A graph of at most ``WIDEST`` times ``DEEPEST`` knots; the target always stays."""
    if len(graph.knots) <= most and _widest(graph) <= WIDEST:
        return graph
    for fold in (_fold_runs, _fold_alike, _fold_wide, _fold_deep, _fold_wide):
        graph = fold(graph)
    return graph


def _widest(graph: Graph) -> int:
    return max(map(len, layers_of(graph)), default=0)


def _fold_runs(graph: Graph) -> Graph:
    """The middle of a row of objects of which each waits for just the next."""
    groups = []
    for run in _runs(graph):
        inner = run[1:-1]
        if len(inner) > 2:
            groups.append(inner)
    return _merged(graph, groups)


def _runs(graph: Graph) -> list[list[str]]:
    def leads_on(name: str) -> bool:
        alone = len(graph.above[name]) == len(graph.below[name]) == 1
        return alone and graph.knots[name].is_plain

    runs: list[list[str]] = []
    seen: set[str] = set()
    for start in graph.knots:
        if start in seen or not leads_on(start):
            continue
        run = [start]
        seen.add(start)
        while leads_on(last := graph.above[run[-1]][0]) and last not in seen:
            run.append(last)
            seen.add(last)
        while leads_on(first := graph.below[run[0]][0]) and first not in seen:
            run.insert(0, first)
            seen.add(first)
        runs.append(run)
    return runs


def _fold_alike(graph: Graph) -> Graph:
    """Objects with the same neighbours and the same part in the matter."""
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name, knot in graph.knots.items():
        if not knot.is_target:
            near = (frozenset(graph.above[name]), frozenset(graph.below[name]))
            alike[*near, knot.is_root, bool(knot.waiting)].append(name)
    groups = [
        _in_order(graph, names)[KEPT_OF_ALIKE:]
        for names in alike.values()
        if len(names) > KEPT_OF_ALIKE + 1
    ]
    return _merged(graph, groups)


def _fold_wide(graph: Graph) -> Graph:
    """What is too much for one row: causes with causes, the others with the others."""
    groups: list[list[str]] = []
    for layer in layers_of(graph):
        if len(layer) > WIDEST:
            groups += _surplus(graph, layer)
    return _merged(graph, groups)


def _surplus(graph: Graph, layer: list[str]) -> list[list[str]]:
    """Of each part that objects play in the matter, those that find no place."""
    parts: dict[tuple[bool, bool], list[str]] = defaultdict(list)
    for name in _in_order(graph, layer):
        knot = graph.knots[name]
        if not knot.is_target:
            parts[bool(knot.waiting), knot.is_root and not knot.waiting].append(name)
    places = WIDEST - len(parts) - sum(graph.knots[n].is_target for n in layer)
    surplus = []
    for names in parts.values():
        kept = max(0, min(places, len(names) - 2)) if len(names) > 1 else 0
        places -= kept
        surplus.append(names[kept:])
    return surplus


def _fold_deep(graph: Graph) -> Graph:
    """The rows in the middle between the causes and the target."""
    layers = layers_of(graph)
    if len(layers) <= DEEPEST:
        return graph
    half = DEEPEST // 2
    inner = [name for layer in layers[half - 1 : -half] for name in layer]
    plain = [name for name in inner if not graph.knots[name].is_target]
    return _merged(graph, [plain])


def _in_order(graph: Graph, names: Iterable[str]) -> list[str]:
    def rank(name: str) -> tuple[bool, bool, bool, int, int]:
        knot = graph.knots[name]
        part = (not knot.is_target, not knot.is_root)
        return (*part, knot.count > 1, -knot.waiting, knot.position)

    return sorted(names, key=rank)


def _merged(graph: Graph, groups: Iterable[Collection[str]]) -> Graph:
    """Each group as one knot, with the ties of all its members."""
    into: dict[str, str] = {}
    knots = dict(graph.knots)
    for group in groups:
        if len(group) < 2:
            continue
        one = _together([graph.knots[name] for name in group])
        into |= dict.fromkeys(group, one.id)
        for name in group:
            del knots[name]
        knots[one.id] = one
    ties: dict[tuple[str, str], Tie] = {}
    for tie in graph.ties:
        above, below = into.get(tie.above, tie.above), into.get(tie.below, tie.below)
        if above != below:
            ties.setdefault((above, below), replace(tie, above=above, below=below))
    return Graph(knots, tuple(ties.values()))


def _together(knots: list[Knot]) -> Knot:
    names = [name for knot in knots for name in knot.stands_for or (knot.id,)]
    statuses = {knot.status for knot in knots}
    return Knot(
        f"more:{knots[0].id}",
        status=statuses.pop() if len(statuses) == 1 else "",
        relation="more",
        is_root=any(knot.is_root for knot in knots),
        waiting=sum(knot.waiting for knot in knots),
        stands_for=tuple(names),
        position=min(knot.position for knot in knots),
    )
