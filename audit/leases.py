"""Who may judge an entry now: claimed before the model is asked, for a time, by token.

The database settles it: one row lock, the database's own clock, and a token without
which nothing can be recorded. Attempts count at the claim, so that an entry which kills
its auditor counts too.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit.models import MAX_ATTEMPTS, AuditEntry, AuditEntryQuerySet
from audit.subject import Subject
from memory.models import Memory


@dataclass(frozen=True, slots=True)
class Case:
    """A memory as an auditor sees it."""

    memory_id: UUID
    subject: Subject
    content_hash: str
    rating: int | None
    memory_state: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to record a verdict on a case; the token proves it."""

    case: Case
    entry_id: int
    token: UUID
    attempt: int

    @property
    def memory_id(self) -> UUID:
        return self.case.memory_id


def claim_next(*, since: datetime | None = None) -> Lease | None:
    """Take the next entry: what waits, then what a dead auditor left behind."""
    entries = _entries(since)
    return _claim(entries.due().order_by("priority", "id")) or _claim(
        entries.abandoned().order_by("lease_until")
    )


def claim(entry_id: int) -> Lease | None:
    """Take this entry, unless it is judged, put off, or another auditor's."""
    entries = AuditEntry.objects.filter(pk=entry_id)
    return _claim(entries.due()) or _claim(entries.abandoned())


def due_ids(limit: int, *, since: datetime | None = None) -> list[int]:
    """What would be claimed next."""
    entries = _entries(since).due().order_by("priority", "id")
    return list(entries.values_list("pk", flat=True)[:limit])


def case(entry_id: int) -> Case:
    """The entry as it is, without a claim to it."""
    return _case(AuditEntry.objects.select_related("memory").get(pk=entry_id))


def count_due(*, since: datetime | None = None) -> int:
    return _entries(since).due().count()


def _entries(since: datetime | None) -> AuditEntryQuerySet:
    entries = AuditEntry.objects.all()
    return entries if since is None else entries.filter(created_at__gte=since)


@transaction.atomic
def _claim(candidates: QuerySet[AuditEntry]) -> Lease | None:
    entry = (
        candidates.filter(attempts__lt=MAX_ATTEMPTS)
        # Another auditor's row is passed over, not waited for.
        .select_for_update(skip_locked=True)
        .first()
    )
    if entry is None:
        return None
    lease = Lease(_case(entry), entry.pk, uuid.uuid4(), entry.attempts + 1)
    AuditEntry.objects.filter(pk=entry.pk).update(
        status=AuditEntry.Status.JUDGING,
        lease_token=lease.token,
        lease_until=Now() + timedelta(seconds=settings.AUDIT_LEASE_SECONDS),
        attempts=lease.attempt,
    )
    return lease


def _case(entry: AuditEntry) -> Case:
    memory = entry.memory
    return Case(
        memory_id=memory.pk,
        subject=subject_of(memory),
        content_hash=entry.content_hash,
        rating=memory.rating,
        memory_state=memory.state,
    )


def subject_of(memory: Memory) -> Subject:
    evidence = memory.evidence if isinstance(memory.evidence, list) else []
    return Subject(
        question=memory.question,
        answer=memory.answer,
        evidence=[item for item in evidence if isinstance(item, Mapping)],
    )
