"""Selects from the copy of the plan by pattern and status: every match, exactly counted."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple

from tws.plan import JobNode
from tws.plan.names import Node, Reading, compiled

STEP = 2_000  # objects looked at between two breaths of the event loop
ANY = "@"


class Place(NamedTuple):
    """What objects have in common that is asked for together."""

    status: str
    folder: str
    workstation: str
    of_stream: str


class Index:
    """Jobs, or job streams, by status and place, as they were when it was made."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._at: dict[Place, list[int]] = {}

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> Generator[None, None, "Index"]:
        """Made in steps of some milliseconds."""
        index = cls(nodes)
        for number, node in enumerate(nodes):
            if number % STEP == 0:
                yield
            of_stream = node.key.partition("#")[0]
            place = Place(node.common_status, node.folder, node.workstation, of_stream)
            index._at.setdefault(place, []).append(number)
        return index

    def selected(
        self, readings: Sequence[Reading], status: str = ""
    ) -> Generator[None, None, list[Node]]:
        """What one of the readings means, in the plan's order; in steps as well.

        ``status`` is one of the public ones; none means any.
        """
        found: set[int] = set()
        for reading in readings:
            numbers = [
                number
                for place, members in self._at.items()
                if status in ("", place.status) and _is_there(reading, place)
                for number in members
            ]
            for start in range(0, len(numbers), STEP):
                found.update(self._named(reading, numbers[start : start + STEP]))
                yield
        return [self._nodes[number] for number in sorted(found)]

    def _named(self, reading: Reading, numbers: list[int]) -> Iterator[int]:
        nodes = self._nodes
        fits = _test(reading.job or reading.stream, wild=reading.wild)
        fitting = (number for number in numbers if fits(nodes[number].name))
        if not (reading.job and reading.stream):
            return fitting
        fits_stream = _test(reading.stream, wild=reading.wild)
        return (
            number
            for number in fitting
            if isinstance(node := nodes[number], JobNode)
            and fits_stream(node.stream_name)
        )


def _is_there(reading: Reading, place: Place) -> bool:
    return reading.is_in(place.folder) and reading.is_at(
        place.workstation, place.of_stream
    )


def _test(name: str, *, wild: bool) -> Callable[[str], object]:
    if not wild:
        return name.__eq__
    if name == ANY:
        return lambda _: True
    return compiled(name).fullmatch
