"""What the plan's sentences say, in Portuguese; their English is promised as it is."""

from tws.wording.portuguese import (
    action,
    detail,
    field,
    meaning,
    relation,
    trouble,
)

__all__ = ["action", "detail", "field", "meaning", "relation", "trouble"]
