"""Remembers reads for a while: fetched once however many ask, and old rather than none."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Container, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Generic, TypeVar

T = TypeVar("T")

DEFAULT_ENTRIES = 1024
DEFAULT_STALE_SECONDS = 24 * 3600.0
# After a failed refresh the old value serves at once for so long, before the next try.
RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Cached(Generic[T]):
    """A value and when it was read; ``stale`` when a newer one could not be had, and why."""

    value: T
    read_at: datetime
    stale: bool = False
    reason: str = ""

    @property
    def age_seconds(self) -> float:
        return (datetime.now(UTC) - self.read_at).total_seconds()


@dataclass(slots=True)
class _Entry:
    cached: Cached[Any]
    expires: float
    gone: float


class AsyncTTLCache:
    """A cache for one event loop.

    ``stale_if`` names the errors on which an expired value is better than none. Other
    errors, a withdrawn right or a vanished object, also forget the value.
    """

    def __init__(
        self,
        ttl: float,
        *,
        stale_if: type[Exception] | tuple[type[Exception], ...] = (),
        max_entries: int = DEFAULT_ENTRIES,
        max_stale: float = DEFAULT_STALE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._ttl = ttl
        self._stale_if = stale_if
        self._max_entries = max_entries
        self._max_stale = max_stale
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._loading: dict[Hashable, asyncio.Task[Cached[Any]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    async def get(
        self,
        key: Hashable,
        load: Callable[[], Awaitable[T]],
        *,
        ttl: float | None = None,
        renew: bool = False,
    ) -> Cached[T]:
        """The value for ``key``, loaded when there is none that is fresh.

        With ``renew`` it is loaded in any case; who asks without it meanwhile is still
        told what is there.
        """
        entry = self._entries.get(key)
        if not renew and entry is not None and self._clock() < entry.expires:
            self._entries.move_to_end(key)
            return entry.cached
        task = self._loading.get(key)
        if task is None:
            lifetime = self._ttl if ttl is None else ttl
            task = asyncio.create_task(self._load(key, load, lifetime))
            self._loading[key] = task
            task.add_done_callback(_retrieve)
        # Whoever asked first may leave: the others still want the answer.
        return await asyncio.shield(task)

    def forget(self, key: Hashable) -> None:
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()

    def outdate(self, *, but: Container[Hashable] = ()) -> None:
        """What is there serves only where nothing newer can be had."""
        now = self._clock()
        for key, entry in self._entries.items():
            if key not in but:
                entry.expires = min(entry.expires, now)

    async def aclose(self) -> None:
        """Stop what is being loaded."""
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(
        self, key: Hashable, load: Callable[[], Awaitable[T]], ttl: float
    ) -> Cached[T]:
        try:
            value = await load()
        except self._stale_if as error:
            stale = self._stale(key, ttl, str(error))
            if stale is None:
                raise
            return stale
        except Exception:
            self._entries.pop(key, None)
            raise
        finally:
            del self._loading[key]
        cached = Cached(value, datetime.now(UTC))
        now = self._clock()
        self._entries[key] = _Entry(cached, now + ttl, now + ttl + self._max_stale)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
        return cached

    def _stale(self, key: Hashable, ttl: float, reason: str) -> Cached[Any] | None:
        entry = self._entries.get(key)
        now = self._clock()
        if entry is None or now >= entry.gone:
            return None
        value, read_at = entry.cached.value, entry.cached.read_at
        entry.cached = Cached(value, read_at, stale=True, reason=reason)
        entry.expires = now + min(ttl, RETRY_SECONDS)
        return entry.cached


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Take the error of a load that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
