"""One decision on many entries, and what to tell the reviewer of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from audit.exceptions import AlreadyDecided, AuditError
from audit.models import AuditEntry
from audit.wording import refusal

Verb = Callable[..., AuditEntry]
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Done:
    """What is said of entries that were decided so, and of others."""

    count: Promise
    refused: Promise
    rest: Promise


APPROVED = Done(
    ngettext_lazy("%(count)s approved", "%(count)s approved", "count"),
    gettext_lazy("not approved: %(why)s"),
    gettext_lazy("%(count)s more not approved"),
)
REJECTED = Done(
    ngettext_lazy("%(count)s rejected", "%(count)s rejected", "count"),
    gettext_lazy("not rejected: %(why)s"),
    gettext_lazy("%(count)s more not rejected"),
)


class Outcome:
    """How many were decided, and why others were not."""

    def __init__(self, done: Done) -> None:
        self.done = done
        self.count = 0
        self.refusals: Counter[str] = Counter()

    @property
    def complete(self) -> bool:
        return not self.refusals

    def __str__(self) -> str:
        parts = [self.done.count % {"count": self.count}]
        named = self.refusals.most_common(MOST_NAMED)
        parts += [f"{count} {why}" for why, count in named]
        rest = self.refusals.total() - sum(count for _, count in named)
        if rest:
            parts.append(self.done.rest % {"count": rest})
        return f"{', '.join(parts)}."


def decide_all(
    verb: Verb, entry_ids: Iterable[int], *, by: User, comment: str, done: Done
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
            told = _("already decided by %(user)s at %(time)s")
            outcome.refusals[told % {"user": error.decided_by, "time": when}] += 1
        except AuditError as error:
            why = refusal(error).rstrip(".")
            outcome.refusals[done.refused % {"why": why}] += 1
        else:
            outcome.count += 1
    return outcome
