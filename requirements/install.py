#!/usr/bin/env python3
"""Builds .venv and installs one lock into it: python requirements/install.py LOCK.

LOCK is embedded, dev or prod. Needs nothing but a Python. It does nothing when lock and
Python are those of last time, and starts again when it was interrupted.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (said by a Python that is too old)
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit(
        f"Resync needs Python 3.11 or newer; this is {version} ({sys.executable}). Choose another with"
        " PYTHON=/path/to/python make run"
    )

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
STAMP = VENV / "resync-locks.json"
LOG = VENV / "install.log"

# Installing the one installs the others too: the same versions, and more.
INCLUDES = {
    "embedded": ("embedded",),
    "dev": ("dev", "embedded"),
    "prod": ("prod",),
}

PINNED = re.compile(r"^[A-Za-z0-9][\w.-]*==", re.MULTILINE)
UNREACHABLE = re.compile(
    r"Max retries exceeded|NewConnectionError|ConnectTimeout|ReadTimeout|timed out"
    r"|Connection refused|Temporary failure in name resolution|Name or service not known"
    r"|Could not fetch URL|ProxyError|SSLError|certificate verify failed"
    r"|Failed to establish a new connection",
    re.IGNORECASE,
)
RETRYING = "Retrying (Retry("


class InstallFailed(Exception):
    """One sentence that says what to do."""


def main() -> int:
    signal.signal(signal.SIGTERM, _end)
    if len(sys.argv) != 2 or sys.argv[1] not in INCLUDES:
        print(f"Say which lock to install: {', '.join(INCLUDES)}.", file=sys.stderr)
        return 2
    wanted = sys.argv[1]
    try:
        with _alone() as lock:
            if not _is_installed(wanted):
                _install(wanted, lock)
    except InstallFailed as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot build {VENV}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _alone() -> Iterator[int]:
    """Hold the checkout's lock; pip inherits it, so that an orphaned pip holds it too."""
    descriptor = os.open(BASE_DIR, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another make that is installing here.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock_file(name: str) -> Path:
    return BASE_DIR / "requirements" / f"{name}.txt"


def _fingerprint(name: str) -> str:
    """Changes with the lock, the Python and the place: a moved .venv does not work."""
    python = f"{sys.version_info[:2]} {os.path.realpath(sys.base_prefix)} {VENV}"
    return hashlib.sha256(python.encode() + _lock_file(name).read_bytes()).hexdigest()


def _stamps() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _python() -> Path:
    return VENV / "bin" / "python"


def _is_installed(name: str) -> bool:
    return _python().exists() and _stamps().get(name) == _fingerprint(name)


def _install(name: str, lock: int) -> None:
    if not _is_sound():
        _make_venv()
    STAMP.unlink(missing_ok=True)  # from here on it is half built
    _run_pip(name, lock)
    STAMP.write_text(json.dumps({part: _fingerprint(part) for part in INCLUDES[name]}))


def _is_sound() -> bool:
    """Whether .venv is of this Python, was made here, and can be installed into."""
    probe = "import sys; print(sys.version_info[:2], sys.base_prefix)"
    try:
        made_with = (VENV / "pyvenv.cfg").read_text()
        answer = subprocess.run(
            [_python(), "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    # The scripts of one that was moved name the old place.
    made_here = re.search(
        rf"^command = .* {re.escape(str(VENV))}$", made_with, re.MULTILINE
    )
    same_python = answer.stdout.strip() == f"{sys.version_info[:2]} {sys.base_prefix}"
    return bool(made_here and same_python and _pip_command())


def _make_venv() -> None:
    _say(f"Making .venv with Python {sys.version.split()[0]} ({sys.executable}).")
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    with_pip = importlib.util.find_spec("ensurepip") is not None
    try:
        venv.EnvBuilder(symlinks=True, with_pip=with_pip).create(VENV)
    except subprocess.CalledProcessError as error:
        # Debian splits ensurepip off, and leaves a stub that fails.
        shutil.rmtree(VENV, ignore_errors=True)
        msg = (
            "This Python cannot make a virtual environment with pip in it. On Debian and"
            " Ubuntu: apt install python3-venv. Or choose another with PYTHON=…"
        )
        raise InstallFailed(msg) from error
    if not _pip_command():
        msg = (
            "This Python has neither ensurepip nor pip. On Debian and Ubuntu: apt install"
            " python3-venv. Or choose another Python with PYTHON=…"
        )
        raise InstallFailed(msg)


def _pip_command() -> list[str]:
    """The environment's own pip, or else that of the Python which runs this."""
    if any(VENV.glob("lib*/python*/site-packages/pip/__main__.py")):
        return [str(_python()), "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(_python())]
    return []


def _run_pip(name: str, lock: int) -> None:
    total = len(PINNED.findall(_lock_file(name).read_text()))
    _say(f"Installing {total} locked packages (requirements/{name}.txt).")
    arguments = [
        "install",
        "--require-hashes",
        "--no-deps",  # the lock is complete
        "--no-input",
        "--disable-pip-version-check",
        "--retries=2",
        f"--requirement={_lock_file(name)}",
    ]
    pip = subprocess.Popen(
        [*_pip_command(), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[lock],
    )
    try:
        _follow(pip, Progress(total))
    finally:
        pip.terminate()  # only after a Ctrl-C does it still run
        pip.wait()
    if pip.returncode:
        raise InstallFailed(_reason(LOG.read_text()))
    _say("Installed.")


def _follow(pip: "subprocess.Popen[str]", progress: "Progress") -> None:
    with LOG.open("w") as log:
        for line in pip.stdout or ():
            log.write(line)
            progress.hear(line)
    pip.wait()
    progress.finish()


class Progress:
    """pip's output as one line that counts, or a line now and then when it is piped."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.on_terminal = sys.stdout.isatty()
        self.warned = False

    def hear(self, line: str) -> None:
        if line.startswith(
            ("Collecting", "Processing")
        ):  # from an index, from a folder
            self.done += 1
            self._show(re.split("==|-[0-9]", Path(line.split()[1]).name)[0])
        elif line.startswith(("Requirement already satisfied", "Ignoring")):
            self.done += 1
        elif line.startswith("Installing collected packages"):
            self._show("unpacking", always=True)
        elif RETRYING in line and not self.warned:
            self.warned = True
            self._show("the registry does not answer; trying again", always=True)

    def finish(self) -> None:
        if self.on_terminal:
            print("\r\033[K", end="", flush=True)

    def _show(self, what: str, *, always: bool = False) -> None:
        text = f"  {self.done:>3}/{self.total}  {what}"
        if self.on_terminal:
            print(f"\r\033[K{text}", end="", flush=True)
        elif always or self.done % 20 == 1:
            _say(text)


def _reason(said: str) -> str:
    errors = [line for line in said.splitlines() if line.startswith("ERROR")]
    last = errors[-1].removeprefix("ERROR:").strip() if errors else "pip failed."
    if "DO NOT MATCH THE HASHES" in said:
        return (
            f"A package from the registry is not the one that was locked (see {LOG})."
            " Nothing of it was installed."
        )
    if UNREACHABLE.search(said):
        return (
            "The package registry cannot be reached. Check the network and pip's settings"
            f" (pip config list), then run make again. Details: {LOG}"
        )
    return f"The packages cannot be installed: {last} Details: {LOG}"


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
