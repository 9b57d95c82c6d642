"""As whom PostgreSQL runs: it refuses root, and nothing may be loosened or created for it.

As root it runs in a user namespace that shows root as an ordinary account. Files stay
root's, a folder that only root may enter stays closed, and every other account of the
machine appears inside as the overflow account, which no rule lets in. A container may
forbid such namespaces: there it runs as nobody, on data that are nobody's, still behind
root's closed folders, and only root may connect.
"""

import ctypes
import os
import pwd
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from resync_site.exceptions import EmbeddedDatabaseError

CLONE_NEWUSER = 0x10000000
HIGHEST_SYSTEM_UID = 999

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """Who PostgreSQL is: this user, this user in disguise, or nobody."""

    peer: str  # as whom it sees those who are to be let in
    owner: int  # whose its files are
    inner_uid: int | None = None  # the disguise

    def enter(self) -> None:
        """Become the account; between fork and exec, in a process with one thread."""
        if self.inner_uid is not None:
            self._enter_namespace(self.inner_uid)
        elif self.owner != os.geteuid():
            group = pwd.getpwuid(self.owner).pw_gid
            os.setgroups([])
            os.setresgid(group, group, group)
            os.setresuid(self.owner, self.owner, self.owner)

    def own(self, folder: Path) -> None:
        """Make the folder, and what is in it, the account's."""
        if folder.exists() and folder.stat().st_uid != self.owner:
            for path in (*folder.rglob("*"), folder):
                os.lchown(path, self.owner, -1)

    def _enter_namespace(self, inner_uid: int) -> None:
        outer_uid, outer_gid = os.geteuid(), os.getegid()
        if _libc.unshare(CLONE_NEWUSER) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{inner_uid} {outer_uid} 1")
        Path("/proc/self/gid_map").write_text(f"{inner_uid} {outer_gid} 1")


def choose() -> Account:
    """The first account that this machine lets this user be.

    Raises:
        EmbeddedDatabaseError: there is none.
    """
    for account in _candidates():
        if can(account, lambda: [True]):
            return account
    msg = (
        "PostgreSQL does not run as this user, and this machine gives no way to hide it"
        " (a user namespace, or the account nobody). Run as an ordinary user, or set"
        " DATABASE_URL."
    )
    raise EmbeddedDatabaseError(msg)


def can(account: Account, checks: Callable[[], Iterable[bool]]) -> bool:
    """Whether all checks hold for the account; asked in a child, which becomes it."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    held = False
    try:
        account.enter()
        held = all(checks())
    except OSError:
        pass
    finally:
        os._exit(0 if held else 1)


def _candidates() -> Iterable[Account]:
    uid = os.geteuid()
    own_name = _name(uid)
    if uid != 0 and own_name:
        yield Account(own_name, uid)
        return
    for inner_uid in range(1, HIGHEST_SYSTEM_UID + 1):
        if name := _name(inner_uid):
            yield Account(name, uid, inner_uid)
            break
    if uid == 0 and own_name:
        try:
            yield Account(own_name, pwd.getpwnam("nobody").pw_uid)
        except KeyError:
            return


def _name(uid: int) -> str:
    """Its name, which PostgreSQL insists on; a container may run under any number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""
