"""The lines of an entry's history, and the news that its place in the queue changed."""

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from audit.models import AuditEntry, Decision
from audit.signals import queue_changed


def write(
    entry_id: int,
    action: Decision.Action,
    *,
    by: User | None = None,
    **facts: Any,
) -> None:
    """Add a line, in the caller's transaction; without ``by`` it is the auditor's."""
    Decision.objects.create(entry_id=entry_id, action=action, by=by, **facts)


def tell(entry_id: int, status: str) -> None:
    """Send ``queue_changed`` once the caller's transaction has committed."""
    send = partial(
        queue_changed.send, sender=AuditEntry, entry_id=entry_id, status=str(status)
    )
    # The decision stands, whatever becomes of the news of it.
    transaction.on_commit(send, robust=True)
