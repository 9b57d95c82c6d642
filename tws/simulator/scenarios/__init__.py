"""Named situations, each with one or two injected causes whose roots are known."""

from tws.simulator.scenarios import (
    healthy,
    hostile,
    joins,
    machines,
    networks,
    night,
    people,
    predecessors,
    things,
    times,
)
from tws.simulator.scenarios.base import SCENARIOS, ExpectedRoot, Scenario, Target

TOLD_IN = (
    night,
    healthy,
    predecessors,
    joins,
    people,
    things,
    times,
    machines,
    networks,
    hostile,
)

__all__ = ["SCENARIOS", "TOLD_IN", "ExpectedRoot", "Scenario", "Target"]
