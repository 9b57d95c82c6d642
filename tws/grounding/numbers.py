"""Reads return codes, times, durations, counts and workstations out of a clause."""

import re
from collections.abc import Iterator
from typing import Final, Literal

from tws.grounding.amounts import amounts
from tws.grounding.binding import Bound
from tws.grounding.facts import Facts, Record
from tws.grounding.lexicon import FAMILIES, LINK_STATES, NUMBER_WORDS, fits
from tws.grounding.text import Mention, is_unreal

Outcome = Literal["supported", "contradicted", "unsupported", "unchecked"]
Found = tuple[str, str, str, Outcome, str]  # kind, subject, stated, outcome, found

CODE_WORD: Final = (
    r"\b(?:return[- ]?codes?|exit[- ]?(?:code|status)|rc|código de (?:retorno|saída)"
    r"|(?:exited|returned|retornou|saiu)(?: with| com)?)\b"
)
CODE: Final = re.compile(
    rf"(?i){CODE_WORD}\W{{0,3}}"
    r"(?:(?:of|is|was|de|é|foi|era|igual a|code|código)\b\W{0,3}){0,2}(-?\d{1,10})(?![\w:])"
    rf"|{CODE_WORD}\s+(?:of|for|from|de|do|da)\s+[^.;,]{{1,80}}?\s(?:is|was|é|foi|era)\s+"
    r"(-?\d{1,10})(?![\w:])"
)
EARLIER: Final = re.compile(r"(?i)\W*(?:before|antes)\b")
CLOCK: Final = re.compile(
    r"(?i)(?<![\d:+])([01]?\d|2[0-3])(?::([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?|h([0-5]\d))"
    r"(?![\d:])\s*([ap]\.?m\.?)?|(?<![\d:])(1[0-2]|[1-9])\s*([ap]\.?m\.?)(?!\w)"
)
STARTED: Final = re.compile(
    r"(?i)\b(?:started|start|began|begun|launched|iniciou|começou|iniciad[oa]s?|início)\b"
    r"[^,;]{0,25}$"
)
ENDED: Final = re.compile(
    r"(?i)\b(?:ended|finished|completed|terminou|finalizou|concluiu|fim|encerrou|failed"
    r"|abended|falhou)\b[^,;]{0,12}$"
)
RAN: Final = re.compile(
    r"(?i)\b(?:running|ran|run|runs|elapsed|took|takes|duration|lasted|executando|rodando"
    r"|durou|levou|duração|for|há|estimat\w*|estimad\w*)\b"
)
COUNT: Final = re.compile(
    r"(?i)(?<![\w:.#/-])(\d{1,7}|" + "|".join(NUMBER_WORDS) + r")\s+"
    r"((?:(?!of\b|and\b|e\b|dos\b|das\b)[\w-]+\s+){0,2}?)"
    r"(jobs?|job streams?|jobstreams?|streams?|tarefas?)(?![\w-])"
)
ALL: Final = re.compile(
    r"(?i)\b(?:all|every|todos? os|todas? as)\s+(?:(?:of\s+)?the\s+|other\s+|\d+\s+)*jobs?\b"
)
STATION: Final = re.compile(
    r"(?i)(?:\b(?:on|at|via|em|no|na|workstation|agent|estação|agente)\s+"
    r"(?:the\s+|workstation\s+|agent\s+|estação\s+|agente\s+)*)$"
)
OTHER_SCOPE: Final = re.compile(
    r"(?i)\b(?:behind|after|wait\w*|aguard\w*|espera\w*|more|mais|other|outr[oa]s|of|on"
    r"|em|na|no|do|da|affect\w*|impact\w*|follow\w*|depend\w*|further|downstream"
    r"|successors?|predecessors?|late|critical|atras\w*|crític\w*)\b"
)


def codes(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``return code 8``, ``RC=8``, ``código de retorno 8``."""
    for match in CODE.finditer(bound.clause.text):
        if is_unreal(bound.clause.text, match.start()):
            continue
        stated = int(match.group(1) or match.group(2))
        at = match.start() if match.group(1) else match.end()
        subjects = bound.subject_at(at)
        known = {c for r in _records(subjects, facts) for c in r.codes}
        if not known and not subjects:
            known = {c for r in facts.records for c in r.codes}
        if facts.earlier_codes and EARLIER.match(bound.clause.text):
            known = facts.earlier_codes
        yield (
            "return_code",
            _joined(subjects),
            str(stated),
            _among(stated, known, anywhere=float(stated) in facts.numbers),
            ", ".join(map(str, sorted(known))),
        )


def _among(stated: int, known: set[int], *, anywhere: bool) -> Outcome:
    if stated in known:
        return "supported"
    if known:
        return "contradicted"
    return "unchecked" if anywhere else "unsupported"


def times(bound: Bound, facts: Facts) -> Iterator[Found]:
    """Clock times; one said to be a start or an end must be that of its subject."""
    text = bound.clause.text
    for match in CLOCK.finditer(text):
        stated = _clock(match)
        records = _records(bound.subject_at(match.start()), facts)
        before = text[: match.start()]
        expected = _expected(before, records)
        if expected and not is_unreal(text, match.start()):
            outcome: Outcome = "supported" if stated in expected else "contradicted"
        else:
            outcome = "supported" if stated in facts.clocks else "unsupported"
        yield "time", "", stated, outcome, ", ".join(sorted(expected))


def _clock(match: re.Match[str]) -> str:
    hour = int(match.group(1) or match.group(5))
    minute = match.group(2) or match.group(3) or "00"
    half = (match.group(4) or match.group(6) or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return f"{hour:02}:{minute}"


def _expected(before: str, records: list[Record]) -> set[str]:
    if STARTED.search(before):
        return {c for r in records for c in r.started}
    if ENDED.search(before):
        return {c for r in records for c in r.ended}
    return set()


def durations(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``83 minutes``, ``1 h 20 min``; rounding to the stated unit is allowed."""
    for start, stated, slack, text in amounts(bound.clause.text):
        records = _records(bound.subject_at(start), facts)
        mine = {d for r in records for d in r.durations} | _ages(records, facts)
        strict = bool(mine and RAN.search(bound.clause.text)) and not is_unreal(
            bound.clause.text, start
        )
        known = mine | facts.told
        if not strict:
            known |= facts.durations | _spans(facts)
        if any(abs(d - stated) <= slack for d in known):
            outcome: Outcome = "supported"
        else:
            outcome = "contradicted" if strict else "unsupported"
        found = ", ".join(f"{d:g} s" for d in sorted(mine)[:5])
        yield "duration", "", text, outcome, found


def _ages(records: list[Record], facts: Facts) -> set[float]:
    """How long before the reading each moment of the records was."""
    return {
        abs((read_at - moment).total_seconds())
        for record in records
        for moment in record.instants
        for read_at in facts.read_at
    }


def _spans(facts: Facts) -> set[float]:
    """How far apart any two moments of the evidence are, when they are few."""
    moments = sorted(i for i in facts.instants if i.tzinfo)[:60]
    return {
        (b - a).total_seconds() for n, a in enumerate(moments) for b in moments[n + 1 :]
    }


def counts(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``2 jobs failed``, ``no failed jobs``, ``all jobs succeeded``."""
    text = bound.clause.text
    for match in ALL.finditer(text):
        yield from _all(match, bound, facts)
    for match in COUNT.finditer(text):
        number = match.group(1).lower()
        stated = int(number) if number.isdigit() else NUMBER_WORDS[number]
        status = _counted_status(match, bound)
        if status is None or status.unreal or is_unreal(text, match.start()):
            if number.isdigit() and status is None:
                yield _plain_count(match, stated, facts)
            continue
        if number in {"a", "um", "uma", "one", "single"} and bound.runs:
            continue  # "one job", "um job" before a name is an article
        yield _status_count(match, stated, status, bound, facts)


def _all(match: re.Match[str], bound: Bound, facts: Facts) -> Iterator[Found]:
    status = next((s for s in bound.clause.statuses if s.start >= match.end()), None)
    jobs = [r for r in facts.records if r.is_job and r.statuses - LINK_STATES]
    if status is None or status.unreal or not jobs or bound.runs:
        return
    fitting = [any(fits(status.value, s) for s in r.statuses) for r in jobs]
    wrong = any(fitting) if status.negated else not all(fitting)
    others = ", ".join(sorted({s for r in jobs for s in r.statuses}))
    outcome: Outcome = "contradicted" if wrong else "supported"
    yield "count", "", match.group() + " " + status.value, outcome, others


def _counted_status(match: re.Match[str], bound: Bound) -> Mention | None:
    inside = match.span(2)
    for status in bound.clause.statuses:
        if inside[0] <= status.start < inside[1]:
            return status
    for status in bound.clause.statuses:
        if status.start >= match.end():
            between = bound.clause.text[match.end() : status.start]
            named = any(
                match.end() <= n.start < status.start for n in bound.clause.names
            )
            return None if named or COUNT.search(between) or "," in between else status
    return None


def _plain_count(match: re.Match[str], stated: int, facts: Facts) -> Found:
    jobs = len({r.id for r in facts.records if r.is_job})
    known = float(stated) in facts.numbers or stated in {jobs, len(facts.records)}
    outcome: Outcome = "supported" if known else "unsupported"
    return "count", "", match.group(), outcome, str(jobs)


def _status_count(
    match: re.Match[str], stated: int, status: Mention, bound: Bound, facts: Facts
) -> Found:
    jobs = not re.search(r"(?i)streams?$", match.group(3))
    possible = _possible_counts(status.value, facts, jobs=jobs)
    listed = sum(len(r) for r in bound.runs if r[0].start >= match.end())
    around = bound.clause.text[: match.start()] + bound.clause.text[match.end() :]
    narrowed = OTHER_SCOPE.search(around) or bound.runs
    outcome: Outcome
    if stated in possible or (stated and stated == listed and not possible):
        outcome = "supported"
    elif narrowed and float(stated) in facts.numbers:
        outcome = "unchecked"
    elif possible:
        outcome = "contradicted"
    else:
        outcome = "unsupported"
    known = ", ".join(map(str, sorted(possible)))
    return "count", "", f"{match.group()} {status.value}", outcome, known


def _possible_counts(stated: str, facts: Facts, *, jobs: bool) -> set[int]:
    """Every number the evidence gives for things in this state."""
    family = FAMILIES.get(stated, frozenset([stated]))
    possible: set[int] = set()
    for table in facts.counts:
        mine = {
            key: n for key, n in table.items() if _names_family(key, stated, family)
        }
        if mine:
            possible |= {sum(mine.values()), *mine.values()}
        elif any(_is_status(key) for key in table):
            possible.add(0)
    rows = [
        r
        for r in facts.records
        if r.is_job == jobs and r.statuses - LINK_STATES and (jobs or "#" in r.id)
    ]
    if rows:
        fitting = {r.id for r in rows if any(fits(stated, s) for s in r.statuses)}
        possible.add(len(fitting))
    return possible


def _is_status(key: str) -> bool:
    return any(key in family for family in FAMILIES.values())


def _names_family(key: str, stated: str, family: frozenset[str]) -> bool:
    return (
        key in family
        or stated.upper() in key
        or (stated == "failed" and ("IN_ERROR" in key or "ABEND" in key))
    )


def stations(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``X runs on WS``: the workstation must be that of X."""
    for name in bound.clause.names:
        before = bound.clause.text[: name.start]
        if not STATION.search(before) or is_unreal(before, len(before)):
            continue
        subjects = [s for s in bound.subject_at(name.start) if s is not name]
        known = {s for r in _records(subjects, facts) for s in r.stations}
        stated = name.value.strip("/").rsplit("/", 1)[-1]
        if not known or not _is_station(stated, facts, known=name.known):
            continue
        outcome: Outcome = "supported" if stated in known else "contradicted"
        yield (
            "workstation",
            _joined(subjects),
            stated,
            outcome,
            ", ".join(sorted(known)),
        )


def _is_station(name: str, facts: Facts, *, known: bool) -> bool:
    return not known or any(name in r.stations for r in facts.records)


def _records(subjects: list[Mention], facts: Facts) -> list[Record]:
    return [r for s in subjects for r in facts.names.get(s.value, ())]


def _joined(subjects: list[Mention]) -> str:
    return ", ".join(s.value for s in subjects)
