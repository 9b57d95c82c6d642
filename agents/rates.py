"""How often a person may ask: a bucket of tokens each, whatever they ask with."""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from agents.exceptions import TooMany


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Rates:
    """Lets ``burst`` calls through at once and ``per_second`` of them in the long run."""

    def __init__(
        self,
        *,
        burst: int,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.burst = burst
        self.per_second = per_second
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, key: Hashable) -> None:
        """Count one call.

        Raises:
            TooMany: it is one too many; says when to come back.
        """
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            self._forget_full_buckets(now)
            bucket = self._buckets[key] = _Bucket(self.burst, now)
        bucket.tokens = self._tokens(bucket, now)
        bucket.filled_at = now
        if bucket.tokens < 1:
            raise TooMany(math.ceil((1 - bucket.tokens) / self.per_second))
        bucket.tokens -= 1

    def _tokens(self, bucket: _Bucket, now: float) -> float:
        gained = (now - bucket.filled_at) * self.per_second
        return min(self.burst, bucket.tokens + gained)

    def _forget_full_buckets(self, now: float) -> None:
        """A bucket that has filled up again says no more than a new one."""
        if len(self._buckets) < 1000:
            return
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if self._tokens(bucket, now) < self.burst
        }
