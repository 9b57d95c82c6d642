"""Durations in a text, as people write them."""

import re
from collections.abc import Iterator
from typing import Final

from tws.grounding.lexicon import NUMBER_WORDS

UNIT: Final = {
    "s": 1, "sec": 1, "second": 1, "segundo": 1, "seg": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minuto": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hora": 3600,
    "d": 86400, "day": 86400, "dia": 86400,
}  # fmt: skip
_WORD: Final = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_UNITS: Final = (
    r"seconds?|secs?|s|segundos?|seg|minutes?|mins?|m|minutos?|hours?|hrs?|h|horas?|days?|d"
    r"|dias?"
)
_LONG_UNITS: Final = (
    r"seconds?|segundos?|minutes?|mins?|minutos?|hours?|horas?|days?|dias?"
)
AMOUNT: Final = re.compile(
    rf"(?i)(?<![\w:.#/-])(?:(\d{{1,6}}(?:[.,]\d{{1,3}})?)[\s-]?({_UNITS})(?![\w])"
    rf"|({_WORD}|an?)[\s-](?:(and a half)\s)?({_LONG_UNITS})(?!\w)(\s+e meia)?)"
)
HALF: Final = re.compile(r"(?i)\b(?:half an hour|meia hora|half-hour)\b")
HOUR_MINUTE: Final = re.compile(
    r"(?i)(?<![\w:])(\d{1,3})\s?h\s?([0-5]?\d)\s?(?:m|min)?(?!\w)"
)
# "às 10h25" is a time of the day, "há 1h30" and "estimado de 2h30" are not.
SPAN_BEFORE: Final = re.compile(
    r"(?i)(?:\bhá|\bpor|estimad\w*(?: é)?(?: de| em| era)?|estimativa\b[^.,;]{0,20}|leva|levou"
    r"|dur\w+|cerca de|mais|\bof|\bfor|took|takes|about)\s*$"
)


def amounts(text: str) -> Iterator[tuple[int, float, float, str]]:
    """Start, seconds, allowed difference and wording of each duration."""
    taken: list[tuple[int, int]] = []
    for match in HALF.finditer(text):
        taken.append(match.span())
        yield match.start(), 1800.0, 120.0, match.group()
    for match in HOUR_MINUTE.finditer(text):
        if _is_span(text, match):
            taken.append(match.span())
            seconds = int(match.group(1)) * 3600.0 + int(match.group(2)) * 60
            yield match.start(), seconds, 60.0, match.group()
    pending: list[tuple[re.Match[str], float, int]] = []
    for match in AMOUNT.finditer(text):
        if any(a <= match.start() < b for a, b in taken):
            continue
        value, unit = _measured(match)
        if pending and not re.fullmatch(
            r"(?i)\s*(?:,|and|e)?\s*", text[pending[-1][0].end() : match.start()]
        ):
            yield _sum(pending)
            pending = []
        pending.append((match, value * unit, unit))
    if pending:
        yield _sum(pending)


def _is_span(text: str, match: re.Match[str]) -> bool:
    if "min" in match.group().lower() or int(match.group(1)) > 23:
        return True
    return bool(SPAN_BEFORE.search(text[max(0, match.start() - 40) : match.start()]))


def _measured(match: re.Match[str]) -> tuple[float, int]:
    word = (match.group(2) or match.group(5)).lower()
    unit = UNIT.get(word) or UNIT[word.rstrip("s")]
    if match.group(1):
        return float(match.group(1).replace(",", ".")), unit
    number = match.group(3).lower()
    value = float(NUMBER_WORDS.get(number, 1))
    return value + (0.5 if match.group(4) or match.group(6) else 0), unit


def _sum(
    parts: list[tuple[re.Match[str], float, int]],
) -> tuple[int, float, float, str]:
    """Whole numbers may be cut or rounded by one unit, broken ones by a tenth."""
    seconds = sum(value for _, value, _ in parts)
    finest = min(unit for _, _, unit in parts)
    words = " ".join(match.group() for match, _, _ in parts)
    slack = float(finest)
    if re.search(r"\d[.,]\d", words):
        slack = finest * 0.1
    elif finest >= 3600:
        slack = finest * 0.5
    return parts[0][0].start(), seconds, slack, words
