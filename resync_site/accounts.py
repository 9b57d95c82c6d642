"""As whom PostgreSQL runs: it refuses root, and nothing may be loosened or created for it.

As root it runs in a user namespace that shows root as an ordinary account. Files stay
root's, a folder that only root may enter stays closed, and every other account of the
machine appears inside as the overflow account, which no rule lets in.
"""

import ctypes
import os
import pwd
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from resync_site.exceptions import EmbeddedDatabaseError

CLONE_NEWUSER = 0x10000000
OVERFLOW_UID = 65534
HIGHEST_SYSTEM_UID = 999

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """Who PostgreSQL believes to be; with ``inner_uid`` it lives in a namespace."""

    name: str
    inner_uid: int | None = None

    def enter(self) -> None:
        """Become the account; between fork and exec, in a process with one thread."""
        if self.inner_uid is None:
            return
        outer_uid, outer_gid = os.geteuid(), os.getegid()
        if _libc.unshare(CLONE_NEWUSER) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{self.inner_uid} {outer_uid} 1")
        Path("/proc/self/gid_map").write_text(f"{self.inner_uid} {outer_gid} 1")


def account_for(*, programs: Path, folder: Path) -> Account:
    """The account that can run ``programs`` on ``folder``.

    Raises:
        EmbeddedDatabaseError: there is none; the message says why.
    """
    account = _own_account()
    if account.inner_uid is not None:
        _refuse_unless(account, programs=programs, folder=folder)
    return account


def _own_account() -> Account:
    uid = os.geteuid()
    if uid != 0:
        try:
            return Account(pwd.getpwuid(uid).pw_name)
        except KeyError:  # a container's invented uid; PostgreSQL wants a name
            pass
    for inner_uid in range(1, HIGHEST_SYSTEM_UID + 1):
        try:
            return Account(pwd.getpwuid(inner_uid).pw_name, inner_uid)
        except KeyError:
            continue
    msg = (
        "PostgreSQL does not run as this user, and this machine has no system account"
        " to show it instead. Run as an ordinary user, or set DATABASE_URL."
    )
    raise EmbeddedDatabaseError(msg)


def _refuse_unless(account: Account, *, programs: Path, folder: Path) -> None:
    def probe() -> Iterable[bool]:
        account.enter()
        yield True
        yield os.access(programs / "postgres", os.X_OK)
        yield os.access(folder, os.R_OK | os.W_OK | os.X_OK)

    problems = (
        "PostgreSQL does not run as root, and this machine does not allow the user"
        " namespace that would hide root from it. Run as an ordinary user, or set"
        " DATABASE_URL.",
        f"{programs} lies in a folder of another user, closed even to this one. Run as"
        " that user, or set DATABASE_URL.",
        f"{folder} lies in a folder of another user, closed even to this one. Run as"
        " that user, or choose another folder with RESYNC_DATA_DIR.",
    )
    passed = _count_in_child(probe)
    if passed < len(problems):
        raise EmbeddedDatabaseError(problems[passed])


def _count_in_child(probe: Callable[[], Iterable[bool]]) -> int:
    """How many steps of the probe succeed; in a child, which may lose its rights."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    passed = 0
    try:
        for step in probe():
            if not step:
                break
            passed += 1
    except OSError:
        pass
    finally:
        os._exit(passed)
