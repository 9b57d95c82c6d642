"""What an auditor found becomes rows: entry, memory and history in one transaction.

Each verb begins by giving up the lease, by its token. Where there is none any more,
somebody else judges, and what was found here is thrown away.
"""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from audit import doubts, history, repetitions
from audit.leases import Lease
from audit.models import MAX_ATTEMPTS, AuditEntry, Decision
from audit.verdict import Verdict
from memory.exceptions import TextRejected
from memory.models import Memory

Recorded = Literal["passed", "flagged", "quarantined", "skipped", "put back", "lost"]

UNREADABLE = "The judge could not be read"
POISON = "No auditor survived judging this"
FIRST_PAUSE = timedelta(minutes=1)
PAUSE_GROWTH = 4  # 1, 4, 16, 64 minutes: longer than most outages of a model
BURIED_AT_ONCE = 100

Status = AuditEntry.Status
Severity = AuditEntry.Severity
Action = Decision.Action


def severity_of(verdict: Verdict) -> AuditEntry.Severity:
    """What the site's thresholds make of a verdict."""
    if not verdict.is_incorrect:
        return Severity.NONE
    if verdict.confidence >= settings.AUDIT_QUARANTINE_THRESHOLD:
        return Severity.QUARANTINED
    if verdict.confidence >= settings.AUDIT_FLAG_THRESHOLD:
        return Severity.FLAGGED
    return Severity.NONE


@transaction.atomic
def verdict(lease: Lease, found: Verdict, judge: str) -> Recorded:
    severity = severity_of(found)
    status = Status.PENDING if severity else Status.PASSED
    kept = _give_up(
        lease.entry_id,
        lease.token,
        status=status,
        severity=severity,
        is_incorrect=found.is_incorrect,
        confidence=found.confidence,
        reason=found.reason,
        judge=judge,
        judged_at=Now(),
    )
    if not kept:
        return "lost"
    action = Action(severity or Action.PASSED)
    history.write(
        lease.entry_id,
        action,
        comment=found.reason,
        judge=judge,
        confidence=found.confidence,
    )
    if severity:
        history.tell(lease.entry_id, status)
    return _mark_memory(lease, severity)


@transaction.atomic
def no_objection(lease: Lease, reason: str, judge: str) -> Recorded:
    """Let it pass because nothing speaks against it, which is no verdict for it."""
    kept = _give_up(
        lease.entry_id,
        lease.token,
        status=Status.PASSED,
        reason=reason,
        judge=judge,
        judged_at=Now(),
    )
    if not kept:
        return "lost"
    history.write(lease.entry_id, Action.PASSED, comment=reason, judge=judge)
    return _mark_memory(lease, Severity.NONE)


@transaction.atomic
def skip(lease: Lease, reason: str) -> Recorded:
    """Let it pass unjudged; what the memory is trusted with stays as it was."""
    if not _give_up(lease.entry_id, lease.token, status=Status.PASSED, reason=reason):
        return "lost"
    history.write(lease.entry_id, Action.PASSED, comment=reason)
    doubts.keep_hidden(lease.entry_id, _locked(lease.memory_id))
    return "skipped"


@transaction.atomic
def repetition(lease: Lease) -> Recorded:
    """Close the entry of a text that was rejected before, as it was decided then."""
    if not _give_up(lease.entry_id, lease.token, status=Status.WAITING):
        return "lost"
    repetitions.close(lease.entry_id, Memory.objects.get(pk=lease.memory_id))
    return "skipped"


@transaction.atomic
def failure(lease: Lease, why: str) -> Recorded:
    """Try again later; after the last attempt a person is asked."""
    if lease.attempt >= MAX_ATTEMPTS:
        why = f"{UNREADABLE}: {why}"
        asked = _ask_a_person(lease.entry_id, lease.memory_id, lease.token, why)
        return "flagged" if asked else "lost"
    kept = _give_up(
        lease.entry_id,
        lease.token,
        status=Status.WAITING,
        reason=why,
        not_before=Now() + FIRST_PAUSE * PAUSE_GROWTH ** (lease.attempt - 1),
    )
    return "put back" if kept else "lost"


def bury_poison() -> int:
    """Put before a person what its last auditor did not survive; how many there were."""
    dead = (
        AuditEntry.objects.abandoned()
        .filter(attempts__gte=MAX_ATTEMPTS)
        .values_list("pk", "memory_id", "lease_token")[:BURIED_AT_ONCE]
    )
    return sum(_ask_a_person(*row, f"{POISON}.") for row in dead)


@transaction.atomic
def _ask_a_person(entry_id: int, memory_id: UUID, token: UUID | None, why: str) -> bool:
    values = {"status": Status.PENDING, "severity": Severity.FLAGGED, "reason": why}
    if not _give_up(entry_id, token, **values):
        return False
    memory = _locked(memory_id)
    memory.flag()
    history.write(entry_id, Action.FLAGGED, comment=why)
    doubts.keep_hidden(entry_id, memory)
    history.tell(entry_id, Status.PENDING)
    return True


def _give_up(entry_id: int, token: UUID | None, **values: Any) -> bool:
    """End the lease with these values; False when it is not ours any more."""
    return bool(
        AuditEntry.objects.filter(
            pk=entry_id, status=Status.JUDGING, lease_token=token
        ).update(lease_token=None, lease_until=None, **values)
    )


def _mark_memory(lease: Lease, severity: AuditEntry.Severity) -> Recorded:
    memory = _locked(lease.memory_id)
    if doubts.keep_hidden(lease.entry_id, memory):
        return "quarantined"
    if severity == Severity.FLAGGED:
        memory.flag()
        return "flagged"
    if severity == Severity.NONE:
        memory.mark_passed()
        return "passed"
    try:
        memory.quarantine()
    except TextRejected:
        # It is hidden for good already: nobody needs to decide on that text again.
        repetitions.close(lease.entry_id, memory)
    return "quarantined"


def _locked(memory_id: UUID) -> Memory:
    """After its entry, always in this order."""
    return Memory.objects.select_for_update().get(pk=memory_id)
