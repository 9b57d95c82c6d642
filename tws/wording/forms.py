"""Sentences in two languages: reads the places out of one, fills them into the other.

English: ``It ended in {status}[ at {time:time}].``; what is in brackets may be missing.
A place has a kind after its colon, else it is text; named again, it is the same text.
Brackets that hold no place begin with a name of their own: ``[far|, far exceeded]``.

Portuguese: the same places and brackets in any order; ``{count?job|jobs}`` chooses by
the number; ``<conman rr {job}>`` is what somebody types, or the name of an object.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

Values = Mapping[str, str | None]
Mark = Callable[[str], str]

# The lengths of what is read are bounded, and so is the time for it.
LONGEST: Final = 6_000
MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

KINDS: Final[Mapping[str, str]] = {
    "text": r".+?",
    "word": r"\S+?",
    "number": r"-?\d+",
    "span": r"\d+ (?:s|min|h|d)(?: \d+ (?:min|h))?",
    "time": r"\d\d:\d\d UTC(?: on \d\d [A-Z][a-z]{2} \d{4})?",
    "names": r".+?",
    "form": r".+?",
}
_PIECE = re.compile(r"\[(?:(\w+)\|)?([^\[\]]*)\]|\{(\w+)(?::(\w+))?\}")
_OPTION = re.compile(r"\[(?:(\w+)\|)?([^\[\]]*)\]")
_PLURAL = re.compile(r"\{(\w+)\?([^|{}]*)\|([^|{}]*)\}")
_PLACE = re.compile(r"\{(\w+)\}")
_TYPED = re.compile(r"<([^<>]*)>")
_DATE = re.compile(r" on (\d\d) ([A-Z][a-z]{2}) (\d{4})$")
_MORE = re.compile(r" and (\d+) more$")


@dataclass(frozen=True)
class Form:
    """One sentence with its places, in English and in Portuguese."""

    english: str
    portuguese: str
    within: tuple["Form", ...] = ()  # what a place of the kind "form" may hold

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_pattern(self.english, set()), re.DOTALL)

    @cached_property
    def kinds(self) -> dict[str, str]:
        return {
            match[3]: match[4]
            for match in _PIECE.finditer(_OPTION.sub(r"\2", self.english))
            if match[4]
        }

    def read(self, text: str) -> Values | None:
        """What stands in the places; None when the text is another sentence."""
        found = self.pattern.fullmatch(text)
        return found.groupdict() if found else None

    def tell(self, values: Values, mark: Mark = str) -> str | None:
        """The Portuguese sentence; ``mark`` shows what is typed or a name."""
        told: dict[str, str] = {}
        for name, value in values.items():
            if value is None:
                continue
            own = self._place(self.kinds.get(name, ""), value, mark)
            if own is None:
                return None
            told[name] = own
        return _filled(_chosen(self.portuguese, told), told, mark)

    def _place(self, kind: str, value: str, mark: Mark) -> str | None:
        match kind:
            case "form":
                return translated(self.within, value, mark)
            case "time":
                return _DATE.sub(_date, value)
            case "names":
                return _MORE.sub(r" e mais \1", value)
        return value


def translated(forms: tuple[Form, ...], text: str, mark: Mark = str) -> str | None:
    """The text by the first form that it has; None when it has none."""
    if len(text) > LONGEST:
        return None
    for form in forms:
        values = form.read(text)
        told = None if values is None else form.tell(values, mark)
        if told is not None:
            return told
    return None


def _pattern(english: str, seen: set[str]) -> str:
    """The regular expression of a sentence, or of a part of it."""
    parts, at = [], 0
    for match in _PIECE.finditer(english):
        parts.append(re.escape(english[at : match.start()]))
        at = match.end()
        name, option, place, kind = match.groups()
        if place in seen:
            parts.append(f"(?P={place})")
        elif place:
            seen.add(place)
            parts.append(f"(?P<{place}>{KINDS[kind or 'text']})")
        elif name:
            parts.append(f"(?P<{name}>{_pattern(option, seen)})?")
        else:
            parts.append(f"(?:{_pattern(option, seen)})?")
    return "".join([*parts, re.escape(english[at:])])


def _chosen(portuguese: str, told: Mapping[str, str]) -> str:
    """Without the brackets whose places have nothing to say."""

    def option(match: re.Match[str]) -> str:
        name, text = match.groups()
        needed = [name] if name else _PLACE.findall(text)
        return text if all(place in told for place in needed) else ""

    return _OPTION.sub(option, portuguese)


def _filled(text: str, told: Mapping[str, str], mark: Mark) -> str:
    """The values come last, so that nothing in them is read as a form."""

    def fill(part: str) -> str:
        part = _PLURAL.sub(lambda m: m[2] if told[m[1]] == "1" else m[3], part)
        return _PLACE.sub(lambda match: told[match[1]], part)

    pieces = _TYPED.split(text)  # by turns: as it is, and typed
    return "".join(
        mark(fill(piece)) if number % 2 else fill(piece)
        for number, piece in enumerate(pieces)
    )


def _date(match: re.Match[str]) -> str:
    day, month, year = match.groups()
    return f" de {day}/{MONTHS.index(month) + 1:02}/{year}"
