"""The door to the Portuguese: what has none stays as it is."""

from functools import lru_cache

from tws.wording.advice import ADVICE, EFFECTS
from tws.wording.details import DETAILS
from tws.wording.forms import Form, Mark, translated
from tws.wording.words import FIELDS, MEANINGS, RELATIONS, TROUBLES

MOST_KEPT = 4_096


def detail(text: str, mark: Mark = str) -> str:
    """What a root says is in the way."""
    return _kept(DETAILS, text, mark)


def action(text: str, mark: Mark = str) -> str:
    """What to do about it, and what that is good for."""
    return _kept((*EFFECTS, *ADVICE), text, mark)


def relation(text: str) -> str:
    """What an object on the way is to the one before it."""
    return _kept(RELATIONS, text, str)


def trouble(text: str) -> str:
    """What is wrong with a workstation."""
    return _kept(TROUBLES, text, str)


def field(text: str) -> str:
    """The name of a piece of evidence."""
    return _kept(FIELDS, text, str)


def meaning(status: str, text: str) -> str:
    """What a status means; ``text`` where that is not known."""
    return MEANINGS.get(status, text)


@lru_cache(MOST_KEPT)
def _kept(forms: tuple[Form, ...], text: str, mark: Mark) -> str:
    """A page tells the same sentences again and again."""
    return translated(forms, text, mark) or text
