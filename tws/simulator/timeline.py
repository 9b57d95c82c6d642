"""Things that are due at a time, and doing them in order."""

import heapq
import random
from collections.abc import Callable
from typing import Any

from tws.simulator.plan import Plan


class Timeline:
    """The time of a plan; all chance comes from its seed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = plan.start
        self.chance = random.Random(plan.seed)  # noqa: S311
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._tick = 0

    def tick(self) -> int:
        """Count on: what comes first keeps its place among equals."""
        self._tick += 1
        return self._tick

    def at(self, when: float, what: Callable[[Any], None], subject: object) -> None:
        """Let something happen to a subject at a time."""
        heapq.heappush(self._events, (when, self.tick(), what, subject))

    def advance(self, to: float) -> None:
        """Let everything happen that is due until then."""
        events = self._events
        while events and events[0][0] <= to:
            when, _, what, subject = heapq.heappop(events)
            self.now = max(self.now, when)
            what(subject)
        self.now = max(self.now, to)
