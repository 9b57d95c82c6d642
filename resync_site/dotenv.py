"""Reads the file .env; a line that cannot be read is refused with its number, never skipped."""

import os
import re
from pathlib import Path

from django.conf import ENVIRONMENT_VARIABLE
from django.core.exceptions import ImproperlyConfigured

DEFAULT_SETTINGS = "resync_site.settings.dev"
PATH = Path(__file__).resolve().parent.parent / ".env"
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?""")
ESCAPED = re.compile(r'\\(["\\])')
COMMENT = re.compile(r"(?:^|\s)#.*")
SECOND_SETTING = re.compile(r"\s[A-Z][A-Z0-9_]+=")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# What is wrong is never repeated: a line may hold a password.
NO_SETTING = "is no setting: write NAME=value, or begin the line with #"
BAD_QUOTES = "has a quote that does not end with the value: write NAME='value'"
TWO_SETTINGS = "holds two settings: give each a line, or put the value into quotes"
BAD_CHARACTER = "holds a character that no setting may have: type the line anew"


def choose_settings() -> None:
    """Set DJANGO_SETTINGS_MODULE, which Django needs before there are any settings.

    Raises:
        ImproperlyConfigured: The file, which may name them, cannot be read.
    """
    if not os.environ.get(ENVIRONMENT_VARIABLE):
        named = settings_of_file().get(ENVIRONMENT_VARIABLE)
        os.environ[ENVIRONMENT_VARIABLE] = named or DEFAULT_SETTINGS


def settings_of_file(path: Path = PATH) -> dict[str, str]:
    """What the file sets; nothing when there is none, or it is not to be read.

    Raises:
        ImproperlyConfigured: It cannot be read, or one of its lines cannot.
    """
    wanted = os.environ.get("RESYNC_READ_DOTENV", "1") != "0"
    return _parse(path, _read(path)) if wanted and os.path.lexists(path) else {}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text: save it as UTF-8."
        raise ImproperlyConfigured(msg) from error
    except OSError as error:
        msg = (
            f"{path} cannot be read: {error.strerror}. Let {_whoami()} read it, remove"
            " it, or set RESYNC_READ_DOTENV=0 to go on without."
        )
        raise ImproperlyConfigured(msg) from error


def _whoami() -> str:
    return f"the user with uid {os.geteuid()}"


def _parse(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    # Not splitlines(), which also cuts at characters that a value may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            _add(found, line.strip())
        except ValueError as error:
            msg = f"{path}, line {number} {error}."
            raise ImproperlyConfigured(msg) from error
    return found


def _add(found: dict[str, str], line: str) -> None:
    if not line or line.startswith("#"):
        return
    match = LINE.fullmatch(line)
    if CONTROL.search(line):
        raise ValueError(BAD_CHARACTER)
    if match is None:
        raise ValueError(NO_SETTING)
    name, written = match.groups()
    value = _value(written, is_spaced=line[match.start(2) - 1] != "=")
    if found.setdefault(name, value) != value:
        msg = f"sets {name} once more, to something else: keep one of them"
        raise ValueError(msg)


def _value(written: str, *, is_spaced: bool) -> str:
    if written[:1] in {"'", '"'}:
        quoted = QUOTED.fullmatch(written)
        if quoted is None:
            raise ValueError(BAD_QUOTES)
        literal, escaped = quoted.groups()
        return ESCAPED.sub(r"\1", escaped) if literal is None else literal
    if written.startswith("#") and not is_spaced:
        return written
    value = COMMENT.sub("", written, count=1).rstrip()
    if SECOND_SETTING.search(value):
        raise ValueError(TWO_SETTINGS)
    return value
