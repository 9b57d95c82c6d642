"""What asks `make run` to stop: a signal, or what happens to the make above it."""

import os
import signal
from types import FrameType, TracebackType

from resync_site import processes

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(KeyboardInterrupt):
    """Somebody asked to stop; raised in the main thread, wherever it is."""


class StopSignals:
    """Turns the first signal into StopRequested; those that follow only hurry."""

    def __init__(self) -> None:
        self.hurry = False
        self._may_raise = True
        self._before: dict[int, object] = {}

    def __enter__(self) -> "StopSignals":
        for number in INTERRUPTIONS:
            before = signal.getsignal(number)
            # nohup ignores SIGHUP on purpose; a shell's "&" ignores SIGINT by habit.
            if number != signal.SIGHUP or before != signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what it gave

    def stop_raising(self) -> None:
        """From here on everything is being ended anyway."""
        self._may_raise = False

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if not self._may_raise:
            self.hurry = True
            return
        self._may_raise = False
        raise StopRequested


class Parent:
    """The process that started this one and whose fate it shares, such as make."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        processes.die_with_parent(signal.SIGTERM, pid)
        self._caught = self._catches()

    def wants_to_end(self) -> bool:
        """Say whether it has gone, or was interrupted alone.

        make does not pass a SIGINT on, for it counts on the terminal to tell everybody.
        It gives up its handler and then waits for its children, for ever.
        """
        return os.getppid() != self.pid or self._catches() != self._caught

    def _catches(self) -> list[bool]:
        return [processes.catches(self.pid, number) for number in INTERRUPTIONS]
