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
    repeats,
    things,
    times,
    together,
)
from tws.simulator.scenarios.base import TOLD, ExpectedRoot, Scenario, Target

# Importing these modules registers what they tell.
CHAPTERS = (
    night,
    healthy,
    predecessors,
    joins,
    people,
    things,
    times,
    machines,
    networks,
    together,
    repeats,
    hostile,
)
SCENARIOS: dict[str, Scenario] = {
    name: item
    for chapter in CHAPTERS
    for name, item in TOLD.items()
    if item.tell.__module__ == chapter.__name__
}

__all__ = ["CHAPTERS", "SCENARIOS", "ExpectedRoot", "Scenario", "Target"]
