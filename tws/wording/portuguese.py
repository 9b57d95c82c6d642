"""The door to the Portuguese: what has none stays as it is."""

from functools import lru_cache

from tws.wording.advice import ADVICE, EFFECTS
from tws.wording.details import DETAILS
from tws.wording.errors import REMEDIES, SENTENCES, TRIED
from tws.wording.forms import Form, Mark, translated
from tws.wording.words import FIELDS, MEANINGS, RELATIONS, STATES, TROUBLES

MOST_KEPT = 4_096
ERRORS = (*TRIED, *SENTENCES, *REMEDIES)


def detail(text: str, mark: Mark = str) -> str:
    """What a root says is in the way."""
    return _kept(DETAILS, text, mark)


def action(text: str, mark: Mark = str) -> str:
    """What to do about it, and what that is good for."""
    return _kept((*EFFECTS, *ADVICE), text, mark)


def relation(text: str) -> str:
    """What an object on the way is to the one before it."""
    return _kept(RELATIONS, text, str)


def state(text: str) -> str:
    """What an object on the way is in; a status of the vendor stays as it is."""
    return _kept(STATES, text, str)


def trouble(text: str) -> str:
    """What is wrong with a workstation."""
    return _kept(TROUBLES, text, str)


def field(text: str) -> str:
    """The name of a piece of evidence."""
    return _kept(FIELDS, text, str)


def error(text: str) -> str:
    """What stands between here and TWS, and what to do: one sentence or several."""
    return _sentences(text) or text


def meaning(status: str, text: str) -> str:
    """What a status means; ``text`` where that is not known."""
    return MEANINGS.get(status, text)


@lru_cache(MOST_KEPT)
def _kept(forms: tuple[Form, ...], text: str, mark: Mark) -> str:
    """A page tells the same sentences again and again."""
    return translated(forms, text, mark) or text


@lru_cache(MOST_KEPT)
def _sentences(text: str) -> str | None:
    """All of them, or none: half of a text in another language helps nobody."""
    at = text.find(". ")
    while at > 0:
        first = translated(ERRORS, text[: at + 1])
        rest = _sentences(text[at + 2 :]) if first is not None else None
        if rest is not None:
            return f"{first} {rest}"
        at = text.find(". ", at + 1)
    return translated(ERRORS, text)
