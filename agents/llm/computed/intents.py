"""What a question asks for, and about which objects; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.llm.computed import vocabulary as words

Kind = Literal[
    "help",
    "why",
    "trouble",
    "log",
    "impact",
    "successors",
    "predecessors",
    "resource",
    "workstation",
    "plan",
    "errors",
    "jobs",
    "object",
    "unclear",
]
NEEDS_NAME: frozenset[Kind] = frozenset(
    {"why", "log", "impact", "successors", "predecessors", "resource", "object"}
)
MOST_NAMES = 3
MOST_LINES = 200
LONGEST_NAME = 200
LONGEST_QUESTION = 2_000  # a longer one is no question about one object

_QUOTED = re.compile(r"[\"“”«`]([^\"“”»`]{1,200})[\"“”»`]|(?<!\w)'([^']{1,200})'(?!\w)")
_TOKEN = re.compile(r"[^\s,;!()\[\]{}\"“”«»`…]+")
_TRAILING = ".:?'’"
_KEY = re.compile(r"/?[\w$-]+#(?:/[\w$-]+)*/?[\w$-]+(?:\.[\w$-]+)?")
_JOB_KEY = re.compile(r"/?[\w$-]+#(?:/[\w$-]+)*/?[\w$-]+\.[\w$-]+")
_TIME = re.compile(r"^\d[\d:.,hHmMsS/%-]*(?:am|pm|min|h|s)?$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Intent:
    """The kind of question, the objects it is about, the state it asks for."""

    kind: Kind
    names: tuple[str, ...] = ()
    guessed: bool = False  # the name is a word written small that may be none
    state: str = ""
    prompts: bool = False
    down: bool = False  # only the workstations in trouble
    order: bool = False  # to change the plan, which nothing here can
    lines: int = 0  # of a log, when a number is given


def understand(question: str, history: Sequence[Exchange] = ()) -> Intent:
    """Read a question; objects that it only points at come from the history."""
    question = question[:LONGEST_QUESTION]
    names, rest = _split(question)
    kind = _kind(rest, named=bool(names))
    guessed = False
    if kind == "trouble":
        names = []  # that of a prompt: the open ones are told
    if not names and (kind in NEEDS_NAME or kind == "trouble"):
        names = _pointed_at(question, kind, history)
        if not names:
            names = _guesses(rest)
            guessed = bool(names)
        if names and kind == "trouble":
            kind = "why"
    if not names and kind in {"plan", "errors", "jobs"} and (word := _named(rest)):
        kind, names, guessed = "object", [word], True
    if not names and kind == "object":
        kind = "unclear"
    return Intent(
        kind,
        tuple(_of_kind(kind, names, rest)[:MOST_NAMES]),
        guessed=guessed,
        state=_state(rest),
        prompts=bool(words.PROMPT.search(rest)),
        down=bool(words.DOWN.search(rest)),
        order=bool(names) and bool(words.ORDER.search(rest)),
        lines=_lines(rest),
    )


def _kind(rest: str, *, named: bool) -> Kind:
    for kind, found in _candidates(rest, named=named):
        if found:
            return kind
    return "object"


def _candidates(rest: str, *, named: bool) -> Iterator[tuple[Kind, bool]]:
    """The kinds in the order in which they are tried."""
    asks_why = bool(words.WHY.search(rest))
    listing = words.LISTING.search(rest) and not words.ASKS_WHY.search(rest)
    first = rest.partition(words.PLACE)[0] + words.PLACE
    yield "help", not named and bool(words.HELP.search(rest))
    yield "log", bool(words.LOG.search(rest))
    yield "resource", named and bool(words.NAMED_RESOURCE.search(first))
    yield "workstation", named and bool(words.NAMED_WORKSTATION.search(first))
    yield "impact", bool(words.IMPACT.search(rest))
    yield "successors", bool(words.SUCCESSORS.search(rest))
    yield "predecessors", bool(words.PREDECESSORS.search(rest))
    yield "trouble", named and bool(words.NAMED_PROMPT.search(first))
    yield "why", named and (asks_why or bool(words.ORDER.search(rest)))
    yield "object", named
    yield "trouble", bool(words.PROMPT.search(rest))
    of_jobs = bool(_state(rest)) and bool(words.JOBS.search(rest))
    yield "jobs", of_jobs and (bool(listing) or not asks_why)
    yield "trouble", asks_why
    yield "workstation", bool(words.WORKSTATION.search(rest))
    yield "errors", bool(words.ERRORS.search(rest))
    yield "jobs", bool(_state(rest))
    yield "plan", bool(words.PLAN.search(rest))


def _of_kind(kind: Kind, names: list[str], rest: str) -> list[str]:
    """Without the workstations and resources that a question about a job mentions."""
    if kind in {"resource", "workstation"} or rest.count(words.PLACE) != len(names):
        return names
    kept, at = [], 0
    for name in names:
        at = rest.index(words.PLACE, at) + 1
        before = rest[:at].rpartition(" ")[0].rpartition(words.PLACE)[2]
        beside = f"{before} {words.PLACE}"
        if not (
            words.NAMED_RESOURCE.search(beside)
            or words.NAMED_WORKSTATION.search(beside)
        ):
            kept.append(name)
    return kept or names


def _state(rest: str) -> str:
    for state, pattern in words.STATES.items():
        if pattern.search(rest):
            return state
    return ""


def _lines(rest: str) -> int:
    found = words.LINES.search(rest)
    return min(max(int(found.group(1)), 1), MOST_LINES) if found else 0


def _split(question: str) -> tuple[list[str], str]:
    """The names that a question holds, and the question with a mark in their place."""
    names: list[str] = []

    def take(match: re.Match[str]) -> str:
        name = (match.group(1) or match.group(2)).strip()
        if not name:
            return " "
        names.append(name)
        return f" {words.PLACE} "

    rest = _QUOTED.sub(take, question.replace(words.PLACE, " "))
    tokens = [
        (match.group(), match.group().strip("'‘").rstrip(_TRAILING))
        for match in _TOKEN.finditer(rest)
    ]
    chosen = _names_among([token for _, token in tokens])
    names += [token[:LONGEST_NAME] for _, token in tokens if token in chosen]
    rest = " ".join(words.PLACE if t in chosen else whole for whole, t in tokens)
    return list(dict.fromkeys(names)), rest


def _names_among(tokens: list[str]) -> set[str]:
    odd = {token for token in tokens if _is_odd(token)}
    letters = "".join(token for token in tokens if token not in odd)
    if not re.search(r"[a-z]", letters):
        return odd  # all is in capitals: they mean nothing
    capitals = {
        token
        for token in tokens
        if token.isupper()
        and len(token) > 1
        and token not in odd
        and token not in words.NOT_NAMES
    }
    sure = {token for token in capitals if token.lower() not in words.PLAIN}
    # A job may be called REPORT, but in "PAYROLL is not READY" capitals are emphasis.
    return odd | (sure or (set() if odd else capitals))


def _is_odd(token: str) -> bool:
    """Whether a word has the shape of a name, in whatever case it is written."""
    if len(token) < 2 or _TIME.match(token) or not re.search(r"\w", token):
        return False
    if re.search(r"[#@*$]|\w_\w|^/\w|\w\?\w", token):
        return True
    if token.lower() in words.PLAIN or token.lower() in {
        "e.g",
        "i.e",
        "and/or",
        "e/ou",
    }:
        return False
    return bool(re.search(r"[A-Za-z].*\d|\d.*[A-Za-z]|\w[-./]\w", token))


def _guesses(rest: str) -> list[str]:
    """A word that belongs to no way of asking: perhaps a name written small."""
    if named := _named(rest):
        return [named]
    found = [token for _, token in _strange(rest)]
    return found if len(found) == 1 else []


def _named(rest: str) -> str:
    """The word after "job", "estação" and the like, when it is a strange one."""
    return next((t for b, t in _strange(rest) if words.NAMING_NOUN.match(b)), "")


def _strange(rest: str) -> Iterator[tuple[str, str]]:
    """The words that are not known here, each after the word before it."""
    before = ""
    for match in _TOKEN.finditer(rest):
        token = match.group().strip("'‘").rstrip(_TRAILING)
        fits = re.fullmatch(r"[\w-]{3,40}", token) and not token.isdigit()
        if fits and token.lower() not in words.PLAIN:
            yield before, token
        before = token


def _pointed_at(question: str, kind: Kind, history: Sequence[Exchange]) -> list[str]:
    """The object of the last exchange, for "why?" or "and its log?"."""
    short = len(question.split()) <= 2
    if not history or not (words.PRONOUN.search(question) or short or kind == "log"):
        return []
    for exchange in reversed(history):
        if kind == "log" and (found := _JOB_KEY.search(exchange.answer)):
            return [found.group()]
        names, _ = _split(exchange.question[:LONGEST_QUESTION])
        if names:
            return names[:1]
        if found := _KEY.search(exchange.answer):
            return [found.group()]
    return []
