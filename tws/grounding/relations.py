"""Where a thing runs, what comes before and after it, and who holds what."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding.binding import RESPECTIVELY, Bound
from tws.grounding.facts import Facts, Record, bare
from tws.grounding.found import Found, Outcome, listed
from tws.grounding.lexicon import fits, same_matter
from tws.grounding.numbers import NUMBER
from tws.grounding.reality import is_unreal
from tws.grounding.text import Mention

STATION: Final = re.compile(
    r"(?i)(?:\b(?:on|at|em|no|na|workstation|agent|estação|agente|belongs? to|cpu)\b[\s:=]+"
    r"(?:the\s+|workstation\s+|agent\s+|estação\s+|agente\s+)*)$"
)
STREAM: Final = re.compile(
    r"(?i)(?:\b(?:in|of|em|na|no|da|do|belongs? to|stream|job stream|jobstream)\b[\s:=]+"
    r"(?:the\s+|job\s+|stream\s+|a\s+)*)$"
)
BRACKET: Final = re.compile(
    r"(?i)^\(\s*(?:(?:job\s+)?stream\s|workstation\s|estação\s|on\s|na\s|em\s)?\s*$"
)
WITH_PREPOSITION: Final = re.compile(
    r"(?i)\b(?:on|at|via|em|no|na|in|of|da|do)\s+(?:\w+\s+){0,2}$"
)
COUNTED: Final = re.compile(
    rf"(?i)(?:(?:^|[,:;(]\s*|\b(?:and|e)\s+){NUMBER}|\bjobs?)\s+(?:in|on|of|em|na|no|da|do)\s+$"
)
STATION_FIRST: Final = re.compile(
    r"(?i)^\s+(?:runs?|hosts?|executa|roda|hospeda)\s+(?:the\s+|jobs?\s+|o\s+|os\s+)*$"
)
AFTER: Final = re.compile(
    r"(?i)\b(?:wait(?:s|ing)?\s+(?:for|on|behind|until)|queued behind|depends? (?:directly )?on"
    r"|follows|comes? after|runs? after|starts? after|behind|successor of|aguarda(?:ndo|m)?"
    r"|espera(?:ndo|m)?(?: pel[oa])?|depende[m]? d[eoa]|(?:roda|vem|inicia) depois d[eoa]"
    r"|atrás d[eoa]|sucessor d[eoa])\b"
)
BEFORE: Final = re.compile(
    r"(?i)\b(?:comes? before|runs? before|starts? before|(?:directly )?blocks|precedes"
    r"|predecessor of|(?:roda|vem|inicia) antes d[eoa]|bloqueia[m]?|precede)\b"
)
HIS: Final = re.compile(
    r"(?i)(?:\b(?:its|their|seu|sua|o|a|the|whose)\s+(?:own\s+)?(?:(?:direct|immediate)\s+)?)"
    r"(?P<kind>predecessor(?:es|s|a)?|successors?|sucessor(?:es)?)(?:\s+job)?[\s,:(]*$"
)
ITSELF: Final = re.compile(
    r"(?i)\b(?P<verb>(?:runs?|comes?|starts?) (?:after|before)|follows|precedes"
    r"|(?:roda|vem|inicia) (?:depois|antes) d)\s*(?:it|ele|ela|dele|dela|el[ea])\b"
)
HELD_BY: Final = re.compile(
    r"(?i)\b(?:held by|used by|taken by|occupied by|in use by|locked by|ocupad[oa]s? pel[oa]"
    r"|em uso pel[oa]|usad[oa]s? pel[oa]|pres[oa]s? pel[oa]|retid[oa]s? pel[oa]"
    r"|(?:holder|detentor) (?:is|are|é|são)|(?:segura|ocupa) (?:as?|os?|ambas)\b[^.;,]{0,30}?\bé)\b[\s:]*"
    r"(?:(?:the|job|stream|job stream|o|a)\s+)*$"
)
HOLDS: Final = re.compile(
    r"(?i)^\s+(?:is|are|está)?\s*(?:currently\s+)?(?:holds?|holding|occup(?:ies|ying|y)|locks?"
    r"|segura|ocupa(?:ndo)?|has to release|precisa liberar)\b"
)
NOTHING: Final = re.compile(r"(?i)\b(?:nothing|none|no|nada|nenhum\w*|not|não)\b|n't\b")
TAIL: Final = re.compile(r"^\s+$")
OCCUPIED: Final = re.compile(r"(?i)\b(?:occup|ocup)\w+\b")
WAITS_ON_IT: Final = re.compile(
    r"(?i)^\s+(?:is|está)\s+(?:queued|waiting|na fila|aguardando)\s+(?:for|por|pel[oa])\s+(?:it|ele|ela)\b"
)


def places(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``X runs on WS``, ``X (STREAM)``: the place must be that of X."""
    text = bound.clause.text
    for name in bound.clause.names:
        before = text[: name.start]
        if is_unreal(before, len(before)) or COUNTED.search(before):
            continue
        for kind, pattern in (("workstation", STATION), ("stream", STREAM)):
            if pattern.search(before) or _in_brackets(name, bound):
                yield from _place(kind, name, bound, facts)
    yield from _inventory(bound, facts)


def _in_brackets(name: Mention, bound: Bound) -> bool:
    text = bound.clause.text
    opened = text.rfind("(", 0, name.start)
    if opened < 0 or ")" in text[opened : name.start]:
        return False
    before = [n for n in bound.clause.names if n.end <= opened]
    if not before or text[before[-1].end : opened].strip():
        return False
    inside = text[opened : name.start]
    for other in bound.clause.names:
        if opened <= other.start < name.start:
            inside = inside.replace(text[other.start : other.end], "")
    return bool(BRACKET.match(inside.replace(",", "").rstrip() + " "))


def _place(kind: str, name: Mention, bound: Bound, facts: Facts) -> Iterator[Found]:
    stated = bare(name.value)
    if _in_brackets(name, bound):
        opened = bound.clause.text.rfind("(", 0, name.start)
        subjects = [n for n in bound.clause.names if n.end <= opened][-1:]
    else:
        subjects = [s for s in _placed(name, bound, facts) if s is not name]
    own = facts.of(s.value for s in subjects)
    mine = _own_places(kind, own)
    everywhere, streams = facts.everywhere, facts.streams
    if not mine or not own:
        return
    is_place = stated in (everywhere if kind == "workstation" else streams)
    is_other = stated in (streams if kind == "workstation" else everywhere)
    if is_other and not is_place:
        return
    if not is_place and (name.known or kind == "stream"):
        return
    each = [_own_places(kind, facts.of([s.value])) for s in subjects]
    fitting = [stated in theirs for theirs in each if theirs]
    if RESPECTIVELY.search(bound.clause.text):
        fitting = _by_position(name, subjects, bound, each)
    outcome: Outcome = "supported" if all(fitting) else "contradicted"
    names = ", ".join(s.value for s in subjects)
    yield Found(kind, names, stated, outcome, listed(mine))


def _own_places(kind: str, records: list[Record]) -> set[str]:
    return {
        p for r in records for p in (r.stations if kind == "workstation" else r.streams)
    }


def _by_position(
    name: Mention, subjects: list[Mention], bound: Bound, each: list[set[str]]
) -> list[bool]:
    """``A and B, on X and Y respectively``."""
    run = next((r for r in bound.runs if name in r), [name])
    at = run.index(name)
    if len(run) != len(subjects) or not each[at]:
        return []
    return [bare(name.value) in each[at]]


def _placed(name: Mention, bound: Bound, facts: Facts) -> list[Mention]:
    """Whose place the name is: that of the names before it in its list."""
    text = bound.clause.text[: name.start]
    if bound.clause.labelled:
        return bound.carried
    before = [n for r in bound.runs for n in r if n.end <= name.start]
    if not before:
        return bound.carried if WITH_PREPOSITION.search(text) else []
    jobs = [n for n in before if any(r.is_job for r in facts.names.get(n.value, ()))]
    if not jobs or name in before:
        return []
    run = next(r for r in reversed(bound.runs) if jobs[-1] in r)
    return run[:1] if bound.clause.row else [n for n in run if n in jobs]


def _inventory(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``WS runs A and B``."""
    everywhere = facts.everywhere
    for run, jobs in zip(bound.runs, bound.runs[1:], strict=False):
        gap = bound.clause.text[run[-1].end : jobs[0].start]
        if bare(run[-1].value) not in everywhere or not STATION_FIRST.match(gap):
            continue
        for job in jobs:
            mine = {p for r in facts.of([job.value]) for p in r.stations}
            if mine:
                is_there = bare(run[-1].value) in mine
                yield Found(
                    "workstation",
                    job.value,
                    run[-1].value,
                    "supported" if is_there else "contradicted",
                    listed(mine),
                )


def order(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``B waits for A``, ``its successor B``: who comes first must come first."""
    text = bound.clause.text
    for earlier, later, words in _ordered(bound):
        if earlier == later or is_unreal(text, words[0]):
            continue
        if facts.precedes(earlier, later):
            outcome: Outcome = "supported"
        elif facts.precedes(later, earlier):
            outcome = "contradicted"
        elif _left_out(earlier, later, facts):
            outcome = "unsupported"
        else:
            continue
        yield Found("order", later, f"after {earlier}", outcome)


def _left_out(earlier: str, later: str, facts: Facts) -> bool:
    """The evidence lists all that comes after (or before) the one, not the other."""
    for table, owner, other in (
        (facts.listed_after, earlier, later),
        (facts.listed_before, later, earlier),
    ):
        wanted = facts.ids(other) | {other}
        is_job = any(r.is_job for r in facts.of([other])) or other not in facts.names
        for i in facts.ids(owner):
            if is_job and i in table and table[i] and not wanted & table[i]:
                return True
    return False


def _ordered(bound: Bound) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Earlier, later, and where the text says so."""
    text = bound.clause.text
    for here, there in zip(bound.runs, bound.runs[1:], strict=False):
        gap_start, gap_end = here[-1].end, there[0].start
        gap = text[gap_start:gap_end]
        span = (gap_start, gap_end)
        if len(gap) > 80:
            continue
        if is_unreal(text, gap_end - 1):
            continue
        if his := HIS.search(gap):
            first = his["kind"].lower().startswith("pre")
            one, two = (
                (there[0].value, here[-1].value)
                if first
                else (here[-1].value, there[0].value)
            )
            yield one, two, span
        elif AFTER.search(gap) and not BEFORE.search(gap):
            yield from ((b.value, a.value, span) for a in here for b in there)
        elif BEFORE.search(gap):
            yield from ((a.value, b.value, span) for a in here for b in there)
    yield from _with_pronoun(bound)


def _beside(bound: Bound) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """``which runs after X``; ``two jobs wait for X: A and B``."""
    text = bound.clause.text
    if not bound.runs:
        return
    run = bound.runs[0]
    before, span = text[: run[0].start], (0, run[0].start)
    listed = bound.listed_after(run[-1].end)
    for pattern, is_after in ((AFTER, True), (BEFORE, False)):
        if not TAIL.sub("", before) or not pattern.search(before):
            continue
        subjects = listed or (bound.carried if bound.clause.relative else [])
        for mine in subjects:
            for other in run:
                pair = (other.value, mine.value)
                yield (*(pair if is_after else pair[::-1]), span)
        return


def _with_pronoun(bound: Bound) -> Iterator[tuple[str, str, tuple[int, int]]]:
    text = bound.clause.text
    first = bound.runs[0][0] if bound.runs else None
    if first is not None and bound.carried and bound.carried[0].value != first.value:
        his = HIS.search(text[: first.start])
        if his and len(bound.carried) == 1:
            other = bound.carried[0].value
            pre = his["kind"].lower().startswith("pre")
            yield (first.value, other, (0, 0)) if pre else (other, first.value, (0, 0))
    yield from _beside(bound)
    match = ITSELF.search(text)
    if not match or NOTHING.search(text[: match.start()]):
        return
    before = [run for run in bound.runs if run[-1].end <= match.start()]
    me = before[-1] if before else bound.carried
    others = bound.carried if before else bound.topic
    is_after = bool(re.search(r"(?i)after|follows|depois", match["verb"]))
    for name in me:
        for against in others:
            if name.value != against.value:
                pair = (against.value, name.value)
                yield (*(pair if is_after else pair[::-1]), match.span())


def holding(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``R is held by X``, ``X holds R``, ``X is holding``."""
    text = bound.clause.text
    for name in bound.clause.names:
        if HELD_BY.search(text[: name.start]) or HOLDS.match(text[name.end :]):
            yield from _holder(name, bound, facts)
        if WAITS_ON_IT.match(text[name.end :]):
            yield from _waiter(name, bound, facts)


def _holder(name: Mention, bound: Bound, facts: Facts) -> Iterator[Found]:
    others = [n.value for n in bound.clause.names if n is not name]
    others += [m.value for m in (*bound.carried, *bound.topic)]
    known: set[str] = set()
    for other in others:
        mine = set().union(*(facts.holders.get(i, set()) for i in facts.ids(other)))
        if mine:
            known = mine
            break
    speaks_of_stock = known or re.search(
        r"(?i)\b(?:resource|recurso|units?|unidades?|slots?|lock)\b", bound.clause.text
    )
    if not known and speaks_of_stock:
        known = set().union(*facts.holders.values())
    if is_unreal(bound.clause.text, name.start):
        return
    if not known:
        yield from _occupier(name, bound, facts)
        return
    streams = {p for r in facts.of(known) for p in (r.id, *r.streams)}
    is_holder = name.value in known or bare(name.value) in streams
    outcome: Outcome = "supported" if is_holder else "contradicted"
    yield Found(
        "holder", "", name.value, outcome, listed({k for k in known if "/" not in k})
    )


def _occupier(name: Mention, bound: Bound, facts: Facts) -> Iterator[Found]:
    """Only what runs takes up a limit."""
    if not OCCUPIED.search(bound.clause.text):
        return
    recorded = {
        s
        for r in facts.of([name.value])
        if r.is_job
        for s in same_matter("running", r.statuses)
    }
    if recorded and not any(fits("running", s) for s in recorded):
        yield Found("holder", "", name.value, "contradicted", listed(recorded))


def _waiter(name: Mention, bound: Bound, facts: Facts) -> Iterator[Found]:
    """Who holds a resource does not wait for it."""
    for other in bound.carried:
        for i in facts.ids(other.value):
            if name.value in facts.holders.get(i, set()):
                yield Found(
                    "holder", other.value, name.value, "contradicted", "holds it"
                )
