"""The lines of a job log that tell why the job failed: few, the clearest first."""

import re
from dataclasses import dataclass
from typing import Any

from tws.knowledge import codes_in, message
from tws.payloads import JobLog, Mark

MOST_LINES = 8
LONGEST = 300
AROUND = 60  # characters shown before a sign that stands far inside of a long line
MOST_WEIGHED = 256  # shapes of lines whose weight is remembered

# Message codes, as they are spelled.
CODES = (
    (re.compile(r"\bAW[SK][A-Z]{3}[0-9]{3,4}E\b"), 6),
    (
        re.compile(
            r"\b(ORA|TNS|PLS|RMAN|SP2|DB2|SQL|DSN|IMS|EZ)-?[0-9]{3,5}[A-Z]?\b"
            r"|\b(EQQ[A-Z]|CWWK[A-Z])[0-9]{3,4}E\b"
        ),
        5,
    ),
    (re.compile(r"\bAW[SK][A-Z]{3}[0-9]{3,4}W\b"), 1),
)
# Words, in lower case. The first that matches gives the weight.
WORDS = (
    (re.compile(r"\b(fatal|panic|segmentation fault|out of memory|oom)\b"), 5),
    (re.compile(r"errors?\b|exceptions?\b|traceback\b|caused by:"), 4),
    (re.compile(r"\b(abend|aborted?|core dumped|killed|signal \d+)\b"), 4),
    (re.compile(r"\b(fail(ed|ure|s)?|fehler|erro|falh(a|ou))\b"), 3),
    (
        re.compile(
            r"permission denied|access denied|no such file|not found|no space left"
            r"|cannot|could not|unable to|refused|timed? ?out|disk full"
        ),
        3,
    ),
    (
        re.compile(
            r"\b(exit(ing|ed)?|return code|rc(?= ?=))\b"
            r"(?!( with| return| code| status)*[ :=]*0\b)"
        ),
        2,
    ),
    (re.compile(r"\bwarn(ing)?\b"), 1),
)
# What each sign needs to be there, in lower case: a log is first searched for these.
STRONG_CLUES = re.compile(
    rb"aw[sk][a-z]{3}\d|(?:ora|tns|pls|rman|sp2|db2|sql|dsn|ims|ez|eqq.|cwwk.)-?\d\d\d"
    rb"|fatal|panic|segmentation fault|out of memory|oom"
)
CLUES = re.compile(
    STRONG_CLUES.pattern
    + rb"|err|exception|traceback|caused by|abend|abort|dumped|killed|signal|fail|fehler"
    rb"|falh|denied|no such file|not found|no space|cannot|could not|unable|refused|timed"
    rb"|time ?out|disk full|exit|return code|rc ?=|warn"
)
# "0 errors", "no error", "errors: 0".
HARMLESS = re.compile(
    r"\b(no|0|without|zero) (error|warning|failure|exception)"
    r"|(error|failure)s?\s*[:=]\s*0\b"
)
# What jobman writes around the output of a job.
RULE = re.compile(r"={20,}\s*$")
FRAME = re.compile(
    r"= *(JOB|USER|JCLFILE|TASK|TWSRCMAP|AGENT|Job (Number|CPU|Memory)|Exit Status"
    r"|(System|User) Time|[SO]C |(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )"
)
LONGEST_HEADER = 200  # lines; that of a command holds its definition
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


class Telling:
    """Collects the telling lines of a log of any length: few of each weight.

    What repeats itself but for its numbers is kept once, where it stood last. Of what
    weighs the same the first and the last are kept: the cause, and what it ended in.
    """

    def __init__(self) -> None:
        self._first: dict[int, dict[str, Mark]] = {}
        self._last: dict[int, dict[str, Mark]] = {}
        self._weights: dict[str, int] = {}

    def look(self, number: int, line: str) -> None:
        """Take a line of the job's own, without what a terminal would act on."""
        text = line.strip()
        if len(text) > LONGEST:
            text = _excerpt(text)
        shape = NUMBERS.sub("#", text)
        weight = self._weights.get(shape)
        if weight is None:
            weight = _weight(text)
            if len(self._weights) < MOST_WEIGHED:
                self._weights[shape] = weight
        if weight:
            self._keep(weight, shape, Mark(line=number, text=text))

    def _keep(self, weight: int, shape: str, mark: Mark) -> None:
        first = self._first.setdefault(weight, {})
        if shape in first or len(first) < MOST_LINES:
            first[shape] = mark
            return
        last = self._last.setdefault(weight, {})
        last.pop(shape, None)
        last[shape] = mark
        if len(last) > MOST_LINES:
            del last[next(iter(last))]

    def marks(self, most: int | None = None) -> list[Mark]:
        """The heaviest first; among equals in the order of the log."""
        told: list[Mark] = []
        for weight in sorted(self._first, reverse=True):
            kept = {**self._first[weight], **self._last.get(weight, {})}
            equals = sorted(kept.values(), key=lambda mark: mark.line)
            told += equals if most is None else _both_ends(equals, most - len(told))
        return told


def telling(log: JobLog, most: int = MOST_LINES) -> tuple[LogLine, ...]:
    """What a log tells, the middle too that was only passed by."""
    found = Telling()
    lines = (
        [(mark.line, mark.text) for mark in sorted(log.marked, key=lambda m: m.line)]
        if log.marked is not None
        else outside_frame(log)
    )
    for number, line in lines:
        found.look(number, line)
    return tuple(
        LogLine(mark.line, mark.text, _meanings(mark.text))
        for mark in found.marks(most)
    )


def outside_frame(log: JobLog) -> list[tuple[int, str]]:
    """What the job wrote itself, without the lines that jobman puts around it."""
    frame = Frame()
    lines = enumerate(log.text.split("\n"), log.from_line)
    return [(number, line) for number, line in lines if not frame.holds(number, line)]


class Frame:
    """Knows the header and the footer of a log, line by line in their order."""

    def __init__(self) -> None:
        self._header_ends = 0

    def holds(self, number: int, line: str) -> bool:
        """Whether a line belongs to the frame."""
        if RULE.match(line):
            self._header_ends = LONGEST_HEADER if number == 1 else 0
            return True
        return number <= self._header_ends or FRAME.match(line) is not None


def _both_ends(marks: list[Mark], most: int) -> list[Mark]:
    if len(marks) <= most:
        return marks
    end = most // 2
    return [*marks[: most - end], *(marks[-end:] if end else ())]


def _excerpt(text: str) -> str:
    """Of a long line the part with what tells most."""
    lower = text.lower()
    found = [sign.search(text) for sign, _ in CODES[:-1]]
    found += [sign.search(lower) for sign, _ in WORDS]
    start = next((match.start() for match in found if match), 0)
    if start <= LONGEST - AROUND:
        return text[:LONGEST]
    return text[start - AROUND : start - AROUND + LONGEST]


def _weight(text: str) -> int:
    lower = text.lower()
    weight = next((weight for sign, weight in WORDS if sign.search(lower)), 0)
    for sign, more in CODES:
        if more > weight and sign.search(text):
            weight = more
    return 0 if weight and HARMLESS.search(lower) else weight


def _meanings(text: str) -> tuple[str, ...]:
    told = []
    for code in codes_in(text)[:3]:
        known = message(code)
        if known is not None:
            told.append(f"{code}: {known.text} {known.action}".strip())
    return tuple(told)
