"""People and agents to begin with, made once where there are none."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group, User
from django.db import transaction

# No letter or digit that looks like another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_LENGTH = 16
NAMES = ("operator", "reviewer", "admin")
FILE_NAME = "demo-users.txt"
UNFINISHED = "demo-users-new.txt"
ANY_FILE = "demo-users*.txt"
LINE = re.compile(r"^  (\w+)  password: (\w+)$", re.MULTILINE)


def make_users(data_dir: Path) -> dict[str, str]:
    """Make the three demo users with passwords of their own, unless there is any user.

    The passwords are on disk before the users exist, so that they cannot be lost, and
    in their own file only when the users do. What that file says of another database
    stays beside it.
    """
    with transaction.atomic():
        if User.objects.exists():
            return {}
        passwords = {
            name: "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
            for name in NAMES
        }
        _write(data_dir / UNFINISHED, passwords)
        _member("operator", passwords["operator"], "Operators")
        _member("reviewer", passwords["reviewer"], "Reviewers", is_staff=True)
        User.objects.create_superuser("admin", password=passwords["admin"])
    _put_first(data_dir, data_dir / UNFINISHED)
    return passwords


def known_users(data_dir: Path) -> list[str]:
    """The demo users of this database whose passwords the file tells truly.

    The folder may have served another database before, and passwords are changed. So
    each file that was ever written is tried, and the file has its name only if it is
    true of somebody.
    """
    stored = dict(
        User.objects.filter(username__in=NAMES, is_active=True).values_list(
            "username", "password"
        )
    )
    first = data_dir / FILE_NAME
    for path in [first, *sorted(set(data_dir.glob(ANY_FILE)) - {first})]:
        if names := _true_of(_read(path), stored):
            if path != first:
                _put_first(data_dir, path)
            return names
    _set_aside(first)
    return []


def _true_of(told: Mapping[str, str], stored: Mapping[str, str]) -> list[str]:
    """Whose password holds; side by side, for a hash is slow on purpose."""
    names = [name for name in told if name in stored]
    with ThreadPoolExecutor() as pool:
        hold = pool.map(lambda name: check_password(told[name], stored[name]), names)
        return [name for name, holds in zip(names, hold, strict=True) if holds]


def line(name: str, password: str) -> str:
    return f"  {name}  password: {password}"


def _member(name: str, password: str, group: str, *, is_staff: bool = False) -> None:
    user = User.objects.create_user(name, password=password, is_staff=is_staff)
    user.groups.add(Group.objects.get(name=group))


def _put_first(data_dir: Path, path: Path) -> None:
    _set_aside(data_dir / FILE_NAME)
    path.rename(data_dir / FILE_NAME)


def _set_aside(path: Path) -> None:
    """Keep the file under a name that is free."""
    if not os.path.lexists(path):
        return
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(1))
    path.rename(next(name for name in names if not os.path.lexists(name)))


def _read(path: Path) -> dict[str, str]:
    try:
        found = LINE.findall(path.read_text(errors="replace"))
    except OSError:
        return {}
    return {name: password for name, password in found if name in NAMES}


def _write(path: Path, passwords: dict[str, str]) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # never into a file that others may read already
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(line(*item) + "\n" for item in passwords.items())
