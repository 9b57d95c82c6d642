"""A memory's way into the queue: with the memory itself, or swept up later."""

from uuid import UUID

from django.db.models.functions import Now

from audit.leases import subject_of
from audit.models import AuditEntry
from memory.models import Memory

ADOPTED_AT_ONCE = 500


def enter(memory: Memory) -> AuditEntry:
    """Queue a new memory, in the caller's transaction."""
    entry = _entry(memory)
    entry.save(force_insert=True)
    return entry


def lock(memory_id: UUID) -> None:
    """Lock the memory's entry in the caller's transaction; queue it if it was not."""
    memory = Memory.objects.filter(pk=memory_id, audit_entry=None).first()
    if memory is not None:
        AuditEntry.objects.bulk_create([_entry(memory)], ignore_conflicts=True)
    # Read for its lock alone; there is none when the memory is purged at this moment.
    AuditEntry.objects.filter(memory_id=memory_id).select_for_update().first()


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


def priority_of(memory: Memory) -> AuditEntry.Priority:
    priority = AuditEntry.Priority
    return priority.THUMBS_DOWN if memory.is_discontent else priority.NORMAL


def _entry(memory: Memory) -> AuditEntry:
    return AuditEntry(
        memory=memory,
        content_hash=subject_of(memory).content_hash(),
        priority=priority_of(memory),
        created_at=memory.created_at,
    )


def put_off_no_longer() -> None:
    """Make everything due that waits for a better time."""
    AuditEntry.objects.filter(
        status=AuditEntry.Status.WAITING, not_before__gt=Now()
    ).update(not_before=Now())
