"""What the plan's sentences say, in Portuguese; their English is promised as it is."""

from tws.wording.portuguese import (
    action,
    detail,
    error,
    field,
    meaning,
    relation,
    state,
    trouble,
)

__all__ = [
    "action",
    "detail",
    "error",
    "field",
    "meaning",
    "relation",
    "state",
    "trouble",
]
