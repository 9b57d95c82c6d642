"""Stops calling a server that does not answer, and says when it will be tried again."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from tws.exceptions import TwsUnavailable

FAILURES = 5
PAUSE_SECONDS = 15.0
# How long a call waits for the one that tries: a server that is well is quicker.
TRIAL_SECONDS = 2.0

T = TypeVar("T")


class Breaker:
    """Closed until ``failures`` in a row; then open; then one call tries for all.

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
        self._trial: asyncio.Task[Any] | None = None

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call and learn from it, unless the server is being spared.

        Raises:
            TwsUnavailable: The server is not being tried at the moment.
        """
        if self._is_closed():
            return await self._learn_from(call)
        if self._trial is None and self._open_until <= self._clock():
            return await self._try(call)
        if self._trial is not None:
            await asyncio.wait([self._trial], timeout=TRIAL_SECONDS)
        if self._is_closed():
            return await self._learn_from(call)
        raise self._refusal()

    async def aclose(self) -> None:
        if self._trial is not None:
            self._trial.cancel()
            await asyncio.wait([self._trial])

    def _is_closed(self) -> bool:
        return self._failures < self._most

    async def _learn_from(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await call()
        except TwsUnavailable as error:
            self._failures += 1
            self._last = error
            if not self._is_closed():
                self._open_until = self._clock() + self._pause
            raise
        self._failures = 0
        self._last = None
        return result

    async def _try(self, call: Callable[[], Awaitable[T]]) -> T:
        # Whoever asked may be cancelled meanwhile, as by a read beside it that was
        # refused; but then no trial would ever come to its end.
        trial = self._trial = asyncio.create_task(self._learn_from(call))
        trial.add_done_callback(self._trial_is_over)
        return await asyncio.shield(trial)

    def _trial_is_over(self, trial: asyncio.Task[Any]) -> None:
        self._trial = None
        if not trial.cancelled():
            trial.exception()  # it is known, also when nobody waits for it any more

    def _refusal(self) -> TwsUnavailable:
        wait = max(0.0, self._open_until - self._clock())
        retry_at = datetime.now(UTC) + timedelta(seconds=wait)
        cause = self._last.message if self._last else "TWS does not answer."
        when = (
            f"the next try is in {math.ceil(wait)} s, at {retry_at:%H:%M:%S} UTC."
            if self._trial is None
            else "one more try is under way."
        )
        return TwsUnavailable(
            f"{cause} It was tried {self._failures} times; {when}",
            action=self._last.action if self._last else "",
            retry_at=retry_at,
        )
