"""The picture of a chain: nothing overlaps, nothing is lost, and it stays readable."""

import itertools
import random
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws.drawing import Box, Graph, Knot, Picture, Tie, graph_of, picture
from tws.drawing.collapse import DEEPEST, MOST, WIDEST

NUMBERS = re.compile(r"-?\d+")
ABEND = {"kind": "job_failed", "object": "ROOT"}


def step(name: str, of: str = "", status: str = "HOLD") -> dict[str, Any]:
    relation = "predecessor" if of else "target"
    return {"object": name, "status": status, "relation": relation, "of": of}


def row(length: int) -> list[dict[str, Any]]:
    """A target, and a row of jobs of which each waits for the next."""
    names = ["TARGET", *(f"JOB{n}" for n in range(length - 2)), "ROOT"]
    return [step(name, of) for name, of in zip(names, ["", *names[:-1]], strict=True)]


def waiting(*streams: tuple[str, int], more: int = 0) -> dict[str, Any]:
    total = sum(count for _, count in streams) + more
    shown = [{"object": name, "total": count} for name, count in streams]
    return {
        "waiting": {"total": total, "streams": shown, "more_streams": int(more > 0)}
    }


def names(drawn: Picture) -> list[str]:
    return [box.knot.id for box in drawn.boxes]


def box(drawn: Picture, name: str) -> Box:
    return next(box for box in drawn.boxes if box.knot.id == name)


def points(path: str) -> list[tuple[int, int]]:
    """The ends of a path's pieces."""
    found: list[tuple[int, int]] = []
    for kind, numbers in re.findall(r"([MCV])([^MCV]*)", path):
        values = [int(value) for value in NUMBERS.findall(numbers)]
        if kind == "V":
            found.append((found[-1][0], values[0]))
        else:
            found.append((values[-2], values[-1]))
    return found


def overlaps(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def assert_sound(drawn: Picture) -> None:
    """What holds for every picture."""
    boxes = {box.knot.id: box for box in drawn.boxes}
    for one, other in itertools.combinations(drawn.boxes, 2):
        assert not overlaps(one, other), (one.knot.id, other.knot.id)
    for item in drawn.boxes:
        assert item.x >= 0
        assert item.x + item.width <= drawn.width
        assert item.y + item.height <= drawn.height
    for line in drawn.lines:
        upper, lower = boxes[line.tie.above], boxes[line.tie.below]
        if line.closes_cycle:
            upper, lower = lower, upper
        assert upper.y + upper.height < lower.y
        ends = points(line.path)
        assert ends[0] == (upper.x + upper.width // 2, upper.y + upper.height)
        assert ends[-1] == (lower.x + lower.width // 2, lower.y)
        assert_passes_beside(ends[1:-1], drawn.boxes)


def assert_passes_beside(stops: list[tuple[int, int]], boxes: tuple[Box, ...]) -> None:
    for x, y in stops:
        for item in boxes:
            inside = item.x <= x <= item.x + item.width
            assert not (inside and item.y <= y <= item.y + item.height)


def test_a_short_chain_is_drawn_from_the_cause_down_to_the_target():
    chain = [
        step("TRANSFER"),
        step("CHECK", "TRANSFER"),
        step("CALC", "CHECK"),
        step("ROOT", "CALC", "ABEND"),
    ]

    drawn = picture(graph_of(chain, [ABEND], {}))

    assert_sound(drawn)
    by_height = sorted(drawn.boxes, key=lambda item: item.y)
    assert [item.knot.id for item in by_height] == ["ROOT", "CALC", "CHECK", "TRANSFER"]
    assert len({item.x for item in drawn.boxes}) == 1
    assert box(drawn, "ROOT").knot.is_root
    assert box(drawn, "ROOT").knot.status == "ABEND"
    assert box(drawn, "TRANSFER").knot.is_target
    assert [(line.tie.above, line.tie.below) for line in drawn.lines] == [
        ("CHECK", "TRANSFER"),
        ("CALC", "CHECK"),
        ("ROOT", "CALC"),
    ]


def test_a_healthy_target_is_drawn_alone_and_is_no_cause():
    drawn = picture(graph_of([step("A")], [{"kind": "none", "object": "A"}], {}))

    assert names(drawn) == ["A"]
    assert not drawn.boxes[0].knot.is_root


def test_a_failed_target_is_cause_and_target_in_one():
    drawn = picture(graph_of([step("ROOT", status="ABEND")], [ABEND], {}))

    assert drawn.boxes[0].knot.is_root
    assert drawn.boxes[0].knot.is_target


def test_a_cause_that_is_on_no_way_hangs_at_the_target():
    drawn = picture(graph_of([step("A")], [ABEND], {}))

    assert_sound(drawn)
    assert [(line.tie.above, line.tie.below) for line in drawn.lines] == [("ROOT", "A")]


def test_what_waits_stands_below_with_its_number_and_the_rest_as_one():
    behind = waiting(("S1", 9), ("S2", 8), ("S3", 7), ("S4", 6), ("S5", 5), more=4)

    drawn = picture(graph_of([step("A")], [], behind))

    assert_sound(drawn)
    below = [item.knot for item in drawn.boxes if item.y > box(drawn, "A").y]
    assert [knot.waiting for knot in below] == [9, 8, 7, 15]
    assert sum(knot.waiting for knot in below) == 39


def test_two_hundred_in_a_row_are_a_handful_with_a_number():
    drawn = picture(graph_of(row(200), [ABEND], {}))

    assert_sound(drawn)
    assert names(drawn) == ["TARGET", "JOB0", "JOB197", "ROOT", "more:JOB1"]
    assert box(drawn, "more:JOB1").knot.count == 196
    assert len(drawn.lines) == 4


def test_two_hundred_causes_side_by_side_are_a_handful_with_a_number():
    chain = [
        step("TARGET"),
        *(step(f"CAUSE{n}", "TARGET", "ABEND") for n in range(199)),
    ]
    roots = [{"kind": "job_failed", "object": f"CAUSE{n}"} for n in range(199)]

    drawn = picture(graph_of(chain, roots, {}))

    assert_sound(drawn)
    assert names(drawn) == ["TARGET", "CAUSE0", "CAUSE1", "more:CAUSE2"]
    rest = box(drawn, "more:CAUSE2").knot
    assert (rest.count, rest.is_root, rest.status) == (197, True, "ABEND")


def test_a_small_graph_is_drawn_as_it_is():
    drawn = picture(graph_of(row(MOST), [ABEND], {}))

    assert sorted(names(drawn)) == sorted(item["object"] for item in row(MOST))


def test_a_cycle_is_drawn_with_its_closing_line_marked():
    chain = [step("A"), step("B", "A"), step("C", "B"), step("A", "C")]

    drawn = picture(graph_of(chain, [{"kind": "unknown", "object": "B"}], {}))

    assert_sound(drawn)
    assert sorted(names(drawn)) == ["A", "B", "C"]
    assert sum(line.closes_cycle for line in drawn.lines) == 1


def test_a_line_over_several_rows_passes_beside_the_boxes():
    chain = [step("A"), step("B", "A"), step("C", "B"), step("ROOT", "C")]
    chain.append(step("ROOT", "A"))

    drawn = picture(graph_of(chain, [ABEND], {}))

    assert_sound(drawn)
    long = next(
        line
        for line in drawn.lines
        if line.tie.below == "A" and line.tie.above == "ROOT"
    )
    assert len(points(long.path)) == 6


def test_nothing_is_drawn_of_nothing():
    assert picture(graph_of([], [], {})) == Picture(12, 12, (), ())


@st.composite
def graphs(draw: Any) -> Graph:
    """Any graph at all, cycles included."""
    count = draw(st.integers(1, 60))
    ids = [f"N{n}" for n in range(count)]
    knots = {
        name: Knot(
            name,
            is_target=number == 0,
            is_root=draw(st.booleans()),
            waiting=0 if number == 0 else draw(st.sampled_from([0, 0, 0, 7])),
            position=number,
        )
        for number, name in enumerate(ids)
    }
    pair = st.tuples(st.sampled_from(ids), st.sampled_from(ids))
    pairs = draw(st.lists(pair, max_size=120, unique=True))
    ties = tuple(Tie(above, below) for above, below in pairs if above != below)
    return Graph(knots, ties)


@given(graphs())
def test_any_graph_is_drawn_soundly_and_completely(graph: Graph):
    drawn = picture(graph)

    assert_sound(drawn)
    told = [
        name for item in drawn.boxes for name in item.knot.stands_for or (item.knot.id,)
    ]
    assert sorted(told) == sorted(graph.knots)
    assert [item.knot.id for item in drawn.boxes if item.knot.is_target] == ["N0"]


@given(graphs())
def test_every_tie_is_a_line_or_lies_within_one_box(graph: Graph):
    drawn = picture(graph)

    inside = {
        name: item.knot.id
        for item in drawn.boxes
        for name in item.knot.stands_for or (item.knot.id,)
    }
    lines = {(line.tie.above, line.tie.below) for line in drawn.lines}
    assert len(lines) == len(drawn.lines)
    for tie in graph.ties:
        above, below = inside[tie.above], inside[tie.below]
        assert above == below or (above, below) in lines


@given(graphs())
def test_any_graph_stays_readable(graph: Graph):
    drawn = picture(graph)

    rows: dict[int, int] = {}
    for item in drawn.boxes:
        rows[item.y] = rows.get(item.y, 0) + 1
    assert max(rows.values()) <= WIDEST
    assert len(rows) <= max(DEEPEST, MOST)


@pytest.mark.parametrize("size", [200, 5000])
def test_a_large_chain_takes_no_time(size: int):
    chance = random.Random(3)
    chain = [step("N0")]
    for number in range(1, size):
        chain.append(
            step(f"N{number}", f"N{chance.randrange(max(0, number - 9), number)}")
        )
    graph = graph_of(chain, [{"kind": "job_failed", "object": f"N{size - 1}"}], {})

    began = time.process_time()
    drawn = picture(graph)
    seconds = time.process_time() - began

    assert_sound(drawn)
    assert len(drawn.boxes) <= WIDEST * DEEPEST
    assert seconds < 2e-4 * size + 0.05
