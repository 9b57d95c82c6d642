"""Spares the next turns the wait for a model that has just failed."""

import time
from collections.abc import Callable

from agents.llm.port import LlmError, LlmTimeout

HOLD_SECONDS = 20.0
FAILURES = 2


class Breaker:
    """Opens after a timeout, or after two failures; then lets one turn try again.

    The model is tried again ``HOLD_SECONDS`` after it failed, by one turn at a time,
    so that a dead endpoint costs one turn its time limit and not every one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_until = 0.0
        self.last_error: LlmError | None = None

    def allows(self) -> bool:
        """Whether to try the model now; while it is open, the first asker does."""
        if self.last_error is None or self._failures < FAILURES:
            return True
        now = self._clock()
        if now < self._closed_until:
            return False
        self._closed_until = now + HOLD_SECONDS  # the others wait for this trial
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self.last_error = None

    def failed(self, error: LlmError) -> None:
        """Count a failure; a timeout counts for all, because it cost a turn's time."""
        self.last_error = error
        self._failures += FAILURES if isinstance(error, LlmTimeout) else 1
        self._closed_until = self._clock() + HOLD_SECONDS
