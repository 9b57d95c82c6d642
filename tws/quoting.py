"""Which names and ids may travel to TWS, and how an id is written into a path."""

import re
import unicodedata
from urllib.parse import quote

from tws.exceptions import TwsBadName

LONGEST = 256
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# UUIDs; Base64; "WORKSTATION;STREAM;JOB", the plain layout of older releases.
ID = re.compile(r"[\w;=+/.:$-]+", re.ASCII)
# A folder of its own, once something on the way decodes %2F.
STEP = re.compile(r"(^|/)\.{0,2}(/|$)")


def checked_text(text: str, what: str = "name") -> str:
    """The text itself, when it could be (part of) a name.

    Raises:
        TwsBadName: It is empty, too long, or has characters that no name has.
    """
    if not text.strip():
        msg = f"The {what} is empty."
        raise TwsBadName(msg, action="Give the name as conman shows it.")
    if len(text) > LONGEST:
        msg = f"The {what} has {len(text)} characters; no TWS name is that long."
        raise TwsBadName(msg, action=f"Give at most {LONGEST}.")
    for char in text:
        # How the server reads a backslash within quotes is not documented.
        if char == "\\" or unicodedata.category(char) in UNPRINTABLE:
            msg = f"The {what} contains {_named(char)}, which no TWS name has."
            raise TwsBadName(msg, action="Type the name again, without it.")
    return text


def path_segment(value: str, what: str = "id") -> str:
    """One segment of a path, percent-encoded as a whole.

    Raises:
        TwsBadName: The value cannot be an id that TWS gave.
    """
    checked_text(value, what)
    if not ID.fullmatch(value) or STEP.search(value):
        msg = f"{value[:60]!r} is no {what} that TWS gives."
        raise TwsBadName(msg, action="Find the object by its name first.")
    return quote(value, safe="")


def _named(char: str) -> str:
    if char == "\\":
        return "a backslash"
    return (
        f"U+{ord(char):04X} ({unicodedata.name(char, 'a control character').lower()})"
    )
