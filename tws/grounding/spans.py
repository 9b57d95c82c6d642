"""Durations in a clause: run times, estimates, delays, ages."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding.amounts import amounts
from tws.grounding.binding import Bound
from tws.grounding.facts import Facts, Record
from tws.grounding.found import Found, Outcome
from tws.grounding.reality import is_supposed, is_unreal

RAN: Final = re.compile(
    r"(?i)\b(?:running|ran|run|runs|elapsed|took|takes|duration|lasted|executing|executando"
    r"|rodando|roda|rodou|execução|durou|levou|duração|for|há|after|após|depois)\b"
)
ESTIMATE: Final = re.compile(
    r"(?i)\b(?:estimat\w*|estimad\w*|estimativ\w*|expected|previst\w*)\b"
)
LATE: Final = re.compile(
    r"(?i)\b(?:late|overdue|delay\w*|past|miss\w*|atras\w*|além|perd\w*|too late)\b"
)
BETWEEN: Final = re.compile(
    r"(?i)\b(?:after|before|later|earlier|between|depois|antes|após|entre|apart)\b"
)
NEAR: Final = 28


def durations(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``83 minutes``, ``1 h 20 min``; rounding to the stated unit is allowed."""
    text = bound.clause.text
    for start, stated, slack, words in amounts(text):
        records = facts.of(s.value for s in bound.subject_at(start))
        strict = _strict(text, start, start + len(words), records)
        if is_unreal(text, start):
            strict = set()
        known = strict | facts.near_told if strict else _pool(bound, records, facts)
        if any(abs(d - stated) <= slack for d in known):
            outcome: Outcome = "supported"
        else:
            outcome = "contradicted" if strict else "unsupported"
            if is_supposed(text, start):
                outcome = "unchecked"
        shown = ", ".join(f"{d:g} s" for d in sorted(strict)[:5])
        yield Found("duration", "", words, outcome, shown)


def _strict(text: str, start: int, end: int, records: list[Record]) -> set[float]:
    """The durations among which this one must be, where the text says of what it is."""
    before = re.split(r"[;()|]", text[max(0, start - NEAR) : start])[-1]
    after = re.split(r"[;()|,]", text[end : end + 12])[0]
    if ESTIMATE.search(before) or ESTIMATE.search(after):
        return {d for r in records for d in r.estimates}
    if LATE.search(before) or LATE.search(after):
        return {d for r in records for d in r.delays}
    if RAN.search(text):
        return set().union(*(r.lengths for r in records))
    return set()


def _pool(bound: Bound, records: list[Record], facts: Facts) -> set[float]:
    known = facts.near_lengths | facts.near_told
    if not facts.near:
        known |= facts.durations
    if BETWEEN.search(bound.clause.text):
        known |= facts.near_apart
    return known.union(*(r.lengths for r in records))
