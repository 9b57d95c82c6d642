"""An ASGI application on a real Daphne or uvicorn, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from tests.fakes.ports import free_port

COMMANDS = {
    "daphne": ["-m", "resync_site.server", "-b", "127.0.0.1", "-p", "{port}", "{app}"],
    "plain-daphne": ["-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "{app}"],
    "uvicorn": [
        *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "{app}"),
        *("--lifespan", "on", "--no-access-log", "--timeout-graceful-shutdown", "5"),
    ],
}  # fmt: skip
SECONDS_TO_START = 30


@dataclass
class RunningServer:
    """A server that listens."""

    kind: str
    port: int
    process: subprocess.Popen[str]
    output: IO[str]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it has printed."""
        self.output.seek(0)
        return self.output.read()

    def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> float:
        """Send the signal; how many seconds the process took to go."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(timeout=seconds)
        finally:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began


@contextmanager
def served(
    kind: str, app: str, env: Mapping[str, str], *, port: int = 0
) -> Iterator[RunningServer]:
    port = port or free_port()
    command = [word.format(port=port, app=app) for word in COMMANDS[kind]]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        server = RunningServer(kind, port, process, output)
        try:
            _wait_until_it_listens(server)
            yield server
        finally:
            server.end(signal.SIGKILL)


def _wait_until_it_listens(server: RunningServer) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up and server.process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    server.end(signal.SIGKILL)
    raise RuntimeError(f"{server.kind} did not start:\n{server.log}")
