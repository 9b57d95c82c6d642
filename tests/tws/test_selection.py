"""A search in the copy of the plan finds exactly what the rules of names say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tws.modelled import plan_of
from tws.lookup import pattern_step
from tws.plan import JobNode, Plan
from tws.plan.names import select
from tws.selection import Index
from tws.simulator.scenarios import SCENARIOS

STATUSES = ["", "ERROR", "RUNNING", "READY", "WAITING", "SUCCESSFUL", "NO SUCH"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The night with eight hundred jobs."""
    made, _ = plan_of(SCENARIOS["night"].begin(7, jobs=800))
    return made


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def found(nodes, pattern: str, status: str) -> list[str]:
    index = run(Index.of(nodes))
    jobs = isinstance(nodes[0], JobNode)
    of_kind = [one for one in pattern_step(pattern) if bool(one.job) == jobs]
    return [node.id for node in run(index.selected(of_kind, status))]


def expected(nodes, pattern: str, status: str) -> list[str]:
    """Slow and obvious: each object is held against each reading."""
    step = pattern_step(pattern)
    return [
        node.id
        for node in select(nodes, step)
        if not status or node.common_status == status
    ]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "pattern",
    [
        *("@", "PAY", "PAY_C?LC", "PAYROLL.@", "AGT_PAY#@.@", "@#PAYROLL.PAY_@"),
        *("/AGT_PAY#/HR/PAYROLL.@", "/@#/@/@.@", "AGT_@#@", "A#B.C", "NOTHING.@"),
    ],
)
def test_jobs_and_streams_by_pattern_and_status(plan, pattern, status):
    for nodes in (list(plan.jobs.values()), list(plan.streams.values())):
        assert found(nodes, pattern, status) == expected(nodes, pattern, status)


WORDS = st.sampled_from(["@", "?", "PAY", "AGT", "_", "FIN", "LEDGER", "GL", "1", "/"])


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(["", ".", "#"]))
def test_any_pattern_selects_what_each_object_by_itself_fits(plan, words, mark):
    pattern = mark.join(words)
    nodes = list(plan.jobs.values())

    assert found(nodes, pattern, "WAITING") == expected(nodes, pattern, "WAITING")
