"""Child processes that live and die together, with their output on one console."""

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resync_site import processes
from resync_site.console import Console, Lines
from resync_site.exceptions import UpFailed
from resync_site.stopping import StopSignals

STOP_SECONDS, KILL_SECONDS = 5.0, 1.0
READ_SIZE = 65536


@dataclass(frozen=True)
class Program:
    """What is to run, under which name."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


@dataclass
class Child:
    """A program that was started, the leader of a session of its own.

    It is not reaped before its whole session has ended: so long nobody else can be
    given its pid, and a signal meets none but its family.
    """

    program: Program
    process: subprocess.Popen[bytes]
    lines: Lines = field(default_factory=Lines)

    def end(self) -> str:
        """How it ended; empty while it runs."""
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        result = os.waitid(os.P_PID, self.process.pid, look)
        if result is None:
            return ""
        if result.si_code == os.CLD_EXITED:
            return f"ended by itself with status {result.si_status}"
        return f"was killed by {signal.Signals(result.si_status).name}"

    def is_gone(self) -> bool:
        return not processes.of_session(self.process.pid)

    def ask_to_end(self) -> None:
        processes.send([self.process.pid], signal.SIGTERM)  # Popen's own would reap

    def kill(self) -> None:
        processes.send(processes.of_session(self.process.pid), signal.SIGKILL)

    def close(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(KILL_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()


class Supervisor:
    """Starts programs, shows what they say, and ends all of them.

    It has one thread: what runs between fork and exec is safe only so.
    """

    def __init__(self, console: Console, signals: StopSignals) -> None:
        self._console = console
        self._signals = signals
        self._selector = selectors.DefaultSelector()
        self._children: list[Child] = []

    def start(self, program: Program) -> None:
        me = os.getpid()
        try:
            process = subprocess.Popen(  # noqa: S603
                program.command,
                env=program.environment,
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: processes.die_with_parent(signal.SIGTERM, me),
            )
        except OSError as error:
            msg = f"{program.name} cannot be started: {error}"
            raise UpFailed(msg) from error
        child = Child(program, process)
        self._children.append(child)
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, child)

    def pids(self) -> dict[str, int]:
        return {child.program.name: child.process.pid for child in self._children}

    def watch(self, seconds: float) -> None:
        """Show what the children say meanwhile.

        Raises:
            UpFailed: One of them has ended.
        """
        self._show(seconds)
        for child in self._children:
            if end := child.end():
                self._show(0)  # its last words
                msg = f"{child.program.name} {end}; everything else is stopped too."
                raise UpFailed(msg)

    def stop(self) -> None:
        """End every child and what it started, by force when it takes too long."""
        for child in self._children:
            child.ask_to_end()
        self._wait(STOP_SECONDS)
        for child in self._children:
            child.kill()
        self._signals.hurry = False
        self._wait(KILL_SECONDS)
        for child in self._children:
            for line in child.lines.end():
                self._console.line(child.program.name, line)
            child.close()
        self._selector.close()

    def _wait(self, seconds: float) -> None:
        def done() -> bool:
            self._show(0)
            for child in self._children:
                # A leader ends its family; what outlives it has nobody left to do so.
                if child.end():
                    child.kill()
            return self._signals.hurry or all(c.is_gone() for c in self._children)

        processes.wait_until(done, seconds)

    def _show(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            child: Child = key.data
            piece = _read(key.fd)
            if piece is None:
                self._selector.unregister(key.fileobj)
            lines = child.lines.end() if piece is None else child.lines.feed(piece)
            for line in lines:
                self._console.line(child.program.name, line)


def _read(descriptor: int) -> bytes | None:
    """What has come; None at the end."""
    try:
        return os.read(descriptor, READ_SIZE) or None
    except BlockingIOError:
        return b""
