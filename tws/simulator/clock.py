"""Virtual time: it may run faster than ours, or stand still."""

import time


class Clock:
    """Tells the virtual now, in seconds since the epoch."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self.speed = speed
        self.start = float(int(time.time())) if start is None else start
        self._began = time.monotonic()
        self._skipped = 0.0

    def now(self) -> float:
        elapsed = (time.monotonic() - self._began) * self.speed
        return self.start + self._skipped + elapsed

    def run_at(self, speed: float) -> None:
        """Go on at another speed; 0 lets time stand still."""
        self._skipped, self._began = self.now() - self.start, time.monotonic()
        self.speed = speed

    def skip(self, seconds: float) -> None:
        """Let virtual time pass at once, also when it stands still."""
        self._skipped += seconds
