"""Text from outside, made fit to be stored and sent."""

import math
from typing import Any

from agents.llm.text import clean


def clean_json(value: Any) -> Any:  # noqa: ANN401  any value in, JSON back
    """``clean`` for every text inside a value; what JSON cannot say becomes text or null."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(name)): clean_json(item) for name, item in value.items()}
        case list() | tuple():
            return [clean_json(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float():
            return value
        case _:
            return clean(str(value))


def cut(text: str, limit: int) -> str:
    """At most ``limit`` bytes of UTF-8, ending at a whole character."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return text
    return encoded[:limit].decode("utf-8", "ignore")


def cut_with_mark(text: str, limit: int) -> str:
    """Like ``cut``, and says that something is missing."""
    short = cut(text, limit)
    return short if short == text else f"{short}\n… (cut at {limit} bytes)"
