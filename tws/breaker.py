"""Stops calling a server that does not answer, and says when it will be tried again."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from tws.exceptions import TwsUnavailable

FAILURES = 5
PAUSE_SECONDS = 15.0


class Breaker:
    """Closed until ``failures`` in a row; then open; then one call may try.

    It is used within one event loop, between awaits, so it needs no lock.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause: float = PAUSE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._open_until = -math.inf
        self._last: TwsUnavailable | None = None

    def check(self) -> None:
        """Let a call pass, or refuse it.

        Raises:
            TwsUnavailable: The server is not being tried at the moment.
        """
        if self._failures < self._most:
            return
        now = self._clock()
        wait = self._open_until - now
        if wait > 0:
            raise self._refusal(wait)
        # This call tries; the others are held back until it is known how it went.
        self._open_until = now + self._pause

    def succeeded(self) -> None:
        self._failures = 0
        self._last = None

    def failed(self, error: TwsUnavailable) -> None:
        self._failures += 1
        self._last = error
        if self._failures >= self._most:
            self._open_until = self._clock() + self._pause

    def _refusal(self, wait: float) -> TwsUnavailable:
        retry_at = datetime.now(UTC) + timedelta(seconds=wait)
        cause = self._last.message if self._last else "TWS does not answer."
        return TwsUnavailable(
            f"{cause} It was tried {self._failures} times; the next try is in"
            f" {math.ceil(wait)} s, at {retry_at:%H:%M:%S} UTC.",
            action=self._last.action if self._last else "",
            retry_at=retry_at,
        )
