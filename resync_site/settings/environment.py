"""Reads one environment variable each, and names the one that is wrong."""

import contextlib
import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from resync_site.dotenv import settings_of_file

BASE_DIR = Path(__file__).resolve().parent.parent.parent
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

FROM_FILE = settings_of_file()
for _name, _value in FROM_FILE.items():
    os.environ.setdefault(_name, _value)

# Other programs read variables of these beginnings, too: HWA itself has its TWS_ ones.
OURS = re.compile(r"(TWS|LLM|AUDIT|AUDITOR|EMBEDDINGS?|AGENT|RESYNC)_", re.IGNORECASE)
READ_ELSEWHERE = {
    "DJANGO_SETTINGS_MODULE",
    "RESYNC_PROCESS",
    "RESYNC_READ_DOTENV",
    "RESYNC_UP",
    "SECURE_SSL_REDIRECT",
}
ALIKE = 0.72  # LLM_URL and LLM_BASE_URL are, TWS_HOME and TWS_USER are not
_read: set[str] = set()


def misspelt() -> dict[str, str]:
    """Variables that nobody reads, with the setting that was meant, as far as we know."""
    known = _read | READ_ELSEWHERE
    found = {}
    for name in sorted({*os.environ, *FROM_FILE} - known):
        if OURS.match(name) or name in FROM_FILE:
            meant = difflib.get_close_matches(name.upper(), known, 1, ALIKE)
            if meant or (OURS.match(name) and name in FROM_FILE):
                found[name] = meant[0] if meant else ""
    return found


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; a blank one counts as unset."""
    _read.add(name)
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    value = text(name)
    if not value:
        msg = f"{name} is not set. {why}"
        raise ImproperlyConfigured(msg)
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    msg = f"{name} is {value!r}: use true or false."
    raise ImproperlyConfigured(msg)


def number(name: str, default: float, *, low: float, high: float) -> float:
    value = text(name)
    if not value:
        return default
    try:
        parsed = float(value)
    except ValueError:
        parsed = float("nan")
    if not low <= parsed <= high:
        msg = f"{name} is {value!r}: use a number from {low:g} to {high:g}."
        raise ImproperlyConfigured(msg)
    return parsed


def whole(name: str, default: int, *, low: int, high: int) -> int:
    value = number(name, default, low=low, high=high)
    if value != int(value):
        msg = f"{name} is {value!r}: use a whole number from {low} to {high}."
        raise ImproperlyConfigured(msg)
    return int(value)


def several(name: str) -> list[str]:
    """A comma list, blanks and empty items dropped."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def one_of(name: str, default: str, words: Sequence[str]) -> str:
    """One of these words, in whichever case it was written."""
    value = text(name, default).upper()
    if value not in words:
        msg = f"{name} is {value!r}: use one of {', '.join(words)}."
        raise ImproperlyConfigured(msg)
    return value


def url(
    name: str, default: str = "", *, schemes: Sequence[str] = ("http", "https")
) -> str:
    """An address of one of these kinds, without its trailing slash."""
    value = text(name, default)
    if value and value.partition("://")[0] not in schemes:
        shown = value.rpartition("@")[2]  # a user and a password are not repeated
        kinds = " or ".join(f"{scheme}://" for scheme in schemes)
        msg = f"{name} is {shown!r}: it must begin with {kinds}."
        raise ImproperlyConfigured(msg)
    return value.rstrip("/")


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL's address; an error does not repeat it, for it holds a password."""
    value = text(name)
    config: dict[str, Any] = {}
    if value.startswith(("postgres://", "postgresql://")):
        with contextlib.suppress(ValueError):
            config = dict(environ.Env.db_url_config(value))
    if not config.get("NAME"):
        msg = f"{name} must look like postgres://user:password@host:5432/name."
        raise ImproperlyConfigured(msg)
    return config
