"""Limits, fences, priorities, prompt numbers and units of resources in a clause."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding.binding import Bound
from tws.grounding.facts import Facts, Record
from tws.grounding.found import Found, Outcome, listed
from tws.grounding.lexicon import PROMPT_STATES
from tws.grounding.numbers import NUMBER, value
from tws.grounding.reality import is_advice, is_unreal

_N: Final = rf"(?P<n>{NUMBER})(?![\w:]|[.,]\d|h\d|\s?(?:UTC|%))"
_OF: Final = (
    rf"(?:\s+(?:of|out of|de|/|das?|dos?)\s+(?:the\s+|its\s+|suas\s+)?(?P<m>{NUMBER}))?"
)
NAMED: Final = re.compile(
    r"(?i)\b(?:(?P<limit>(?:job )?limite?)|(?P<fence>fences?)|(?P<priority>priority|prioridade"
    r"|priorities)|(?P<quantity>quantity|quantidade))\b"
    rf"(?P<gap>[^.;:(,\d]{{0,40}}?)[\s:=(]+{_N}"
)
AT_ONCE: Final = re.compile(
    rf"(?i)\b(?:up to|at most|no more than|a maximum of|no máximo|até|máximo de)\s+{_N}\s+(?:jobs?|tarefas?)\b"
)
UNITS: Final = (
    ("available", re.compile(
        rf"(?i)(?<![\w:.])(?P<n>{NUMBER}){_OF}\s+(?:units?\s+|unidades?\s+)?(?:(?:is|are|está|estão)\s+)?"
        r"(?:still\s+|currently\s+)?(?:free|available|livres?|disponíve(?:l|is))\b"
        rf"(?:\s*\(de (?P<k>{NUMBER})\))?")),
    ("used", re.compile(
        rf"(?i)(?<![\w:.])(?P<n>{NUMBER}){_OF}\s+(?:units?\s+|unidades?\s+|slots?\s+)?(?:(?:is|are|está|estão)\s+)?"
        r"(?:in use|em uso|used|taken|ocupad[oa]s?)\b")),
    ("used", re.compile(
        rf"(?i)(?<![\w:.])(?P<n>{NUMBER})\s+(?:of|out of|de)\s+(?:its\s+|the\s+)?(?P<m>{NUMBER})\s+"
        r"(?:units?|unidades?|slots?)\s+(?:is|are|estão)\s+(?:in use|em uso|used|taken)\b")),
    ("used", re.compile(
        rf"(?i)(?<![\w:.])(?P<n>{NUMBER})\s+jobs?\s+(?:active|running|ativos?)\b")),
    ("quantity", re.compile(
        rf"(?i)(?<![\w:.])(?P<n>{NUMBER})\s+(?:in total|no total|units|unidades)\b")),
    ("needed", re.compile(
        rf"(?i)\b(?:needs?|requires?|precisam? de|quer|wants?)\s+(?P<n>{NUMBER})\s+"
        rf"(?:(?:of|out of|das?|dos?|de)\s+(?:the\s+)?(?:(?P<m>{NUMBER})\s+)?|units?|unidades?)")),
    ("held", re.compile(
        r"(?i)\b(?:holds?|holding|usam?|uses|segura|has|tem)\s+"
        rf"(?P<n>{NUMBER})(?=\s+(?:of|units?|unidades?|d|and|e)\b|\s*[.,;)]|\s*$|\s+(?:of them))")),
)  # fmt: skip
MOST_STOCK: Final = 400
OF_STOCK: Final = re.compile(
    r"(?i)free|available|livre|dispon|in use|em uso|used|taken|ocupad|\bunit|unidade|slot"
    r"|active|running|\bativ|total|need|requir|precis|\bquer|want|hold|\busa|\buses"
    r"|segura|\bhas\b|\btem\b|\d/\d"
)
PAIR: Final = re.compile(
    r"(?<![\w/:.-])\(?(?P<n>\d{1,4})\s?/\s?(?P<m>\d{1,4})\)?(?![\w/])"
)
PROMPT: Final = re.compile(
    r"(?i)\bprompts?\s*(?:\b(?:number|no|nº|número|num|n\.º|n°|id)\b\.?\s*|nº\s*|n°\s*|#\s*)*#?\s?(\d{1,9})(?!\w|:\d)"
    r"|\(?\bnumber\s+(\d{1,9})\b|\breply\s+(\d{1,9})\s*;"
)


def quantities(bound: Bound, facts: Facts) -> Iterator[Found]:
    """``limit of 3``, ``1 of 4 is free``, ``needs 2 units``, ``prompt 47``."""
    text = bound.clause.text
    yield from _prompts(bound, facts)
    if bound.clause.command:
        return
    for match in NAMED.finditer(text):
        if re.search(r"(?i)\b(?:to|para|at or|above|acima)\s*$", match["gap"]):
            continue
        kind = next(k for k in ("limit", "fence", "priority", "quantity") if match[k])
        yield from _property(kind, match, bound, facts)
    for match in AT_ONCE.finditer(text):
        yield from _property("limit", match, bound, facts)
    yield from _units(bound, facts)


def _property(
    kind: str, match: re.Match[str], bound: Bound, facts: Facts
) -> Iterator[Found]:
    text = bound.clause.text
    if is_advice(text, match.start()) or (
        match.re is NAMED and is_unreal(text, match.start("n"))
    ):
        return
    own = facts.of(n.value for n in bound.clause.names)
    known = _values(own, kind) or _values(
        facts.of(m.value for m in bound.carried), kind
    )
    known = known or _values(facts.near, kind) or _values(facts.records, kind)
    if known:
        stated = value(match["n"])
        told = re.search(rf"{kind.upper()}\W{{1,4}}{stated}(?!\w)", facts.text)
        yield _found(kind, match.group(), stated in known or bool(told), known)


def _values(records: list[Record], *kinds: str) -> set[float]:
    return {v for r in records for k in kinds for v in r.values.get(k, ())}


def _found(kind: str, words: str, fits: bool, known: set[float]) -> Found:  # noqa: FBT001
    outcome: Outcome = "supported" if fits else "contradicted"
    return Found(kind, "", " ".join(words.split()), outcome, listed(known))


def _units(bound: Bound, facts: Facts) -> Iterator[Found]:
    text = bound.clause.text
    if not OF_STOCK.search(text):
        return
    stock = facts.of(n.value for n in bound.clause.names)[:MOST_STOCK]
    stock += facts.near[:MOST_STOCK]
    taken: set[int] = set()
    for kind, pattern in UNITS:
        for match in pattern.finditer(text):
            at = match.start("n")
            if at in taken or is_unreal(text, at):
                continue
            if known := _stocked(kind, bound, stock, at, facts):
                taken.add(at)
                yield _unit(kind, match, known, _wholes(kind, stock, facts))
    yield from _shares(text, stock)


def _unit(
    kind: str, match: re.Match[str], known: set[float], wholes: set[float]
) -> Found:
    groups = match.groupdict()
    whole = groups.get("m") or groups.get("k")
    is_borne_out = float(value(match["n"])) in known
    if whole:
        is_borne_out = is_borne_out and float(value(whole)) in wholes
    return _found("quantity", match.group(), is_borne_out, known)


def _shares(text: str, stock: list[Record]) -> Iterator[Found]:
    """``(0/2)``: so many of a resource's units are free, or taken."""
    wholes = _values(stock, "available") and _values(stock, "quantity")
    for match in PAIR.finditer(text):
        if float(match["m"]) in wholes:
            resources = [r for r in stock if "available" in r.values]
            known = _values(resources, "available") | _used(stock)
            yield _found("quantity", match.group(), float(match["n"]) in known, known)


def _wholes(kind: str, stock: list[Record], facts: Facts) -> set[float]:
    wholes = _values(stock, "quantity", "limit", "total")
    if kind != "needed":
        return wholes
    return (
        wholes
        | {float(n) for r in stock for s in r.sizes.values() for n in s}
        | {float(n) for n in facts.sizes}
    )


def _stocked(
    kind: str, bound: Bound, stock: list[Record], at: int, facts: Facts
) -> set[float]:
    resources = [r for r in stock if "available" in r.values]
    if kind == "available":
        return _values(resources, "available")
    if kind == "used":
        return _used(resources) | _values(stock, "used")
    if kind == "quantity":
        return _values(resources, "quantity", "available")
    if kind == "needed":
        return (
            _values(stock, "needed", "quantity")
            if resources or _values(stock, "needed")
            else set()
        )
    holders = facts.of(s.value for s in bound.subject_at(at))
    return _values([r for r in holders if "available" not in r.values], "quantity")


def _used(resources: list[Record]) -> set[float]:
    return _values(resources, "used") | {
        q - a
        for r in resources
        for q in r.values.get("quantity", ())
        for a in r.values.get("available", ())
    }


BESIDE: Final = re.compile(r"(?i)\(?(?:#|\bno\.|\bnº|\bnumber)\s?(\d{1,9})(?!\w|:\d)")


def _speaks_of_prompt(bound: Bound, facts: Facts) -> bool:
    if re.search(r"(?i)\bprompts?\b", bound.clause.text):
        return True
    named = facts.of(n.value for n in bound.clause.names)
    return any(r.statuses & PROMPT_STATES for r in named)


def _prompts(bound: Bound, facts: Facts) -> Iterator[Found]:
    known = facts.prompt_numbers
    if not known:
        return
    found = list(PROMPT.finditer(bound.clause.text))
    if not found and _speaks_of_prompt(bound, facts):
        found = list(BESIDE.finditer(bound.clause.text))
    for match in found:
        stated = next(g for g in match.groups() if g)
        yield _found("prompt", match.group(), float(stated) in known, known)
