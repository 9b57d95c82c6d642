"""What a tool returns: evidence, in one shape, within bounds; pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, TypedDict

from agents.text import cut

STORED_BYTES = 16_000
MODEL_BYTES = 6_000
SHORTEST_LIST = 3
SHORTEST_TEXT = 300
ERROR_BYTES = 1_000


class ToolResult(TypedDict):
    """One tool's answer and when the plan was read for it."""

    tool: str
    arguments: dict[str, Any]
    status: Literal["ok", "no_data", "failed"]
    read_at: str
    age_seconds: float
    summary: str
    data: dict[str, Any]
    error: NotRequired[str]


def failed(tool: str, arguments: Mapping[str, Any], error: str) -> ToolResult:
    """The result that tells a model, or a person, what went wrong and what is right."""
    return ToolResult(
        tool=tool,
        arguments=dict(arguments),
        status="failed",
        read_at=datetime.now(UTC).isoformat(),
        age_seconds=0.0,
        summary="",
        data={},
        error=cut(error, ERROR_BYTES),
    )


def fitted(result: ToolResult, limit: int) -> ToolResult:
    """The result in at most ``limit`` bytes of JSON; what is left out is marked.

    It stays valid JSON: the longest lists and texts are shortened, and say by how much.
    """
    if _size(result) <= limit:
        return result
    copy: ToolResult = json.loads(json.dumps(result))
    while _size(copy) > limit:
        if not _shorten(copy):
            copy["data"] = {"omitted": "The result was too large to be shown."}
            break
    return copy


def as_text(result: ToolResult, limit: int = MODEL_BYTES) -> str:
    return json.dumps(fitted(result, limit), ensure_ascii=False)


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _shorten(result: ToolResult) -> bool:
    """Halve the heaviest list or text; False when nothing is left to shorten."""
    found = _heaviest(result)
    if found is None:
        return False
    parent, key = found
    value = parent[key]
    if isinstance(value, str):
        parent[key] = _without_middle(value)
    else:
        kept = max(SHORTEST_LIST, len(value) // 2)
        mark = f"{key}_omitted"
        parent[mark] = parent.get(mark, 0) + len(value) - kept
        parent[key] = value[:kept]
    return True


def _heaviest(value: Any) -> tuple[dict[str, Any], str] | None:  # noqa: ANN401
    """The dictionary and key of the largest thing that can be shortened."""
    best: tuple[int, dict[str, Any], str] | None = None
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting += current
        if not isinstance(current, dict):
            continue
        for key, child in current.items():
            waiting.append(child)
            if _can_shrink(child) and (best is None or _size(child) > best[0]):
                best = _size(child), current, key
    return best[1:] if best else None


def _can_shrink(value: object) -> bool:
    if isinstance(value, str):
        return len(value) > SHORTEST_TEXT
    return isinstance(value, list) and len(value) > SHORTEST_LIST


def _without_middle(text: str) -> str:
    """Most of the end and some of the start: a log tells its errors last."""
    keep = max(SHORTEST_TEXT // 2, len(text) // 2)
    head = keep // 4
    mark = f"\n… [{len(text) - keep} characters left out] …\n"
    return text[:head] + mark + text[len(text) - (keep - head) :]
