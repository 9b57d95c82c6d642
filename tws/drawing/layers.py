"""Sorts a graph into rows: whatever waits stands below what it waits for."""

from collections import defaultdict
from collections.abc import Mapping

from tws.drawing.graph import Graph

SWEEPS = 4

Layers = list[list[str]]


def layers_of(graph: Graph) -> Layers:
    """From top to bottom; each object as near as can be to what waits for it."""
    below = without_cycles(graph)
    height: dict[str, int] = {}
    for name in _bottom_up(below):
        height[name] = 1 + max((height[other] for other in below[name]), default=-1)
    rows: dict[int, list[str]] = defaultdict(list)
    for name in graph.knots:
        rows[height[name]].append(name)
    return [rows[number] for number in sorted(rows, reverse=True)]


def without_cycles(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """``graph.below`` but for the ties that close a cycle; those are drawn upwards."""
    kept: dict[str, list[str]] = {name: [] for name in graph.knots}
    done: set[str] = set()
    for start in graph.knots:
        if start in done:
            continue
        open_ = [(start, iter(graph.below[start]))]
        underway = {start}
        while open_:
            name, others = open_[-1]
            for other in others:
                if other in underway:
                    continue
                kept[name].append(other)
                if other not in done:
                    underway.add(other)
                    open_.append((other, iter(graph.below[other])))
                    break
            else:
                open_.pop()
                underway.discard(name)
                done.add(name)
    return {name: tuple(others) for name, others in kept.items()}


def _bottom_up(below: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Each one after all that waits for it."""
    order: list[str] = []
    left = {name: len(others) for name, others in below.items()}
    above: dict[str, list[str]] = defaultdict(list)
    for name, others in below.items():
        for other in others:
            above[other].append(name)
    ready = [name for name, count in left.items() if not count]
    while ready:
        name = ready.pop()
        order.append(name)
        for other in above[name]:
            left[other] -= 1
            if not left[other]:
                ready.append(other)
    return order


def in_order(layers: Layers, ties: list[tuple[str, str]]) -> Layers:
    """Sort each row so that few lines cross: by where its neighbours stand."""
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for upper, lower in ties:
        above[lower].append(upper)
        below[upper].append(lower)
    rows = [list(row) for row in layers]
    for sweep in range(SWEEPS):
        down = sweep % 2 == 1
        walk = rows[1:] if down else rows[-2::-1]
        neighbours = above if down else below
        place = {name: at for row in rows for at, name in enumerate(row)}
        for row in walk:
            row.sort(key=lambda name: _middle(name, neighbours, place))
            place |= {name: at for at, name in enumerate(row)}
    return rows


def _middle(
    name: str, neighbours: Mapping[str, list[str]], place: Mapping[str, int]
) -> float:
    near = [place[other] for other in neighbours.get(name, ())]
    return sum(near) / len(near) if near else place[name]
