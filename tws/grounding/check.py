"""Compares what an answer states with what the evidence records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tws.grounding.binding import Bound, bind
from tws.grounding.codes import codes, figures
from tws.grounding.counting import counted
from tws.grounding.facts import Facts, Record
from tws.grounding.found import Found, Outcome
from tws.grounding.lexicon import PUBLIC_WORDS, fits, same_matter
from tws.grounding.quantities import quantities
from tws.grounding.reading import read
from tws.grounding.relations import holding, order, places
from tws.grounding.spans import durations
from tws.grounding.text import FILE, MESSAGE_CODE, Mention, clauses, mentions
from tws.grounding.times import times

READERS: Final = (codes, figures, times, durations, quantities, places, order, holding)
OF_COMMANDS: Final = (quantities,)
LONGEST_QUOTE: Final = 300
LONGEST_QUESTION: Final = 10_000


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about the plan and what the evidence says of it."""

    kind: str  # name, status, return_code, workstation, time, duration, count, …
    subject: str
    stated: str
    outcome: Outcome
    found: str = ""
    text: str = ""

    def as_dict(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "subject": self.subject,
            "stated": self.stated,
            "outcome": self.outcome,
            "found": self.found,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Grounding:
    """All checked statements of an answer.

    ``contradicted``: the evidence says otherwise. ``unsupported``: nothing in the
    evidence bears it out. What is in neither is true, or could not be checked.
    """

    claims: list[Claim]

    @property
    def contradicted(self) -> list[Claim]:
        return [c for c in self.claims if c.outcome == "contradicted"]

    @property
    def unsupported(self) -> list[Claim]:
        return [c for c in self.claims if c.outcome == "unsupported"]

    @property
    def supported(self) -> list[Claim]:
        return [c for c in self.claims if c.outcome == "supported"]

    def as_dict(self) -> dict[str, Any]:
        return {
            "supported": len(self.supported),
            "unsupported": len(self.unsupported),
            "contradicted": len(self.contradicted),
            "claims": [c.as_dict() for c in self.claims if c.outcome != "unchecked"],
        }


def check(
    answer: str, evidence: Sequence[dict[str, Any]], question: str = ""
) -> Grounding:
    """Check every statement about the plan that can be checked without a model.

    Names, statuses, return codes, workstations, clock times, durations, counts,
    quantities, order and holders, in English and Portuguese. Advice, causes and
    omissions are not checked.

    Args:
        answer: what was told to the operator; Markdown is read as text.
        evidence: tool results or any JSON-like dicts; call arguments do not count.
        question: names in it are no inventions of the answer.
    """
    facts = read(evidence)
    spoken = list(clauses(answer, facts))
    asked = [
        m
        for m in mentions(question[:LONGEST_QUESTION], facts)
        if m.kind == "name" and m.known
    ]
    names = dict.fromkeys(m.value for m in asked)
    names |= dict.fromkeys(m.value for c in spoken for m in c.names if m.known)
    facts.look_at(names)
    found: dict[Claim, None] = {}
    for bound in bind(spoken, asked):
        found |= dict.fromkeys(_claims(bound, facts, question))
    return Grounding(list(found))


def _claims(bound: Bound, facts: Facts, question: str) -> Iterator[Claim]:
    text = bound.clause.text[:LONGEST_QUOTE]
    for name in bound.clause.names:
        if not name.known:
            yield _unknown_name(name, facts, question, text)
    told: list[Found] = []
    if not bound.clause.command:
        told, by_counting = counted(bound, facts)
        yield from _statuses(bound, facts, text, by_counting)
    for reader in OF_COMMANDS if bound.clause.command else READERS:
        told.extend(reader(bound, facts))
    for found in told:
        yield Claim(*found, text=text)


def _unknown_name(name: Mention, facts: Facts, question: str, text: str) -> Claim:
    kind = "code" if MESSAGE_CODE.match(name.value) else "name"
    borne_out = facts.mentions(name.value) or name.value in question.upper()
    if FILE.match(name.value.lower()) and "/" not in facts.text:
        borne_out = True
    outcome: Outcome = "supported" if borne_out else "unsupported"
    return Claim(kind, name.value, name.value, outcome, text=text)


def _statuses(
    bound: Bound, facts: Facts, text: str, by_counting: list[Mention]
) -> Iterator[Claim]:
    for status, told_of in bound.statuses:
        subjects = told_of
        if status in by_counting:
            subjects = bound.listed_after(status.end)
        if status.unreal:
            continue
        for subject in subjects:
            outcome, found = _compare(status, facts.names.get(subject.value, []))
            if _is_absent(subject, facts) and not (
                status.negated or status.value == "missing"
            ):
                outcome = "unsupported"
            stated = f"not {status.value}" if status.negated else status.value
            yield Claim("status", subject.value, stated, outcome, found, text)


def _is_absent(name: Mention, facts: Facts) -> bool:
    return name.value not in facts.names and facts.denies(name.value)


def _compare(status: Mention, records: list[Record]) -> tuple[Outcome, str]:
    recorded = [same_matter(status.value, r.statuses) for r in records]
    recorded = [r for r in recorded if r]
    if not recorded:
        return "unchecked", ""
    found = ", ".join(sorted(set().union(*recorded)))
    fitting = [
        any(fits(status.value, s) for s in _comparable(status, r)) for r in recorded
    ]
    if status.negated:
        return ("contradicted" if all(fitting) else "supported"), found
    return ("supported" if any(fitting) else "contradicted"), found


def _comparable(status: Mention, recorded: set[str]) -> set[str]:
    """An exact vendor word is held against the vendor status, not its public group."""
    exact = recorded - PUBLIC_WORDS
    is_exact = status.value.isupper() and status.value not in PUBLIC_WORDS
    return exact if exact and is_exact else recorded
