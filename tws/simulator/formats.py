"""Identifiers, instants and durations as the engine writes them."""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b


def identifier(*parts: object) -> str:
    """Derive a UUID-shaped id, the same for the same parts."""
    text = "\x1f".join(map(str, parts))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return (
        f"{digest[:8]}-{digest[8:12]}-3{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"
    )


def internal_identifier(number: int) -> str:
    """Write the 16-character id of a job stream, such as 0AAAAAAAAAAAABQM."""
    letters = ""
    for _ in range(15):
        number, digit = divmod(number, 26)
        letters = chr(65 + digit) + letters
    return f"0{letters}"


def instant(seconds: float) -> str:
    """Write an instant of V2: RFC 3339 in UTC."""
    return _instant(int(seconds))


@lru_cache(maxsize=1 << 16)
def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_v1(seconds: float) -> str:
    """Write an instant of V1: UTC without a zone."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")


def duration(seconds: float) -> str:
    """Write a duration of V2: ISO-8601, such as PT1H4M20S."""
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if rest or not parts:
        parts += f"{rest}S"
    return f"{sign}PT{parts}"
