"""What can be said of an answer without a model, by its own evidence; pure.

The evidence may hold anything that a job wrote into its log, also a text that speaks to
the judge. Such a text can accuse, but nothing that it brings about can acquit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from audit.subject import Subject
from audit.verdict import Verdict
from tws.grounding import Claim, check

CHECKS = "checks/2"  # who judged, where no model did; a new rule is a new number
CONTRADICTED = 0.95
UNSUPPORTED = 0.60
MOST_CITED = 5
LONGEST_QUOTE = 200
DEEPEST = 20

_SPEAKS_TO_JUDGE = re.compile(
    r"""
    is_incorrect
    | \b(?:ignore|disregard|forget|override|ignore[ms]?|desconsidere|esqueça)\b
      .{0,40}\b(?:instructions?|prompts?|rules?|instruç(?:ão|ões)|regras?)\b
    | \b(?:you\s+are|act\s+as|você\s+é)\s+(?:now\s+)?(?:a|an|the|o|um)?\s*
      (?:judge|auditor|juiz|auditora?)\b
    | \b(?:mark|rate|judge|consider|declare|marque|considere)\b.{0,40}
      \b(?:answer|response|resposta)\b.{0,20}\b(?:correct|right|true|corret[ao]|cert[ao])\b
    """,
    re.I | re.S | re.X,
)


def check_first(subject: Subject) -> Verdict | None:
    """A verdict where the evidence itself gives one; None says nothing of the answer."""
    evidence = [dict(result) for result in subject.evidence]
    found = check(subject.answer, evidence, subject.question)
    if found.contradicted:
        return Verdict(
            is_incorrect=True,
            confidence=CONTRADICTED,
            reason=_cite("The evidence says otherwise", found.contradicted),
        )
    if found.unsupported:
        return Verdict(
            is_incorrect=True,
            confidence=UNSUPPORTED,
            reason=_cite("Nothing in the evidence bears this out", found.unsupported),
        )
    return None


def speaks_to_judge(subject: Subject) -> str:
    """The words that address a judge, wherever in the data, or nothing."""
    for text in (subject.question, subject.answer, *_texts(subject.evidence)):
        match = _SPEAKS_TO_JUDGE.search(text)
        if match:
            return match.group()[:LONGEST_QUOTE]
    return ""


def _cite(opening: str, claims: Sequence[Claim]) -> str:
    cited = "; ".join(_citation(claim) for claim in claims[:MOST_CITED])
    more = len(claims) - MOST_CITED
    return f"{opening}: {cited}{f'; and {more} more' if more > 0 else ''}."


def _citation(claim: Claim) -> str:
    subject = "" if claim.subject == claim.stated else f"{claim.subject} "
    found = f" (recorded: {claim.found})" if claim.found else ""
    return (
        f"{claim.kind} {subject}{claim.stated}{found}, said in “{_short(claim.text)}”"
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """All texts in the evidence, keys too."""
    if isinstance(value, str):
        yield value
    elif depth > DEEPEST:
        return
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item, depth + 1)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item, depth + 1)
