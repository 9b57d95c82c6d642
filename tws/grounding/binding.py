"""Decides of which names a clause speaks: who failed, whose return code, whose time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tws.grounding.text import Clause, Mention

NOUN: Final = (
    r"(?:jobs?|job streams?|jobstreams?|streams?|predecessors?|workstations?|agents?|tasks?"
    r"|tarefas?|predecessor(?:a|es)?|estaç(?:ão|ões)|agentes?|prompts?|resources?|recursos?)"
)
ARTICLE: Final = r"(?:the|a|an|o|os|as|um|uma|both|jobs?)"
LISTING: Final = re.compile(
    rf"(?i)^\s*(?:[,/&+]|\band\b|\bor\b|\be\b|\bou\b|\)|{ARTICLE}\b|{NOUN}\b|\s)+$"
)
MODIFIER: Final = re.compile(
    rf"(?i)^\s*\(?\s*(?:on|in|of|at|from|em|no|na|nos|nas|do|da|de|dos|das|within|belonging to)"
    rf"\s+(?:{ARTICLE}\s+)?(?:{NOUN}\s+)*$"
)
ATTRIBUTE: Final = re.compile(rf"(?i)^\s+(?:{NOUN}\s+)?(?:named\s+|called\s+)?$")
BEFORE_ATTRIBUTE: Final = re.compile(
    r"(?i)(?:^|\b(?:the|a|an|by|for|behind|of|has|have|with|on|o|os|as|do|da|dos|das|pelo"
    r"|pela|de|um|uma|tem|com|is|its|its own|first|only|único|única|root)\s)\s*$"
)
PRONOUN: Final = re.compile(
    r"(?i)^\W*(?:and\s+|e\s+)?(?:it|they|this job|that job|both|these|the job|the stream"
    r"|which|who|ele|ela|eles|elas|esse job|este job|o job|ambos|ambas)\b"
)
LATTER: Final = re.compile(
    r"(?i)\b(?:the latter|est[ea] últim[oa]|a última|o último)\b"
)
FORMER: Final = re.compile(r"(?i)\b(?:the former|o primeiro|a primeira)\b")
RESPECTIVELY: Final = re.compile(r"(?i)\brespectiv(?:ely|amente)\b")


@dataclass(slots=True)
class Bound:
    """A clause with its statuses tied to names, and a way to ask for the rest."""

    clause: Clause
    statuses: list[tuple[Mention, list[Mention]]] = field(default_factory=list)
    runs: list[list[Mention]] = field(default_factory=list)
    carried: list[Mention] = field(default_factory=list)

    def subject_at(self, position: int) -> list[Mention]:
        """The names that a value standing at ``position`` belongs to."""
        before = [run for run in self.runs if run[-1].end <= position]
        text = self.clause.text[:position]
        if before and LATTER.search(text):
            return before[-1][-1:]
        if before and FORMER.search(text):
            return before[-1][:1]
        if before:
            return before[-1]
        if self.runs and not PRONOUN.match(self.clause.text):
            return self.runs[0]
        return self.carried

    @property
    def last_subjects(self) -> list[Mention]:
        """What a pronoun in the next clause stands for."""
        if self.statuses and self.statuses[0][1]:
            return self.statuses[0][1]
        return self.runs[0] if self.runs else []


def bind(clauses: Iterable[Clause]) -> Iterator[Bound]:
    """Tie each clause's statuses to names, carrying subjects and headings along."""
    carried: list[Mention] = []
    nearest: list[Mention] = []
    heading: list[Mention] = []
    for clause in clauses:
        bound = Bound(
            clause, runs=_runs(clause), carried=nearest if clause.relative else carried
        )
        if not clause.item:
            heading = []
        bound.statuses = _pairs(bound)
        if clause.item and heading and not clause.statuses and bound.runs:
            bound.statuses = [(status, bound.runs[0]) for status in heading]
        if clause.heading and not clause.names:
            heading = clause.statuses
        carried = bound.last_subjects or carried
        nearest = bound.runs[-1] if bound.runs else nearest
        yield bound


def _runs(clause: Clause) -> list[list[Mention]]:
    """The names in order, those of one list together, ``on X`` left out."""
    runs: list[list[Mention]] = []
    previous: Mention | None = None
    for mention in clause.mentions:
        if mention.kind == "status":
            previous = None
            continue
        gap = clause.text[previous.end : mention.start] if previous else ""
        if previous is not None and MODIFIER.match(gap):
            previous = mention
            continue
        if previous is not None and LISTING.match(gap):
            runs[-1].append(mention)
        else:
            runs.append([mention])
        previous = mention
    return runs


def _pairs(bound: Bound) -> list[tuple[Mention, list[Mention]]]:
    statuses = bound.clause.statuses
    if (
        len(bound.runs) == 1
        and len(statuses) == len(bound.runs[0]) > 1
        and RESPECTIVELY.search(bound.clause.text)
    ):
        return [(s, [n]) for s, n in zip(statuses, bound.runs[0], strict=True)]
    return [(status, _subjects(status, bound)) for status in statuses]


def _subjects(status: Mention, bound: Bound) -> list[Mention]:
    text = bound.clause.text
    before = [run for run in bound.runs if run[-1].end <= status.start]
    after = [run for run in bound.runs if run[0].start >= status.end]
    if after and _is_attribute(status, after[0][0], text):
        return after[0]
    if before:
        return bound.subject_at(status.start)
    if PRONOUN.match(text) or not bound.clause.first:
        return bound.carried
    if after and _introduces(text[status.end : after[0][0].start]):
        return after[0]
    return []


def _is_attribute(status: Mention, name: Mention, text: str) -> bool:
    """``the failed job X``: the status describes what follows."""
    return bool(
        ATTRIBUTE.match(text[status.end : name.start])
        and BEFORE_ATTRIBUTE.search(text[: status.start])
    )


def _introduces(gap: str) -> bool:
    """``Jobs in ABEND: X``, ``failure of X``, ``failed jobs are X``."""
    return not re.search(
        r"(?i)\b(?:for|by|because|behind|until|por|pelo|pela|até|after|before|and|e)\b",
        gap,
    )
