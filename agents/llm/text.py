"""Makes text from outside fit to store and to show, piece by piece; pure."""

import re

# C0 controls but tab and newline, DEL and C1: terminals obey them, PostgreSQL refuses NUL.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIGH = re.compile("[\ud800-\udbff]$")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Without control characters; halves of a character joined, or replaced."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("", text)


class Cleaner:
    """``clean`` for a stream, where a character may come in two pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        text = self._held + piece
        self._held = text[-1] if _HIGH.search(text) else ""
        return clean(text[:-1] if self._held else text)

    def flush(self) -> str:
        text, self._held = self._held, ""
        return clean(text)
