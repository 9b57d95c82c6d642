"""A real `make run` for tests: started, listened to, and looked for when it is gone."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

from resync_site import processes, running_site
from resync_site.place import Place
from tests.fakes.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = sys.executable
READY_SECONDS = 45.0


def make_run(port: int) -> tuple[str, ...]:
    """The real rule; only the packages are taken as installed."""
    return ("make", "run", "install=:", f"PY={PYTHON}", f"PORT={port}")


def manage_up(port: int) -> tuple[str, ...]:
    return (PYTHON, "manage.py", "up", "--port", str(port))


def start(data_dir: Path, *command: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(data_dir) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


class Site:
    """One run, with everything it has said."""

    def __init__(self, data_dir: Path, port: int, *, make: bool, **environment: str):
        self.data_dir = data_dir
        self.port = port
        command = make_run if make else manage_up
        self.process = start(data_dir, *command(port), **environment)
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))

    def wait_until_ready(self) -> None:
        ready = processes.wait_until(
            lambda: self.has_said("Resync is ready") or self.process.poll() is not None,
            READY_SECONDS,
        )
        assert ready, self.text
        assert self.process.poll() is None, self.text

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.said)

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def up(self) -> int:
        """The pid of `manage.py up`, which make may stand above."""
        site = running_site.current(self.data_dir)
        assert site is not None, self.text
        return site.pid

    def child(self, words: str) -> int:
        """The pid of the child of `up` that runs the words."""
        found = [pid for pid in _children(self.up) if words in _command(pid)]
        assert len(found) == 1, (words, [_command(pid) for pid in _children(self.up)])
        return found[0]

    def wait(self, seconds: float = 10.0) -> int:
        """The exit status; everything has to end within the time that is promised."""
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def left_behind(self) -> list[str]:
        """What should not be there any more: processes, sockets, a listener."""
        found = [_command(pid) for pid in processes_of(self.data_dir)]
        found += [str(path) for path in Place.below(self.data_dir).data.glob(".s.*")]
        if not is_free(self.port):
            found.append(f"port {self.port}")
        return found


@contextmanager
def site(
    data_dir: Path, *, make: bool = False, port: int = 0, **environment: str
) -> Iterator[Site]:
    """A run that is ready, and swept away whatever the test did to it."""
    started = Site(data_dir, port or free_port(), make=make, **environment)
    try:
        started.wait_until_ready()
        yield started
    finally:
        sweep(data_dir)
        started.process.wait(10)
        started.process.stdout.close()


def processes_of(data_dir: Path) -> list[int]:
    return processes.with_environment(f"RESYNC_DATA_DIR={data_dir}")


def sweep(data_dir: Path) -> None:
    """Leave no process of a failed test to the next one."""
    while left := processes_of(data_dir):
        processes.send(left, signal.SIGKILL)
        processes.wait_until(lambda: not processes_of(data_dir), 1)


def run(
    data_dir: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    return subprocess.run(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT,
        env=_environment(data_dir) | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def descendants(pid: int) -> list[int]:
    """Parents before their children."""
    found = _children(pid)
    return found + [each for child in found for each in descendants(child)]


def fetch(port: int, path: str = "/healthz") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _environment(data_dir: Path) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "MAKEFLAGS"}
    }
    return kept | {"RESYNC_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}


def _children(pid: int) -> list[int]:
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it may be ending
        for task in (processes.PROC / str(pid) / "task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _command(pid: int) -> str:
    try:
        words = (processes.PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return b" ".join(words).decode(errors="replace").strip()
