"""Finds what is left in English on a page that should be in Portuguese."""

import re

from tests.fakes.html import Element

# Words that no Portuguese sentence has; "a", "as", "do", "for", "no" are of both.
ENGLISH = re.compile(
    r"(?i)\b(?:the|it|its|is|are|was|were|of|and|or|that|this|which|not|nothing|"
    r"has|have|been|will|with|when|who|then|than|wait|waits|waiting|running|needs|free|busy|missing|absent|unread|stalled|shown|ignored|unlinked|stopped|"
    r"held|take|taken|launch|launched|rerun|release|look|find|more|on|at|from|by|to|"
    r"now|what|why|how|your|you|status of|old|read|well|late|due|if|an|any|all|each|"
    r"open|jobs? (?:waits?|held)|workstations?|answers?|questions?|memory|memories|"
    r"reject|rejected|approve|approved|pending|judged|verdict|history|sign|password)\b"
)
QUOTED = re.compile(r'"[^"]*"|“[^”]*”|`[^`]*`')
# Names of objects, statuses and fields of the vendor, files and commands.
NAME = re.compile(r"\S*[#/_]\S*|\b[A-Z][A-Z0-9]+\b|\b[a-z]+[A-Z]\w*\b|\b\w+\.\w+\b")
PLACE = re.compile(r"\{\w+\}|%\(\w+\)s")
COMMAND = re.compile(r"\b(?:conman|planman|composer|manage\.py) [^.:)]*")
SILENT = frozenset("script style code q pre".split())
SPOKEN = ("aria-label", "title", "placeholder", "data-label", "alt")


def english_in(text: str) -> list[str]:
    """The English words of a text, each with what stands around it."""
    prose = text
    for data in (QUOTED, PLACE, COMMAND, NAME):
        prose = data.sub("", prose)
    return [
        prose[max(0, match.start() - 30) : match.end() + 30]
        for match in ENGLISH.finditer(prose)
    ]


def english_on(page: Element, *, quoted: frozenset[str] = frozenset()) -> list[str]:
    """The same for all that a page says; ``quoted`` names classes that hold data."""
    found: list[str] = []
    for text in _texts(page, quoted):
        found += english_in(text)
    return found


def _texts(element: Element, quoted: frozenset[str]) -> list[str]:
    classes = set(element.attributes.get("class", "").split())
    if element.tag in SILENT or classes & quoted:
        return []
    if "evidence" in classes:  # the values are those of TWS, their names are ours
        return [name.text for name in element.all("dt")]
    told = [element.attributes[name] for name in SPOKEN if name in element.attributes]
    if element.attributes.get("id") == "live-texts":
        told += [v for k, v in element.attributes.items() if k.startswith("data-")]
    for child in element.children:
        told += [child] if isinstance(child, str) else _texts(child, quoted)
    return told
