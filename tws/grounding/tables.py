"""Plain text that shows things of the plan line by line, as a console prints it."""

import re
from collections.abc import Iterator
from typing import Any, Final

from tws.grounding.lexicon import VENDOR

MOST_LINES: Final = 5_000
LONGEST_LINE: Final = 400
NAME: Final = re.compile(
    r"^\s*[-*|]?\s*(?:(?i:job|stream|job ?stream|workstation|task|agent)\s+(?:name\s*[:=]?\s*)?)?"
    r"([\w@$/#][\w@$/#.+-]*[\w$@])"
)
OTHER_NAME: Final = re.compile(r"[A-Z][A-Z0-9]*[_#\d][A-Z0-9_#]*")
STATION: Final = re.compile(r"(?i)\b(?:workstation|agent)\s*[=:]?\s*([\w$/#-]*[\w$])")
VENDOR_WORD: Final = re.compile(
    r"(?<![\w#./-])(?:"
    + "|".join(sorted(VENDOR | {"ONLINE", "OFFLINE"}, key=len, reverse=True))
    + r")(?![\w#-])"
)
CODE: Final = re.compile(
    r"(?i)\b(?:rc|return[ _]?code|exit[ _]?code)\s*[=:]?\s*(-?\d{1,10})\b"
)
VALUE: Final = re.compile(r"(?i)\b(limit|fence|priority)\s*[=:]?\s*(\d{1,6})\b")
MOMENT: Final = re.compile(
    r"(?i)\b(started|start|ended|end|finished|deadline)\s*[=:]?\s*(?:at\s+)?"
    r"((?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(?::\d\d)?\S*)"
)


def printed(text: str) -> Iterator[dict[str, Any]]:
    """The things that a console's text shows: a name first, then its status."""
    for line in text.splitlines()[:MOST_LINES]:
        line = line[:LONGEST_LINE]
        name = NAME.match(line)
        if name is None or not re.search(r"[A-Z0-9_#]", name.group(1)):
            continue
        status = VENDOR_WORD.search(line, name.end())
        if status is None or name.group(1) in VENDOR:
            continue
        if not OTHER_NAME.search(line, name.end(), status.start()):
            yield _row(name.group(1), status.group(), line)


def _row(name: str, status: str, line: str) -> dict[str, Any]:
    row: dict[str, Any] = {"object": name, "status": status}
    if "#" not in name:
        row["name"] = name
    if status in {"LINKED", "UNLINKED", "ONLINE", "OFFLINE"}:
        row["type"] = "workstation"
    if station := STATION.search(line):
        row["workstation"] = station.group(1)
    if code := CODE.search(line):
        row["return_code"] = int(code.group(1))
    row |= {word.lower(): int(number) for word, number in VALUE.findall(line)}
    row |= {word.lower(): moment for word, moment in MOMENT.findall(line)}
    return row
