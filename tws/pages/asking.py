"""Asks the reader of the plan within a time: a page never waits for a slow TWS."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tws.exceptions import TwsError, TwsUnavailable

T = TypeVar("T")

MOST_REMEMBERED = 256
# The first paint shows what is there by then; the page's script asks for the rest.
FIRST_SECONDS = 0.15
LATER_SECONDS = 8.0
# What all of the plan must be read for is there at once, or it is not worth waiting for.
GLIMPSE_SECONDS = 0.0


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """An answer, or what is known of it: an older one, and why there is no newer."""

    value: T | None = None
    error: TwsError | None = None
    late: bool = False  # the reader goes on reading; asked again later it may know


class LastKnown:
    """Asks, and remembers what was told last in case the next answer fails."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._told: OrderedDict[Hashable, Any] = OrderedDict()

    async def ask(
        self,
        key: Hashable,
        question: Callable[[], Awaitable[T]],
        seconds: float | None,
    ) -> Told[T]:
        """Ask within so many seconds, or for as long as the reader takes.

        The reader shares what several ask for at once.
        """
        try:
            async with asyncio.timeout(seconds):
                value = await question()
        except TimeoutError:
            return Told(self._told.get(key), late=True)
        except TwsUnavailable as error:
            return Told(self._told.get(key), error=error)
        except TwsError as error:
            # A withdrawn right, a vanished object: what was known is no longer told.
            self._told.pop(key, None)
            return Told(error=error)
        self._remember(key, value)
        return Told(value)

    def _remember(self, key: Hashable, value: object) -> None:
        self._told[key] = value
        self._told.move_to_end(key)
        while len(self._told) > self._most:
            self._told.popitem(last=False)
