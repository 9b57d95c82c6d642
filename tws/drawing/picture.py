"""Puts the rows of a graph onto paper: boxes that do not overlap, and every line."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tws.drawing.collapse import MOST, collapsed
from tws.drawing.graph import Graph, Knot, Tie
from tws.drawing.layers import in_order, layers_of
from tws.drawing.places import MARGIN, places, width_of

BOX_HEIGHT = 66
GAP_Y = 40

Stop = tuple[int, str]  # a row, and the object or the lane in it


@dataclass(frozen=True, slots=True)
class Box:
    """One object on the paper."""

    knot: Knot
    x: int
    y: int
    width: int
    height: int = BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Line:
    """From what is waited for to what waits; ``path`` is the SVG's ``d``."""

    tie: Tie
    path: str
    closes_cycle: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Whole numbers only: no language writes them in another way."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def picture(graph: Graph, most: int = MOST) -> Picture:
    """A readable number of boxes, the target among them."""
    graph = collapsed(graph, most)
    layers = layers_of(graph)
    row_of = {name: row for row, layer in enumerate(layers) for name in layer}
    routes = [_route(tie, row_of) for tie in graph.ties]
    for route in routes:
        for row, lane in route[1:-1]:
            layers[row].append(lane)
    pairs = [
        (upper, lower)
        for route in routes
        for (_, upper), (_, lower) in itertools.pairwise(route)
    ]
    x = places(in_order(layers, pairs), pairs, graph.knots)
    boxes = [_box(knot, x[name], row_of[name]) for name, knot in graph.knots.items()]
    lines = [
        Line(tie, _path(route, x), row_of[tie.above] > row_of[tie.below])
        for tie, route in zip(graph.ties, routes, strict=True)
    ]
    right = max((x[name] + width_of(name, graph.knots) // 2 for name in x), default=0)
    foot = _top(len(layers) - 1) + BOX_HEIGHT if layers else 0
    return Picture(right + MARGIN, foot + MARGIN, tuple(boxes), tuple(lines))


def _box(knot: Knot, centre: int, row: int) -> Box:
    width = width_of(knot.id, {knot.id: knot})
    return Box(knot, centre - width // 2, _top(row), width)


def _top(row: int) -> int:
    return MARGIN + row * (BOX_HEIGHT + GAP_Y)


def _route(tie: Tie, row_of: Mapping[str, int]) -> list[Stop]:
    """Downwards row by row; what closes a cycle is routed as if turned around."""
    ends = sorted(((row_of[tie.above], tie.above), (row_of[tie.below], tie.below)))
    first, last = ends
    lanes = [
        (row, f"lane:{row}:{tie.above}:{tie.below}")
        for row in range(first[0] + 1, last[0])
    ]
    return [first, *lanes, last]


def _path(route: Sequence[Stop], x: Mapping[str, int]) -> str:
    """From the foot of the upper box to the head of the lower, through its lanes."""
    first = _top(route[0][0]) + BOX_HEIGHT
    parts = [f"M{x[route[0][1]]} {first}"]
    for (upper, start), (lower, end) in itertools.pairwise(route):
        foot, head = _top(upper) + BOX_HEIGHT, _top(lower)
        middle = (foot + head) // 2
        if foot > first:
            parts.append(f"V{foot}")
        parts.append(f"C{x[start]} {middle} {x[end]} {middle} {x[end]} {head}")
    return "".join(parts)
