"""Where in its row each object stands: near its neighbours, and beside no other."""

import itertools
from collections.abc import Mapping, Sequence

from tws.drawing.graph import Knot

BOX_WIDTH = 236
LANE_WIDTH = 20  # what a line takes where it passes a row
GAP_X = 22
MARGIN = 12
ROUNDS = 8

Rows = Sequence[Sequence[str]]
Knots = Mapping[str, Knot]


def width_of(name: str, knots: Knots) -> int:
    return BOX_WIDTH if name in knots else LANE_WIDTH


def places(
    rows: Rows, pairs: Sequence[tuple[str, str]], knots: Knots
) -> dict[str, int]:
    """The centre of each object and lane; ``pairs`` are drawn as one line each."""
    near: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for upper, lower in pairs:
        near[upper].append(lower)
        near[lower].append(upper)
    centres: dict[str, float] = dict.fromkeys(near, 0.0)
    for number in range(ROUNDS):
        for row in rows if number % 2 else rows[::-1]:
            wanted = [_wanted(name, near, centres) for name in row]
            centres |= zip(row, _spread(row, wanted, knots), strict=True)
    whole = {name: int(centre // 1) for name, centre in centres.items()}
    left = min((whole[name] - width_of(name, knots) // 2 for name in whole), default=0)
    return {name: centre - left + MARGIN for name, centre in whole.items()}


def _wanted(
    name: str, near: Mapping[str, list[str]], centres: Mapping[str, float]
) -> float:
    others = [centres[other] for other in near[name]]
    return sum(others) / len(others) if others else centres[name]


def _spread(row: Sequence[str], wanted: Sequence[float], knots: Knots) -> list[float]:
    """The places nearest to those wanted at which nothing overlaps.

    Neighbours that would touch move as one block, to the mean of what they want.
    """
    offsets = _offsets([width_of(name, knots) for name in row])
    blocks: list[tuple[float, int]] = []  # where the first wants to be, and how many
    for want, offset in zip(wanted, offsets, strict=True):
        blocks.append((want - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, count), (other, more) = blocks[-2:]
            both = count + more
            blocks[-2:] = [((one * count + other * more) / both, both)]
    starts = [start for start, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _offsets(widths: Sequence[int]) -> list[int]:
    """How far from the first each centre is when all stand side by side."""
    offsets = [0]
    for before, width in itertools.pairwise(widths):
        offsets.append(offsets[-1] + (before + width) // 2 + GAP_X)
    return offsets[: len(widths)]
