"""Cuts an answer into clauses and finds what each mentions, in order."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from tws.grounding.facts import Facts, spellings
from tws.grounding.lexicon import (
    NEGATION,
    NEITHER,
    NOT_NAMES,
    PLACEHOLDERS,
    STATUS_WORD,
    VENDOR_WORD,
)
from tws.grounding.markdown import Line, lines
from tws.grounding.reality import is_unreal

# Nobody writes longer sentences; what does is cut, so that time grows with length only.
LONGEST_CLAUSE: Final = 600
MOST_MENTIONS: Final = 40
SENTENCE_END: Final = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bno\.)(?<!\bapprox\.)[\"')\]]*\s+"
    r"|(?<=;)\s+|\n",
    re.IGNORECASE,
)
CLAUSE_BREAK: Final = re.compile(
    r"(?i)(?:,|\s[–—-])\s+(?=(?:but|while|whereas|so|although|though|mas|enquanto|porém"
    r"|então|embora)\b)|\s+(?=(?:because|since|which|while|whereas|although|who"
    r"|porque|pois|enquanto|embora|but|que (?:está|estão|falhou|falharam|terminou|foi"
    r"|roda|por sua vez))\b)"
)
RELATIVE: Final = re.compile(r"(?i)^\W*(?:which|who|que)\b")
SAME_VERDICT: Final = re.compile(r"(?i)^\s*(?:with|in|as|com|em|normally|and)?\s*$")
TOKEN: Final = re.compile(r"[\w@#$/][\w@#$/.+-]*", re.UNICODE)
MESSAGE_CODE: Final = re.compile(r"^(?:AW[SK][A-Z]{3}|EQQ[A-Z0-9])\d{3,4}[EWI]$")
FILE: Final = re.compile(r"^/(?:[\w.@-]+/)*[\w@-]+\.\w{1,8}$")
ODD_SHAPE: Final = re.compile(
    r"^(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d[\d.:/T+-]*Z?|v?\d+(?:\.\d+)+|[A-Z]|\d+\w{1,3}"
    r"|[A-Z]{1,2}-?\d|UTC[+-]?\d*|GMT[+-]?\d*|https?|24/7|A/B|E/S|I/O|N/A|\w+/\d+)$",
    re.IGNORECASE,
)
NAMING_NOUN: Final = re.compile(
    r"(?i)(?:jobs?|streams?|jobstreams?|workstations?|agents?|predecessors?|prompts?"
    r"|resources?|schedules?|estaç(?:ão|ões)|agentes?|recursos?|tarefas?"
    r"|predecessor(?:a|es)?|named|called|chamad[oa])\W*(?:(?:is|are|é|são|named)\W*)?$"
)
# A line of a form: what it tells belongs to what the lines above are about.
LABEL: Final = re.compile(
    r"(?i)^(?:(?:job )?(?:status|state)|estado|situação|workstation|estação|agente?|cpu"
    r"|(?:return|exit|ret)[ _]?(?:code|status)|rc|código[\w ]{0,12}|start\w*(?: time)?|end\w*"
    r"(?: time)?|finish\w*|início|fim|término|deadline|prazo|duration|duração|elapsed"
    r"|(?:job )?stream|priority|prioridade|scheduled?(?: time)?|limit|fence|ran(?: for)?"
    r"|estimated?\w*(?: duration)?)\s*[:=]"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or a status word, and where it stands in its clause."""

    kind: Literal["name", "status"]
    value: str  # a name in capitals; a status family, or a vendor status in capitals
    start: int
    end: int
    known: bool = True
    negated: bool = False
    unreal: bool = False
    place: bool = False  # a workstation or stream


@dataclass(slots=True)
class Clause:
    """A piece of a sentence in which one thing is said."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    first: bool = True  # the first clause of its sentence
    heading: bool = False  # a line that introduces the list below it
    item: bool = False  # an item of a list
    row: bool = False
    command: bool = False

    @property
    def relative(self) -> bool:
        """Whether it speaks of the name just before it (``…, which is in ABEND``)."""
        return not self.first and bool(RELATIVE.match(self.text))

    @property
    def labelled(self) -> bool:
        return bool(LABEL.match(self.text))

    @property
    def names(self) -> list[Mention]:
        return [m for m in self.mentions if m.kind == "name"]

    @property
    def statuses(self) -> list[Mention]:
        return [m for m in self.mentions if m.kind == "status"]


def clauses(answer: str, facts: Facts) -> Iterator[Clause]:
    """The clauses of an answer; quoted blocks (logs) are left out."""
    for line in lines(answer):
        if line.command or line.row:
            for part in _parts(line.text):
                clause = Clause(part, row=line.row, command=line.command)
                clause.mentions = mentions(part, facts)
                yield clause
            continue
        yield from _sentences(line, facts)


def _sentences(line: Line, facts: Facts) -> Iterator[Clause]:
    for raw in SENTENCE_END.split(line.text):
        sentence = raw.strip()
        if not sentence:
            continue
        pieces = [part for p in CLAUSE_BREAK.split(sentence) for part in _parts(p)]
        for number, piece in enumerate(pieces):
            clause = Clause(
                piece,
                first=number == 0,
                heading=len(pieces) == 1 and piece.rstrip().endswith(":"),
                item=line.item,
            )
            clause.mentions = mentions(clause.text, facts)
            yield clause


def _parts(text: str) -> list[str]:
    """The text itself, or pieces of it cut between words."""
    if len(text) <= LONGEST_CLAUSE:
        return [text]
    return textwrap.wrap(
        text, LONGEST_CLAUSE, break_long_words=False, break_on_hyphens=False
    )


def mentions(text: str, facts: Facts) -> list[Mention]:
    names = list(_names(text, facts))
    taken = [(m.start, m.end) for m in names]
    statuses = [
        m
        for m in _statuses(text, [m.end for m in names])
        if not any(start < m.end and m.start < end for start, end in taken)
    ]
    return sorted([*names, *statuses], key=lambda m: m.start)[:MOST_MENTIONS]


def _names(text: str, facts: Facts) -> Iterator[Mention]:
    quiet: list[Mention] = []  # lower-case words that are also names
    loud = False
    for match in TOKEN.finditer(text):
        token = match.group().rstrip(".-+/:")
        known = known_as(token, facts)
        end = match.start() + len(token)
        if known and (token.isupper() or _distinctive(token) or token in facts.written):
            loud = True
            place = facts.is_place(known)
            yield Mention("name", known, match.start(), end, place=place)
        elif known and len(token) > 3:
            quiet.append(Mention("name", known, match.start(), end))
        elif not known and _is_name(token, text[: match.start()], text[end:]):
            loud = True
            yield Mention("name", token.upper(), match.start(), end, known=False)
    if not loud:
        yield from quiet


def known_as(token: str, facts: Facts) -> str:
    """The alias under which the evidence knows this name, or an empty string."""
    upper = token.upper()
    if upper in NOT_NAMES:
        return ""
    if upper in facts.names:
        return upper
    if "#" in upper:
        return ""
    return next((s for s in spellings(upper) if s in facts.names), "")


def _distinctive(token: str) -> bool:
    return bool(re.search(r"[\d_#$@]|\w-\w|\w/\w|\w\.\w", token))


def _is_name(token: str, before: str, after: str) -> bool:
    """Whether an unknown word has the shape of an object's name."""
    if FILE.match(token):
        return True
    if token.upper() in NOT_NAMES or ODD_SHAPE.match(token):
        return False
    if not re.search(r"[A-Z]{2}|[A-Z]\d", token) or token != token.upper():
        return False
    if _distinctive(token):
        return not _stands_for_a_name(token)
    if len(token) < 4 or not token.isalpha():
        return False
    return bool(NAMING_NOUN.search(before)) or _leads_to_status(after)


def _stands_for_a_name(token: str) -> bool:
    """``WS#STREAM.JOB`` and ``START/END`` name nothing."""
    words = re.split(r"[#./_-]+", token.strip("#/"))
    alternatives = re.split(r"[/-]", token)
    return all(w in PLACEHOLDERS for w in words) or all(
        a in NOT_NAMES for a in alternatives
    )


def _leads_to_status(after: str) -> bool:
    words = re.match(
        r"\s+(?:(?:is|are|was|were|has|have|had|está|estão|foi|é|job|in|em)\s+){0,3}",
        after,
    )
    rest = after[words.end() :] if words else after
    return bool(words and (STATUS_WORD.match(rest) or VENDOR_WORD.match(rest)))


def _statuses(text: str, name_ends: list[int]) -> Iterator[Mention]:
    found = [(m, m.group()) for m in VENDOR_WORD.finditer(text)]
    spans = [m.span() for m, _ in found]
    for match in STATUS_WORD.finditer(text):
        if not any(a < match.end() and match.start() < b for a, b in spans):
            found.append((match, match.lastgroup or ""))
    found.sort(key=lambda pair: pair[0].start())
    del found[MOST_MENTIONS:]
    last_end, negated = 0, False
    for number, (match, value) in enumerate(found):
        before = text[last_end : match.start()]
        goes_on = number > 0 and bool(SAME_VERDICT.match(before))
        negated = (negated and goes_on) or _is_negated(
            text, last_end, match.start(), name_ends
        )
        last_end = match.end()
        if value == "ended" and _is_continued(match, found[number + 1 :], text):
            continue  # "ended with success": the second word says how
        yield Mention(
            "status",
            value,
            match.start(),
            match.end(),
            negated=negated,
            unreal=is_unreal(text, match.start(), of_state=True),
        )


def _is_negated(text: str, begin: int, at: int, name_ends: list[int]) -> bool:
    """A "not" before a name speaks of what came before it, a "neither" of both."""
    if NEITHER.search(text[begin:at]):
        return True
    # In "It does not run: batchman is DOWN", what is denied ends at the colon.
    # Neither does it reach into brackets: "will not run (SUPPR)".
    colon = max(text.rfind(": ", 0, at), text.rfind("(", 0, at))
    begin = max([begin, at - 40, colon, *(end for end in name_ends if end <= at)])
    return bool(NEGATION.search(text[begin:at]))


def _is_continued(
    match: re.Match[str], following: list[tuple[re.Match[str], str]], text: str
) -> bool:
    return bool(following) and bool(
        SAME_VERDICT.match(text[match.end() : following[0][0].start()])
    )
