"""Entries of texts that were rejected before, closed as they were decided then."""

from django.db.models.functions import Now

from audit import history
from audit.models import AuditEntry, Decision
from memory.models import Memory


def close(entry_id: int, memory: Memory) -> None:
    """Close the entry of a memory that is rejected, in the caller's transaction."""
    comment, first = "The memory was rejected before it was judged.", None
    if memory.twin_of:
        comment = f"The same text was rejected in memory {memory.twin_of}."
        first = AuditEntry.objects.filter(memory_id=memory.twin_of).first()
    AuditEntry.objects.filter(pk=entry_id).update(
        status=AuditEntry.Status.REJECTED,
        severity=AuditEntry.Severity.QUARANTINED,
        decided_at=(first and first.decided_at) or Now(),
        decided_by=first and first.decided_by_id,
        comment=comment,
    )
    history.write(entry_id, Decision.Action.REJECTED, comment=comment)
    history.tell(entry_id, AuditEntry.Status.REJECTED)
