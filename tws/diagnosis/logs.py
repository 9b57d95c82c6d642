"""The lines of a job log that tell why the job failed: few, the clearest first."""

import re
from dataclasses import dataclass
from typing import Any

from tws.knowledge import codes_in, message
from tws.payloads import JobLog

MOST_LINES = 8
LONGEST = 300

# The first that matches gives the weight.
SIGNS = (
    (re.compile(r"\bAW[SK][A-Z]{3}\d{3,4}E\b"), 6),
    (re.compile(r"\b(ORA|TNS|PLS|DB2|SQL|DSN|IMS|EZ)-?\d{3,5}[A-Z]?\b"), 5),
    (re.compile(r"\b(fatal|panic|segmentation fault|out of memory|oom)\b", re.I), 5),
    (re.compile(r"\b\w*(error|exception)\b|\btraceback\b", re.I), 4),
    (re.compile(r"\b(abend|aborted?|core dumped|killed|signal \d+)\b", re.I), 4),
    (re.compile(r"\b(fail(ed|ure|s)?|fehler|erro|falh(a|ou))\b", re.I), 3),
    (
        re.compile(
            r"(permission|access) denied|no such file|not found|no space left"
            r"|cannot|could not|unable to|refused|timed? ?out|disk full",
            re.I,
        ),
        3,
    ),
    (re.compile(r"\b(exit(ing|ed)?|return code|rc ?=)", re.I), 2),
    (re.compile(r"\bwarn(ing)?\b|\bAW[SK][A-Z]{3}\d{3,4}W\b", re.I), 1),
)
# "0 errors", "no error", "errors: 0", and the frame that jobman writes.
HARMLESS = re.compile(
    r"\b(no|0|without|zero) (error|warning|failure|exception)|(error|failure)s?\s*[:=]\s*0\b"
    r"|^= |^=+$",
    re.I,
)
NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A telling line, and what the message codes in it mean."""

    number: int
    text: str
    meanings: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        return {
            "line": self.number,
            "text": self.text,
            "meanings": list(self.meanings),
        }


def telling(log: JobLog, most: int = MOST_LINES) -> tuple[LogLine, ...]:
    """What repeats itself but for its numbers is told once, where it stood last."""
    found: dict[str, tuple[int, int, str]] = {}
    for number, line in enumerate(log.text.split("\n"), log.from_line):
        text = line.strip()[:LONGEST]
        weight = _weight(text)
        if weight:
            found[NUMBERS.sub("#", text)] = (weight, number, text)
    ranked = sorted(found.values(), key=lambda item: (-item[0], item[1]))
    return tuple(
        LogLine(number, text, _meanings(text)) for _, number, text in ranked[:most]
    )


def _weight(text: str) -> int:
    if not text or HARMLESS.search(text):
        return 0
    return next((weight for sign, weight in SIGNS if sign.search(text)), 0)


def _meanings(text: str) -> tuple[str, ...]:
    told = []
    for code in codes_in(text)[:3]:
        known = message(code)
        if known is not None:
            told.append(f"{code}: {known.text} {known.action}".strip())
    return tuple(told)
