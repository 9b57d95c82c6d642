"""What a field of a profile may hold; every message says what to do instead."""

import difflib

from django.core.exceptions import ValidationError

from agents.tools.names import TOOL_NAMES


def storable(value: str) -> None:
    """Refuse what PostgreSQL cannot store: NUL and halves of surrogate pairs."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(
            "holds characters that cannot be stored (NUL or broken UTF-16)."
        )


def tool_problems(value: object) -> list[str]:
    """What is wrong with a list of tools, one sentence each; empty when it is fine."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return ["must be a list of tool names."]
    if not value:
        names = ", ".join(TOOL_NAMES)
        return [f"an agent without tools cannot answer; give at least one of: {names}."]
    twice = sorted({name for name in value if value.count(name) > 1})
    problems = [f"“{name}” is listed twice." for name in twice]
    return problems + [_unknown(n) for n in dict.fromkeys(value) if n not in TOOL_NAMES]


def _unknown(name: str) -> str:
    shown = name if len(name) <= 60 else name[:60] + "…"
    near = difflib.get_close_matches(name.lower(), TOOL_NAMES, n=3, cutoff=0.4)
    advice = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"the tools are: {', '.join(TOOL_NAMES)}."
    )
    return f"there is no tool “{shown}”; {advice}"
