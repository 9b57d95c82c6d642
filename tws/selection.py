"""Selects from the copy of the plan by pattern and status: every match, exactly counted."""

from collections.abc import Callable, Generator, Hashable

from tws.plan import JobNode, Plan
from tws.plan.names import Node, Reading, matches

STEP = 2_000  # objects looked at between two breaths of the event loop
ANY = "@"


def selected(
    plan: Plan, step: list[Reading], *, jobs: bool, status: str = ""
) -> Generator[None, None, list[Node]]:
    """The jobs, or else the streams, that a reading means; in steps of a millisecond.

    ``status`` is one of the public ones; none means any.
    """
    of_kind = [reading for reading in step if bool(reading.job) == jobs]
    tests = [_test(reading) for reading in of_kind]
    nodes: list[Node] = [*(plan.jobs if jobs else plan.streams).values()]
    found: list[Node] = []
    for start in range(0, len(nodes) if tests else 0, STEP):
        part = nodes[start : start + STEP]
        if status:
            part = [node for node in part if node.common_status == status]
        found += [node for node in part if any(test(node) for test in tests)]
        yield
    return found


def _test(reading: Reading) -> Callable[[Node], bool]:
    """As ``reading.fits`` for objects of its kind, but quick where places repeat."""
    own = reading.job or reading.stream
    of_stream = bool(reading.job and reading.stream)
    known: dict[Hashable, bool] = {}

    def fits_name(node: Node) -> bool:
        if not reading.wild:
            return node.name == own
        return own == ANY or matches(own, node.name)

    def fits(node: Node) -> bool:
        if not fits_name(node):
            return False
        where: Hashable = (
            node.stream_name if of_stream and isinstance(node, JobNode) else "",
            node.folder if reading.folder else "",
            (node.workstation, node.key.partition("#")[0])
            if reading.workstation
            else "",
        )
        answer = known.get(where)
        if answer is None:
            answer = known[where] = reading.fits(node)
        return answer

    has_place = of_stream or reading.folder or reading.workstation
    return fits if has_place else fits_name
