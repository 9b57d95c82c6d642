"""Finds the numbers of jobs, streams, workstations or roots that a clause states."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tws.grounding.binding import Bound
from tws.grounding.numbers import NUMBER, value
from tws.grounding.text import Mention

KINDS: Final = {
    "stream": r"job streams?|jobstreams?|streams?",
    "job": r"jobs?|tarefas?|backups?|members?|membros?",
    "station": r"workstations?|agents?|estaç(?:ão|ões)|agentes?",
    "prompt": r"prompts?",
    "before": r"predecessor(?:s|es|as?)?",
    "after": r"successors?|sucessor(?:es)?|dependents?|dependentes",
    "root": r"(?:root )?(?:causes?|reasons?)|causas?|motivos?|razões",
    "deadline": r"deadlines?|prazos?",
}
_NOUNS: Final = "|".join(f"(?P<{kind}>{words})" for kind, words in KINDS.items())
# A word between a number and its noun describes the noun; these begin something else.
_STOPS: Final = (
    r"(?:of|and|e|dos|das|on|in|at|no|na|nos|nas|em|for|by|to|per|is|are|por|para|s|h|min\w*"
    r"|hours?|horas?|sec\w*|seg\w*|days?|dias?)\b"
)
COUNT: Final = re.compile(
    rf"(?i)(?<![\w:.,#/-])(?P<number>{NUMBER})(?:\s+(?:out\s+)?(?:of|de|dos|das)\s+(?:the\s+|its\s+)?"
    rf"(?P<whole>{NUMBER}))?\s+"
    rf"(?P<between>(?:(?!{_STOPS})[\w-]+\s+){{0,2}}?)"
    rf"(?:{_NOUNS})(?![\w-])"
)
ALL: Final = re.compile(
    r"(?i)\b(?:all|every|both(?: of)?|todos? os|todas? as|ambos os|ambas as)\s+"
    rf"(?:(?:of\s+)?(?:the|its)\s+|other\s+|{NUMBER}\s+|[A-Z][\w$@#]*\s+){{0,3}}(?:{_NOUNS})\b"
)
# A number right before a status: "3 on hold", "three have ended successfully".
BARE: Final = re.compile(
    rf"(?i)(?:^|[,;(]\s*|[:.–—-]\s+|\b(?:and|e|or|are|is|há|has|have|only|just|plus|with|tem|com|was|were"
    rf"|apenas|também|also|outros?|other)\s+)(?P<number>{NUMBER})"
    rf"(?:\s+(?:out\s+)?(?:of|de)\s+(?:the\s+)?(?P<whole>{NUMBER}))?"
    r"(?:\s+(?:of (?:them|these|those|which)|deles|delas|destes|of the \w+|jobs?))?"
    r"\)?(?:\s+\(?\d+(?:[.,]\d+)?\s?%\)?)?"
    r"(?:\s+(?:is|are|was|were|has|have|had|been|been|still|already|currently|now|está|estão"
    r"|estava|estavam|foi|foram|ainda|já|ended|finished|terminou|terminaram|in|on|em|com|not"
    r"|all|jobs?)){0,6}\s*$"
)
PRONOUNS: Final = frozenset("both ambos ambas neither".split())
HEADS: Final = re.compile(r"(?i)^\W*(?:jobs?\b|tarefas?\b)?\s*(?:in|with|em|com)?\s*$")
LABELLED: Final = re.compile(
    r"^\s*(?:jobs?)?\s*(?:\((?P<a>\d{1,7})\)|[:=|]\s*(?P<b>\d{1,3}(?:[.,]\d{3})+|\d{1,7})(?![\d:]))"
)
MORE: Final = re.compile(
    r"(?i)\b(?:more than|over|at least|mais de|pelo menos|acima de)\s*$"
)
LESS: Final = re.compile(
    r"(?i)\b(?:less than|fewer than|under|at most|up to|menos de|no máximo|até)\s*$"
)
SINGLE: Final = re.compile(r"(?i)\b(?:only|just|apenas|só|único|única|single)\s+$")
# "the remaining five (A, B, C)": the list shows how many there are.
SHOWN: Final = re.compile(
    rf"(?i)\b(?:remaining|other|others|following|restantes|outr[oa]s|demais)\s+(?P<number>{NUMBER})\b"
)


@dataclass(slots=True)
class Count:
    """A number of things, perhaps in a state, perhaps within something."""

    stated: int
    words: str
    start: int
    end: int
    kind: str = "job"
    whole: int | None = None
    status: Mention | None = None
    bound: str = ""


def counts(bound: Bound) -> Iterator[Count]:
    text = bound.clause.text
    seen: set[int] = set()
    for match in COUNT.finditer(text):
        if match["number"].lower() in PRONOUNS:
            continue
        status = _counted_status(match, bound)
        seen.add(match.start("number"))
        if (
            match["number"].lower() in {"a", "um", "uma", "one", "single"}
            and (bound.runs or status is None)
            and not SINGLE.search(text[: match.start()] + " " + match["between"])
        ):
            continue  # "one job", "um job" before a name is an article
        yield Count(
            value(match["number"]), match.group(), match.start(), match.end(),
            match.lastgroup or "job",
            value(match["whole"]) if match["whole"] else None, status,
        )  # fmt: skip
    for match in SHOWN.finditer(text):
        if match.start("number") not in seen and bound.listed_after(match.end()):
            seen.add(match.start("number"))
            yield Count(
                value(match["number"]), match.group(), match.start(), match.end()
            )
    for status in bound.clause.statuses:
        yield from _beside(status, bound, seen)


def _beside(status: Mention, bound: Bound, seen: set[int]) -> Iterator[Count]:
    """``3 on hold``, ``In error: 5``, ``Running (1)``."""
    text = bound.clause.text
    match = BARE.search(text, 0, status.start)
    if match and match["number"].lower() in PRONOUNS:
        match = None
    if match and re.search(r"(?i)\b(?:the|o|a) \w+\s+$", text[: match.start("number")]):
        match = None  # "the only one in error"
    if match and match.start("number") not in seen:
        seen.add(match.start("number"))
        whole = value(match["whole"]) if match["whole"] else None
        stated = value(match["number"])
        words = text[match.start("number") : status.end]
        yield Count(
            stated, words, match.start("number"), status.end, "job", whole, status
        )
        return
    named = any(n.end <= status.start for n in bound.clause.names)
    label = LABELLED.match(text, status.end) or LABELLED.match(text[status.end :])
    opens = HEADS.match(text[: status.start])
    if label and opens and not named and not bound.clause.labelled:
        stated = value(label["a"] or label["b"])
        words = text[status.start : status.end + 8]
        yield Count(
            stated, words, status.start, status.end + label.end(), "job", None, status
        )


def _counted_status(match: re.Match[str], bound: Bound) -> Mention | None:
    inside = match.span("between")
    for status in bound.clause.statuses:
        if inside[0] <= status.start < inside[1]:
            return status
    for status in bound.clause.statuses:
        if status.start >= match.end():
            between = bound.clause.text[match.end() : status.start]
            named = any(
                match.end() <= n.start < status.start for n in bound.clause.names
            )
            stops = named or re.search(r"[,:;–—]|\d\s+\w", between)
            return None if stops else status
    return None
