"""A memory's way into the queue: with the memory itself, or swept up later."""

from django.db.models.functions import Now

from audit.leases import subject_of
from audit.models import AuditEntry
from memory.models import Memory

DISCONTENT_UP_TO = 2  # of 5: a thumbs down, or nearly
ADOPTED_AT_ONCE = 500


def enter(memory: Memory) -> AuditEntry:
    """Queue a new memory, in the caller's transaction."""
    entry = _entry(memory)
    entry.save(force_insert=True)
    return entry


def adopt_missing() -> int:
    """Queue the memories that have no entry, say after an import; how many."""
    adopted = 0
    while batch := list(
        Memory.objects.filter(audit_entry=None).order_by("created_at")[:ADOPTED_AT_ONCE]
    ):
        # Another sweep may do the same at this moment: its entries are as good.
        AuditEntry.objects.bulk_create(map(_entry, batch), ignore_conflicts=True)
        adopted += len(batch)
    return adopted


def _entry(memory: Memory) -> AuditEntry:
    discontent = memory.rating is not None and memory.rating <= DISCONTENT_UP_TO
    priority = AuditEntry.Priority
    return AuditEntry(
        memory=memory,
        content_hash=subject_of(memory).content_hash(),
        priority=priority.THUMBS_DOWN if discontent else priority.NORMAL,
        created_at=memory.created_at,
    )


def put_off_no_longer() -> None:
    """Make everything due that waits for a better time."""
    AuditEntry.objects.filter(
        status=AuditEntry.Status.WAITING, not_before__gt=Now()
    ).update(not_before=Now())
