"""Looks at processes and ties them to their parent; never names one it cannot identify."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
PROC = Path("/proc")

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Ask the kernel for a signal when the parent dies; for use between fork and exec."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before the request was made
            os.kill(os.getpid(), number)


def is_alive(pid: int) -> bool:
    """A zombie is not alive: its parent has only not looked yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) not in {"Z", "X"}


def _state(pid: int) -> str:
    try:
        stat = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return "?" if not PROC.is_dir() else "X"
    return stat.rpartition(")")[2].split()[0]


def all_pids() -> Iterator[int]:
    """Every process of this machine; none where there is no /proc."""
    if PROC.is_dir():
        yield from (int(item.name) for item in PROC.iterdir() if item.name.isdigit())


def working_in(folder: Path, program: str) -> list[int]:
    """The living processes that run ``program`` with ``folder`` as working directory."""
    found = []
    for pid in all_pids():
        try:
            runs = os.path.basename((PROC / str(pid) / "exe").readlink())
            works_in = (PROC / str(pid) / "cwd").readlink()
        except OSError:
            continue
        # A program that was replaced while it ran ends in " (deleted)".
        if runs.split(" ")[0] == program and works_in == folder and is_alive(pid):
            found.append(pid)
    return found


def with_environment(entry: str) -> list[int]:
    """The living processes that were started with ``entry`` in their environment."""
    wanted = entry.encode()
    found = []
    for pid in all_pids():
        try:
            variables = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in variables and is_alive(pid):
            found.append(pid)
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def end(
    find: Callable[[], list[int]], steps: Iterable[tuple[signal.Signals, float]]
) -> None:
    """End what ``find`` finds: each signal in turn, with so many seconds to obey."""
    for number, seconds in steps:
        if pids := find():
            send(pids, number)
            # One that is dying cannot be found any more, but still holds its sockets.
            wait_until(lambda: not any(map(is_alive, {*pids, *find()})), seconds)


def wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    """Look again every few milliseconds; False when the time ran out."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def of_session(leader: int) -> list[int]:
    """The living processes of the session; new process groups do not leave it."""
    return [pid for pid in all_pids() if _session(pid) == leader and is_alive(pid)]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler for the signal."""
    try:
        status = (PROC / str(pid) / "status").read_text(errors="replace")
    except OSError:
        return False
    mask = next(
        (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")),
        "0",
    )
    return bool(int(mask, 16) >> (number - 1) & 1)
