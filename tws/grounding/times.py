"""Clock times in a clause, and whose start, end or deadline they are said to be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from tws.grounding.binding import Bound
from tws.grounding.facts import Facts, Record
from tws.grounding.found import Found, Outcome, listed
from tws.grounding.moments import stated_offset, told_as
from tws.grounding.reality import is_unreal

CLOCK: Final = re.compile(
    r"(?i)(?<![\d:+])(?<!UTC-)(?<!GMT-)([01]?\d|2[0-3])"
    r"(?::([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?|h([0-5]\d))"
    r"(?![\d:])\s*([ap]\.?m\b\.?)?|(?<![\d:])(1[0-2]|[1-9])\s*([ap]\.?m\b\.?)"
    r"|(?<=às )([01]?\d|2[0-3])h(?!\w)"
)
# The word nearest before a time says what the time is of.
ROLE_WORDS: Final = re.compile(
    r"(?i)\b(?:(?P<deadline>deadline|due|prazo|até as)"
    r"|(?P<latest>latest[- ]start\w*|horário limite|hora limite|limite)"
    r"|(?P<expected>estimated|expected|forecast|projected|previsão|previst[oa]s?|estimad[oa]"
    r"|estimativa|should (?:end|finish)|deve terminar)"
    r"|(?P<scheduled>scheduled|agendad[oa]s?|programad[oa]s?)"
    r"|(?P<start>started|start|starts|began|begun|launched|running since|since|desde|iniciou"
    r"|começou|iniciad[oa]s?|início|restarted)"
    r"|(?P<end>ended|end|ends|finished|completed|terminou|terminaram|finalizou|concluiu"
    r"|concluíd[oa]|fim|encerrou|failed|abended|falhou|abendou|abortou))\b"
)
LOCAL: Final = re.compile(
    r"\b(?:local|engine|hora de|horário de|time zone|fuso|in [A-Z][a-z]+|[A-Z][a-z]+ time)\b"
)
REACH: Final = 45
RANGE: Final = re.compile(
    r"(?i)(?:\bfrom\s+|\bbetween\s+|\bdas?\s+|\bde\s+|\()?"
    r"(\d{1,2}:\d\d(?::\d\d)?)\s*(?:UTC\s*)?(?:–|—|-|to|and|until|até|às|as|e)\s*"
    r"(?:as\s+)?(\d{1,2}:\d\d(?::\d\d)?)"
)
TOLD_AS_DURATION: Final = re.compile(
    r"(?i)(?:\bhá|\bpor|estimad\w* (?:de|em|era|é)?|estimativa\b[^.,;]{0,20}|\bde apenas"
    r"|leva|levou|dur\w+|cerca de|mais|\bof|\bfor|took|takes|about)\s*$"
)


def times(bound: Bound, facts: Facts) -> Iterator[Found]:
    """Clock times; one said to be a start or an end must be that of its subject."""
    text = bound.clause.text
    ends = _range_roles(text)
    for match in CLOCK.finditer(text):
        if match.group(4) and TOLD_AS_DURATION.search(text[: match.start()]):
            continue  # "há 1h30"
        stated = _clock(match)
        role = ends.get(match.start()) or _role(text, match)
        yield _time(bound, facts, match, stated, role)


def _time(
    bound: Bound, facts: Facts, match: re.Match[str], stated: set[str], role: str
) -> Found:
    text = bound.clause.text
    subjects = bound.subject_at(match.start())
    records = facts.of(s.value for s in subjects)
    expected = {c for r in records for c in r.roles.get(role, ())} if role else set()
    stated = stated | _in_utc(stated, text[match.end() : match.end() + 24])
    if LOCAL.search(text):
        stated = stated | _from_local(stated, [*records, *facts.near], facts)
    outcome: Outcome
    if expected and not is_unreal(text, match.start()):
        outcome = "supported" if stated & expected else "contradicted"
    elif stated & _pool(records, facts):
        outcome = "supported"
    else:
        outcome = "unsupported"
    shown = min(stated, key=len)
    return Found(
        "time", "", shown, outcome, listed({c for c in expected if len(c) < 6})
    )


def _pool(records: list[Record], facts: Facts) -> set[str]:
    """The times that may stand in this answer: of the things that it speaks of."""
    if not facts.near_clocks and not any(r.clocks for r in records):
        return facts.clocks
    return facts.loose_clocks.union(facts.near_clocks, *(r.clocks for r in records))


def _clock(match: re.Match[str]) -> set[str]:
    hour = int(match.group(1) or match.group(6) or match.group(8))
    minute = match.group(2) or match.group(4) or "00"
    half = (match.group(5) or match.group(7) or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    seconds = f":{match.group(3)}" if match.group(3) else ""
    return {f"{hour:02}:{minute}{seconds}"}


def _in_utc(stated: set[str], after: str) -> set[str]:
    """``23:14 BRT`` is ``02:14`` in evidence that is told in UTC."""
    zone = stated_offset(after)
    if zone is None or zone.utcoffset(None) == timedelta():
        return set()
    told: set[str] = set()
    for clock in stated:
        hour, minute, *_ = map(int, clock.split(":"))
        moment = datetime(2000, 1, 2, hour, minute, tzinfo=zone)
        told |= told_as(moment.astimezone(UTC))
    return told


def _from_local(stated: set[str], records: list[Record], facts: Facts) -> set[str]:
    """The times in UTC that read so on a clock of the plan's own zone."""
    told: set[str] = set()
    for record in records:
        for _, moment in record.moments:
            for zone in facts.zones:
                if stated & told_as(moment.astimezone(zone)):
                    told |= told_as(moment)
    return told


def _range_roles(text: str) -> dict[int, str]:
    """``from 02:00 to 02:47``: the first is a start, the second an end."""
    roles: dict[int, str] = {}
    for match in RANGE.finditer(text):
        roles[match.start(1)], roles[match.start(2)] = "start", "end"
    return roles


def _role(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start() - REACH) : match.start()]
    before = re.split(r"[;()|]|, ", before)[-1]
    cues = [m for m in ROLE_WORDS.finditer(before) if not CLOCK.search(before, m.end())]
    if cues:
        told = {m.lastgroup or "" for m in cues}
        # "estimated end of 12:05" and "expected to start" tell of what is to come.
        if "expected" in told:
            return "expected"
        if "latest" in told:
            return "latest"
        if "deadline" in told:
            return "deadline"
        return cues[-1].lastgroup or ""
    if re.match(r"(?i)\s*(?:UTC\s*)?(?:deadline|prazo)", text[match.end() :]):
        return "deadline"
    return ""
