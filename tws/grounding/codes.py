"""Return codes, and figures that nobody can know by heart."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding.binding import Bound
from tws.grounding.facts import Facts
from tws.grounding.found import Found, Outcome, listed
from tws.grounding.reality import is_unreal

STRONG: Final = (
    r"\b(?:return[- ]?codes?|exit[- ]?(?:code|status)|rc|código de (?:retorno|saída)"
    r"|(?:exited|returned|retornou|saiu)(?: with| com)?)\b"
)
CODE: Final = re.compile(
    rf"(?i){STRONG}[^\w-]{{0,3}}"
    r"(?:(?:of|is|was|de|é|foi|era|igual a|code|código|indeed|both)\b\W{0,3}){0,2}(-?\d{1,10})(?![\w:])"
    rf"|{STRONG}\s+(?:of|for|from|de|do|da|in|no|na)\s+[^.;,]{{1,80}}?\s(?:is|was|é|foi|era)\s+"
    r"(?:indeed\s+|really\s+|actually\s+|just\s+|mesmo\s+)?(-?\d{1,10})(?![\w:])"
    r"|\bRC(\d{1,5})\b"
)
# A bare "code 8", or a number beside the failure itself, is most often the return code.
WEAK: Final = re.compile(
    r"(?i)(?<![\w-])(?:code|código)\s+(-?\d{1,10})(?!\w|:\d|\.\d)"
    r"|\b(?:abend(?:ed|ou)?|fail(?:ed)?)\s?(?:\(|/|\bwith\s|\bcom\s)\s?(\d{1,5})(?![\w:]|\.\d)(?!\s?(?:jobs?|min|s\b)|\)?\s*:)"
)
EARLIER: Final = re.compile(r"(?i)\b(?:before|antes|earlier|previous\w*|anterior\w*)\b")
FIGURE: Final = re.compile(
    r"(?<![\w.,:/#@-])(\d{4,15}|[1-9]\d{0,2}(?:[.,]\d{3})+)(?![\w:%]|[.,]\d)"
)
YEAR: Final = re.compile(r"^(?:19|20)\d\d$")


def codes(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``return code 8``, ``RC=8``, ``código de retorno 8``, ``ABEND (8)``."""
    taken: list[int] = []
    for pattern, is_weak in ((CODE, False), (WEAK, True)):
        for match in pattern.finditer(bound.clause.text):
            number = next(g for g in match.groups() if g is not None)
            at = match.start(match.lastindex or 0)
            if at in taken or is_unreal(bound.clause.text, match.start()):
                continue
            taken.append(at)
            behind = pattern is CODE and match.lastindex == 2
            yield _code(
                bound, facts, int(number), at if not behind else match.end(), is_weak
            )


def _code(bound: Bound, facts: Facts, stated: int, at: int, is_weak: bool) -> Found:  # noqa: FBT001
    subjects = bound.subject_at(at)
    records = facts.of(s.value for s in subjects)
    known = {c for r in records for c in r.codes}
    if EARLIER.search(bound.clause.text[:at]):
        known |= {c for r in records for c in r.earlier}
    if not known:
        known = facts.near_codes if subjects else facts.codes
        outcome = _loosely(stated, known, facts)
    elif stated in known:
        outcome = "supported"
    elif is_weak and _called_code(stated, facts):
        outcome = "unchecked"
    else:
        outcome = "contradicted"
    names = ", ".join(s.value for s in subjects)
    return Found("return_code", names, str(stated), outcome, listed(known))


def _loosely(stated: int, known: set[int], facts: Facts) -> Outcome:
    """The subject has no code of its own: any that the answer's things have will do."""
    if stated in known:
        return "supported"
    if known:
        return "unsupported"
    return "unchecked" if _told(stated, facts) else "unsupported"


def _called_code(stated: int, facts: Facts) -> bool:
    """Whether a log or a text tells of such a code that is not the return code."""
    if stated in facts.codes:
        return False
    words = rf"(?:CODE|CÓDIGO|STATUS|ERRNO|ERRO|ERROR|SIGNAL)\W{{0,3}}{stated}(?!\w)"
    return bool(re.search(words, facts.text))


def _told(stated: int, facts: Facts) -> bool:
    number = rf"(?<![\w:.-]){stated}(?![\w:.-])"
    return float(stated) in facts.numbers or bool(re.search(number, facts.text))


def figures(bound: Bound, facts: Facts) -> Iterator[Found]:
    """Long numbers stand in the evidence or are made up."""
    text = bound.clause.text
    for match in FIGURE.finditer(text):
        stated = re.sub(r"[.,]", "", match.group(1))
        if YEAR.match(stated) or is_unreal(text, match.start()):
            continue
        known = float(stated) in facts.numbers or stated in facts.text
        outcome: Outcome = "supported" if known else "unsupported"
        yield Found("number", "", stated, outcome)
