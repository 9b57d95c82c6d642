"""Decides of which names a clause speaks: who failed, whose return code, whose time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tws.grounding.lexicon import LINK_FAMILIES, LINK_STATES
from tws.grounding.numbers import NUMBER, value
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
    r"(?i)^\s*\($|"
    rf"^\s*\(\s*(?:{NOUN}\s+)+$|"
    rf"^\s*\(?\s*(?:on|in|of|at|from|em|no|na|nos|nas|do|da|de|dos|das|within|belonging to)"
    rf"\s+(?:{ARTICLE}\s+)?(?:{NOUN}\s+)*$"
)
ATTRIBUTE: Final = re.compile(rf"(?i)^\s+(?:{NOUN}\s+)?(?:named\s+|called\s+)?$")
BEFORE_ATTRIBUTE: Final = re.compile(
    r"(?i)(?:^|\b(?:the|a|an|by|for|behind|of|has|have|with|on|o|os|as|do|da|dos|das|pelo"
    r"|pela|de|um|uma|tem|com|is|its|its own|first|only|único|única|root)\s)\s*$"
)
PRONOUN: Final = re.compile(
    rf"(?i)^\W*(?:and\s+|e\s+)?(?:it|they|this job|that job|both|these|the job|the stream"
    rf"|which|who|ele|ela|eles|elas|esse job|este job|o job|ambos|ambas|all (?:of them|{NUMBER}) are"
    rf"|todos? (?:estão|{NUMBER}))\b"
)
LATTER: Final = re.compile(
    r"(?i)\b(?:the latter|est[ea] últim[oa]|a última|o último)\b"
)
FORMER: Final = re.compile(r"(?i)\b(?:the former|o primeiro|a primeira)\b")
RESPECTIVELY: Final = re.compile(r"(?i)\brespectiv(?:ely|amente)\b")
# "its log claims success": the word tells of the log, not of the job.
POSSESSED: Final = re.compile(
    r"(?i)\b(?:its|their|his|seus?|suas?)\s+(?!own\b|(?:\w+ )?(?:status|state|estado|return|código)\b)(?:\w+\s+){1,3}$"
    r"|\b(?:log|output|saída)\b(?:\s+\w+){0,2}\s*$"
)
THESE: Final = re.compile(
    rf"(?i)^\W*(?:all|both|todos?|todas?|ambos|ambas|as|os)(?:\s+(?:of\s+)?(?:them|these|eles|elas))?"
    rf"(?:\s+({NUMBER}))?\s+(?:of them\s+)?(?:jobs\s+)?(?:is|are|were|have|had|est[aã]\w*|fica\w*|são)\b"
)
# "the first job of PAYROLL": the stream is not what is spoken of.
OWNED: Final = re.compile(
    r"(?i)\b(?:jobs?|members?|tarefas?)\s+(?:of|in|on|do|da|de|no|na)\s+(?:\w+\s+){0,2}$"
)
POSSESSOR: Final = re.compile(
    r"(?i)^\W*(?:\w+\s+)?(?:their|os seus|as suas|seus|suas)\s+\w+"
)
# "the job that abended is X", "quem falhou foi o X"
CLEFT_BEFORE: Final = re.compile(
    r"(?i)(?:\b(?:that|which|who|quem|que|job|one|only|um|ones|jobs)\b)"
    r"(?:\s+(?:has|have|had|is|are|was|were|está|estão|foi))*\s*$"
)
CLEFT_AFTER: Final = re.compile(
    r"(?i)^(?:\s+(?:state|status|jobs?))?\s*,?\s*(?:is|are|was|were|é|são|foi|foram)\s+"
    r"(?:(?:the|o|a|os|as|job)\s+)*$"
)
OPENS_LIST: Final = re.compile(
    rf"(?i)^\s*(?:\(\d+\)\s*)?[(:—–-]+\s*(?:{ARTICLE}\s+)*(?:{NOUN}\s+)?$"
)
SEGMENT_END: Final = re.compile(r"[,;()]|\s(?:and|e)\s|\s[—–-]\s")


WHERE: Final = re.compile(
    rf"(?i)(?:\(|\b(?:on|in|at|of|from|em|na|no|da|do|de)\s+(?:{ARTICLE}\s+)?(?:{NOUN}\s+)*)$"
)
GOES_ON: Final = re.compile(r"(?i)\W*\w+(?:ou|eu|iu)\b")
LONGEST_GAP: Final = 60


@dataclass(slots=True)
class Bound:
    """A clause with its statuses tied to names, and a way to ask for the rest."""

    clause: Clause
    statuses: list[tuple[Mention, list[Mention]]] = field(default_factory=list)
    runs: list[list[Mention]] = field(default_factory=list)
    carried: list[Mention] = field(default_factory=list)
    topic: list[Mention] = field(default_factory=list)  # what was spoken of before

    def subject_at(self, position: int, *, of_job: bool = True) -> list[Mention]:
        """The names that a value standing at ``position`` belongs to."""
        if self.clause.labelled:
            return self.carried
        if self.clause.row and self.runs:
            return self.runs[0][:1]
        before = [run for run in self.runs if run[-1].end <= position]
        jobs = [run for run in before if not self._is_where(run)]
        if before:
            return self._chosen((of_job and jobs) or before, position)
        if self.runs and not PRONOUN.match(self.clause.text):
            return self.runs[0]
        return [] if POSSESSOR.match(self.clause.text) else self.carried

    def _is_where(self, run: list[Mention]) -> bool:
        """``on WS``, ``(STREAM)``: it says where something is."""
        text = self.clause.text[: run[0].start]
        return all(name.place for name in run) and bool(WHERE.search(text))

    def _chosen(self, runs: list[list[Mention]], position: int) -> list[Mention]:
        text = self.clause.text[:position]
        if LATTER.search(text):
            return runs[-1][-1:]
        return runs[-1][:1] if FORMER.search(text) else runs[-1]

    def listed_after(self, position: int) -> list[Mention]:
        """The names that a word standing before ``position`` introduces."""
        after = [run for run in self.runs if run[0].start >= position]
        if not after:
            return []
        gap = self.clause.text[position : after[0][0].start]
        return after[0] if OPENS_LIST.match(gap) or gap.strip() == "," else []

    def shown_after(self, position: int) -> list[Mention]:
        """The names of which a number before ``position`` is the number."""
        listed = self.listed_after(position)
        if listed:
            return listed
        for run in self.runs:
            gap = self.clause.text[position : run[0].start]
            if run[0].start >= position and re.match(r"^[^.;:]{0,80}:\s*$", gap):
                return run
        return []

    @property
    def last_subjects(self) -> list[Mention]:
        """What a pronoun in the next clause stands for."""
        if self.statuses and self.statuses[0][1]:
            return self.statuses[0][1]
        return self.runs[0] if self.runs else []


@dataclass(slots=True)
class _Told:
    """What the clauses so far were about."""

    carried: list[Mention]
    nearest: list[Mention]
    previous: list[Mention]
    heading: list[Mention] = field(default_factory=list)
    group: list[Mention] = field(default_factory=list)  # the names last told together

    def bound(self, clause: Clause) -> Bound:
        these = THESE.match(clause.text)
        if these and len(self.group) > 1:
            number = these.group(1)
            if not number or value(number) == len(self.group):
                self.carried = self.group
        about = self.nearest if clause.relative else self.carried
        return Bound(clause, runs=_runs(clause), carried=about, topic=self.previous)

    def under_heading(self, bound: Bound) -> None:
        """An item of a list is in the state that the line above the list names."""
        clause = bound.clause
        if not clause.item:
            self.heading = []
        if clause.item and self.heading and not clause.statuses and bound.runs:
            bound.statuses = [(status, bound.runs[0]) for status in self.heading]
        if clause.heading and not clause.names:
            self.heading = clause.statuses

    def go_on(self, bound: Bound) -> None:
        subjects = bound.last_subjects or self.carried
        if [m.value for m in subjects] != [m.value for m in self.carried]:
            self.previous = self.carried
        self.carried = subjects
        if bound.runs:
            self.nearest = bound.runs[-1]
            self.group = max([self.group, *bound.runs], key=len)


def bind(clauses: Iterable[Clause], asked: list[Mention]) -> Iterator[Bound]:
    """Tie each clause's statuses to names, carrying subjects and headings along.

    Args:
        clauses: of the answer, in order.
        asked: the names in the question: what an answer speaks of at first.
    """
    told = _Told(asked[:1], asked[:1], asked[:1])
    for clause in clauses:
        bound = told.bound(clause)
        if not clause.command:
            bound.statuses = _pairs(bound)
            told.under_heading(bound)
            if not clause.labelled:
                told.go_on(bound)
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
        if previous is None and _is_owner(mention, clause):
            continue
        if len(gap) > LONGEST_GAP:
            previous = None
        if previous is not None and MODIFIER.match(gap):
            previous = mention
            continue
        if previous is not None and LISTING.match(gap):
            runs[-1].append(mention)
        else:
            runs.append([mention])
        previous = mention
    return runs


def _is_owner(name: Mention, clause: Clause) -> bool:
    is_alone = len(clause.names) == 1
    return name.place and not is_alone and bool(OWNED.search(clause.text[: name.start]))


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
    if bound.clause.labelled:
        return bound.carried
    before = [run for run in bound.runs if run[-1].end <= status.start]
    after = [run for run in bound.runs if run[0].start >= status.end]
    if after and _points_on(status, after[0][0], before, text):
        return after[0]
    since = before[-1][-1].end if before else 0
    if POSSESSED.search(text[since : status.start]):
        return []
    if before:
        of_job = status.value not in LINK_FAMILIES | LINK_STATES
        return bound.subject_at(status.start, of_job=of_job)
    return _without_subject(status, after, bound)


def _without_subject(
    status: Mention, after: list[list[Mention]], bound: Bound
) -> list[Mention]:
    """Of what a status tells before which no name stands."""
    text = bound.clause.text
    if PRONOUN.match(text) or not bound.clause.first:
        return bound.carried
    if after:
        gap = text[status.end : after[0][0].start]
        return after[0] if _introduces(gap) else []
    # "Terminou às 02:10.": the sentence goes on about the last one.
    return bound.carried if GOES_ON.match(text) else []


def _points_on(
    status: Mention, name: Mention, before: list[list[Mention]], text: str
) -> bool:
    """Whether the status tells of the name behind it."""
    gap = text[status.end : name.start]
    if _is_attribute(status, name, text):
        return True
    if CLEFT_AFTER.match(gap) and CLEFT_BEFORE.search(text[: status.start]):
        return True
    if not OPENS_LIST.match(gap):
        return False
    ends = [m.end() for m in SEGMENT_END.finditer(text, 0, status.start)]
    begin = ends[-1] if ends else 0
    return not any(run[-1].end > begin for run in before)


def _is_attribute(status: Mention, name: Mention, text: str) -> bool:
    """``the failed job X``: the status describes what follows."""
    return bool(
        ATTRIBUTE.match(text[status.end : name.start])
        and BEFORE_ATTRIBUTE.search(text[: status.start])
    )


def _introduces(gap: str) -> bool:
    """``Jobs in ABEND: X``, ``failure of X``, ``failed jobs are X``."""
    return not re.search(
        r"(?i)\b(?:for|by|because|behind|until|por|pelo|pela|até|after|before|and|e|since)\b",
        gap,
    )
