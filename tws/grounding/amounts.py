"""Durations in a text, as people write them."""

import re
from collections.abc import Iterator
from typing import Final

UNIT: Final = {
    "s": 1, "sec": 1, "second": 1, "segundo": 1, "seg": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minuto": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hora": 3600,
    "d": 86400, "day": 86400, "dia": 86400,
}  # fmt: skip
AMOUNT: Final = re.compile(
    r"(?i)(?<![\w:.#-])(\d{1,6}(?:[.,]\d{1,3})?)\s?"
    r"(seconds?|secs?|s|segundos?|seg|minutes?|mins?|m|minutos?|hours?|hrs?|h|horas?|days?|d"
    r"|dias?)(?![\w])"
)
HOUR_MINUTE: Final = re.compile(
    r"(?i)(?<![\w:])(\d{1,3})\s?h\s?([0-5]?\d)\s?(?:m|min)?(?!\w)"
)


def amounts(text: str) -> Iterator[tuple[int, float, float, str]]:
    """Start, seconds, allowed difference and wording of each duration."""
    taken: list[tuple[int, int]] = []
    for match in HOUR_MINUTE.finditer(text):
        if "min" in match.group().lower() or int(match.group(1)) > 23:
            taken.append(match.span())
            seconds = int(match.group(1)) * 3600.0 + int(match.group(2)) * 60
            yield match.start(), seconds, 60.0, match.group()
    pending: list[tuple[re.Match[str], float, int]] = []
    for match in AMOUNT.finditer(text):
        if any(a <= match.start() < b for a, b in taken):
            continue
        word = match.group(2).lower()
        unit = UNIT.get(word) or UNIT[word.rstrip("s")]
        if pending and not re.fullmatch(
            r"(?i)\s*(?:,|and|e)?\s*", text[pending[-1][0].end() : match.start()]
        ):
            yield _sum(pending)
            pending = []
        pending.append((match, float(match.group(1).replace(",", ".")) * unit, unit))
    if pending:
        yield _sum(pending)


def _sum(
    parts: list[tuple[re.Match[str], float, int]],
) -> tuple[int, float, float, str]:
    seconds = sum(value for _, value, _ in parts)
    finest = min(unit for _, _, unit in parts)
    words = " ".join(match.group() for match, _, _ in parts)
    return parts[0][0].start(), seconds, float(finest), words
