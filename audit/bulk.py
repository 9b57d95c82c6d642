"""One decision on many entries, and what to tell the reviewer of it."""

from collections import Counter
from collections.abc import Callable, Iterable

from django.contrib.auth.models import User

from audit.exceptions import AlreadyDecided, AuditError
from audit.models import AuditEntry

Verb = Callable[..., AuditEntry]
MOST_NAMED = 5


class Outcome:
    """How many were decided, and why others were not."""

    def __init__(self, done: str) -> None:
        self.done = done
        self.count = 0
        self.refusals: Counter[str] = Counter()

    @property
    def complete(self) -> bool:
        return not self.refusals

    def __str__(self) -> str:
        parts = [f"{self.count} {self.done}"]
        named = self.refusals.most_common(MOST_NAMED)
        parts += [f"{count} {why}" for why, count in named]
        rest = self.refusals.total() - sum(count for _, count in named)
        if rest:
            parts.append(f"{rest} more not {self.done}")
        return f"{', '.join(parts)}."


def decide_all(
    verb: Verb, entry_ids: Iterable[int], *, by: User, comment: str, done: str
) -> Outcome:
    """Decide one entry after the other, each in a transaction of its own.

    In the order of their keys: two reviewers with the same selection then meet at one
    row and never wait for each other crosswise.
    """
    outcome = Outcome(done)
    for entry_id in sorted(entry_ids):
        try:
            verb(entry_id, by=by, comment=comment)
        except AlreadyDecided as error:
            when = f"{error.decided_at:%Y-%m-%d %H:%M} UTC"
            outcome.refusals[f"already decided by {error.decided_by} at {when}"] += 1
        except AuditError as error:
            outcome.refusals[f"not {done}: {str(error).rstrip('.')}"] += 1
        else:
            outcome.count += 1
    return outcome
