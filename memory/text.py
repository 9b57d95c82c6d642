"""Makes text and evidence from outside fit to be stored: clean, finite, bounded."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

QUESTION_LIMIT = 8_000
ANSWER_LIMIT = 64_000
EVIDENCE_LIMIT = 256_000
VALUE_LIMIT = 64_000
KEY_LIMIT = 200
DEEPEST = 20
# What still says where an answer came from when the data itself is too large to keep.
HEAD = ("tool", "arguments", "status", "read_at", "age_seconds", "summary", "error")


def clean(text: str, limit: int) -> str:
    """Drop what PostgreSQL refuses (NUL, lone surrogates) and cut to the limit."""
    sound = text.replace("\x00", "").encode("utf-8", "ignore").decode()
    return sound if len(sound) <= limit else sound[: limit - 1] + "…"


Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def jsonable(value: object, depth: int = 0) -> Json:
    """A copy that a jsonb column takes; what JSON does not know becomes its text."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {
            clean(str(key), KEY_LIMIT): jsonable(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return [jsonable(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value), VALUE_LIMIT)


def jsonable_mapping(value: Mapping[str, Any]) -> dict[str, Json]:
    return {clean(key, KEY_LIMIT): jsonable(item, 1) for key, item in value.items()}


def bounded_evidence(
    evidence: Sequence[Mapping[str, Any]], limit: int = EVIDENCE_LIMIT
) -> list[dict[str, Json]]:
    """Tool results, the first ones whole; of those that do not fit only the head."""
    kept: list[dict[str, Json]] = []
    left = limit
    for result in evidence:
        copy = jsonable_mapping(result)
        if _size(copy) > left:
            head = {key: copy[key] for key in HEAD if key in copy}
            copy = {**head, "data": {}, "truncated": True}
        left -= _size(copy)
        if left < 0:
            break
        kept.append(copy)
    return kept


def bounded_mapping(
    value: Mapping[str, Any], limit: int = VALUE_LIMIT
) -> dict[str, Json]:
    """The mapping, or a mark that it was too large to keep."""
    copy = jsonable_mapping(value)
    return copy if _size(copy) <= limit else {"truncated": True}


def _size(value: object) -> int:
    return len(json.dumps(value))
