"""One spelling for the statuses that the vendor's surfaces spell in several ways."""

from tws.knowledge import STATUSES

UNKNOWN = "UNKNOWN"
LONGEST = 40

# The console, conman, version 1, version 2 and the database views each have their own.
SPELLINGS = {
    spelling: status.status
    for status in STATUSES.values()
    for spelling in (status.status, *status.spellings)
}
COMMON_SPELLINGS = {
    "SUCCEED": "SUCCESSFUL",
    "SUPPRESS_BY_COND": "SUPPRESS",
    "CANCELLED": "CANCELED",
}


def internal(word: str | None) -> str:
    """The internal status in its one spelling; a new one is kept as it is."""
    if not word:
        return UNKNOWN
    known = SPELLINGS.get(word)
    if known is not None:
        return known
    plain = word.strip().upper()[:LONGEST]
    return SPELLINGS.get(plain, plain) or UNKNOWN


def common(word: str | None, status: str, *, canceled: bool = False) -> str:
    """The public status as the engine told it, or else as its manual derives it."""
    if word:
        plain = word if word.isupper() else word.upper()
        return COMMON_SPELLINGS.get(plain, plain[:LONGEST])
    if canceled:
        return "CANCELED"
    known = STATUSES.get(status)
    return known.common if known else ""
