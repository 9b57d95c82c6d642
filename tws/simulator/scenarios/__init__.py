"""Named situations, each with one or two injected causes whose roots are known."""

from tws.simulator.scenarios import night as _night
from tws.simulator.scenarios.base import SCENARIOS, ExpectedRoot, Scenario, Target

__all__ = ["SCENARIOS", "ExpectedRoot", "Scenario", "Target"]
_ = _night
