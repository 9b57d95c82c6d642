"""People and agents to begin with, made once where there are none."""

import contextlib
import os
import secrets
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.db import transaction

# No letter or digit that looks like another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_LENGTH = 16
FILE_NAME = "demo-users.txt"


def make_users(data_dir: Path) -> dict[str, str]:
    """Make the three demo users with passwords of their own, unless there is any user.

    The passwords are on disk before the users exist, so that they cannot be lost.
    """
    with transaction.atomic():
        if User.objects.exists():
            return {}
        passwords = {
            name: "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
            for name in ("operator", "reviewer", "admin")
        }
        _keep(data_dir / FILE_NAME, passwords)
        _member("operator", passwords["operator"], "Operators")
        _member("reviewer", passwords["reviewer"], "Reviewers", is_staff=True)
        User.objects.create_superuser("admin", password=passwords["admin"])
    return passwords


def line(name: str, password: str) -> str:
    return f"  {name}  password: {password}"


def _member(name: str, password: str, group: str, *, is_staff: bool = False) -> None:
    user = User.objects.create_user(name, password=password, is_staff=is_staff)
    user.groups.add(Group.objects.get(name=group))


def _keep(path: Path, passwords: dict[str, str]) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # never into a file that others may read already
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(line(*item) + "\n" for item in passwords.items())
