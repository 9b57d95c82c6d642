"""What people decide on doubted answers: the only code that changes a decision.

Approve stands by the answer, reject hides it and its text for good, correct stands by
another text that is recalled in the answer's place. One row lock settles who was first;
the second is told. Undo and reopen put the entry back before a person, and the memory
back to what it was until then.
"""

import logging
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from audit import history
from audit.exceptions import (
    AlreadyDecided,
    NotDecided,
    NotPending,
    TextMissing,
    TextStandsRejected,
    UndoClosed,
    UnknownEntry,
)
from audit.models import AuditEntry, Decision
from memory.exceptions import TextRejected
from memory.models import Memory
from memory.text import clean

logger = logging.getLogger(__name__)

UNDO_WINDOW = timedelta(minutes=15)
LONGEST_TEXT = 64_000

Status = AuditEntry.Status
Severity = AuditEntry.Severity
Action = Decision.Action

REOPENABLE = (Status.APPROVED, Status.REJECTED, Status.PASSED)


def approve(entry_id: int, *, by: User, comment: str = "") -> AuditEntry:
    """Stand by the answer.

    Raises:
        NotPending: there is nothing to decide; AlreadyDecided says who did.
        TextStandsRejected: the same text was rejected in another memory.
    """
    return _decide(entry_id, Action.APPROVED, by=by, comment=comment)


def reject(
    entry_id: int, *, by: User, comment: str = "", correction: str = ""
) -> AuditEntry:
    """Hide the answer, and its text wherever it is stored again.

    A correction is kept with the decision; to have it recalled, use ``correct``.

    Raises:
        NotPending: there is nothing to decide; AlreadyDecided says who did.
    """
    return _decide(
        entry_id, Action.REJECTED, by=by, comment=comment, correction=correction
    )


def correct(
    entry_id: int, *, by: User, correction: str, comment: str = ""
) -> AuditEntry:
    """Stand by another text, recalled in the answer's place.

    Raises:
        TextMissing: there is no correction.
        NotPending: there is nothing to decide; AlreadyDecided says who did.
        TextStandsRejected: the same text was rejected in another memory.
    """
    if not correction.strip():
        raise TextMissing("Say what would have been right.")
    return _decide(
        entry_id, Action.CORRECTED, by=by, comment=comment, correction=correction
    )


def decide(
    memory_id: UUID,
    action: Literal["approve", "reject"],
    *,
    by: User,
    comment: str = "",
    correction: str = "",
) -> AuditEntry:
    """The same verbs, for who knows the memory; approving a correction corrects.

    Raises:
        AuditError: as the verbs.
    """
    entry_id = _entry_of(memory_id)
    if action == "reject":
        return reject(entry_id, by=by, comment=comment, correction=correction)
    if correction.strip():
        return correct(entry_id, by=by, comment=comment, correction=correction)
    return approve(entry_id, by=by, comment=comment)


@transaction.atomic
def undo(entry_id: int, *, by: User) -> AuditEntry:
    """Take one's own decision back, soon after it.

    Raises:
        NotDecided: there is no decision.
        UndoClosed: it is somebody else's, or too old.
    """
    entry = _locked(entry_id)
    if entry.decided_by is None or entry.decided_at is None:
        raise NotDecided(f"This entry is {entry.status}: there is nothing to undo.")
    if entry.decided_by_id != by.pk:
        name = entry.decided_by.get_username()
        raise UndoClosed(f"It was decided by {name}: reopen it with a reason instead.")
    if not AuditEntry.objects.filter(
        pk=entry.pk, decided_at__gt=Now() - UNDO_WINDOW
    ).exists():
        minutes = UNDO_WINDOW.seconds // 60
        raise UndoClosed(
            f"It was decided more than {minutes} minutes ago:"
            " reopen it with a reason instead."
        )
    return _take_back(entry, Action.UNDONE, by=by)


@transaction.atomic
def reopen(entry_id: int, *, by: User, reason: str) -> AuditEntry:
    """Put a decided entry, or one that passed, before a person again.

    Raises:
        TextMissing: there is no reason.
        NotDecided: it is not decided and did not pass.
        TextStandsRejected: the same text was rejected in another memory.
    """
    if not reason.strip():
        raise TextMissing("Say why it is reopened.")
    entry = _locked(entry_id)
    if entry.status not in REOPENABLE:
        raise NotDecided(f"This entry is {entry.status}: there is nothing to reopen.")
    return _take_back(entry, Action.REOPENED, by=by, comment=reason)


@transaction.atomic
def _decide(
    entry_id: int,
    action: Decision.Action,
    *,
    by: User,
    comment: str,
    correction: str = "",
) -> AuditEntry:
    entry = _locked(entry_id)
    _refuse_unless_pending(entry)
    comment, correction = clean(comment, LONGEST_TEXT), clean(correction, LONGEST_TEXT)
    rejected = action == Action.REJECTED
    AuditEntry.objects.filter(pk=entry.pk).update(
        status=Status.REJECTED if rejected else Status.APPROVED,
        decided_by=by,
        decided_at=Now(),
        comment=comment,
        correction=correction,
    )
    memory = _locked_memory(entry)
    if rejected:
        memory.reject()
    elif memory.state != Memory.State.EXPIRED:  # what the user forgot stays forgotten
        _stand_by(memory, correction)
    return _done(entry, action, by=by, comment=comment, correction=correction)


def _stand_by(memory: Memory, correction: str) -> None:
    try:
        memory.approve(correction)
    except TextRejected as error:
        raise TextStandsRejected(str(error)) from error


def _take_back(
    entry: AuditEntry, action: Decision.Action, *, by: User, comment: str = ""
) -> AuditEntry:
    memory = _locked_memory(entry)
    severity = entry.severity or Severity.FLAGGED
    if memory.is_discontent:  # perhaps only since the decision
        severity = Severity.QUARANTINED
    AuditEntry.objects.filter(pk=entry.pk).update(
        status=Status.PENDING,
        severity=severity,
        decided_by=None,
        decided_at=None,
        comment="",
        correction="",
    )
    if memory.state != Memory.State.EXPIRED:
        _doubt_again(memory, severity)
    if entry.status == Status.REJECTED:
        _release_repetitions(memory)
    return _done(entry, action, by=by, comment=clean(comment, LONGEST_TEXT))


def _doubt_again(memory: Memory, severity: str) -> None:
    """What it was before the decision: hidden, or recalled with a doubt."""
    try:
        memory.restore()
        if severity == Severity.QUARANTINED:
            memory.quarantine()
        else:
            memory.flag()
    except TextRejected as error:
        raise TextStandsRejected(str(error)) from error


def _release_repetitions(memory: Memory) -> None:
    """Queue again what was rejected only because it repeats this memory's text."""
    why = f"The rejection of the same text in memory {memory.pk} was taken back."
    repeated = AuditEntry.objects.filter(memory__twin_of=memory.pk).order_by("pk")
    for entry in repeated.select_for_update(of=("self",)):
        _locked_memory(entry).restore()
        if entry.status != Status.REJECTED:
            continue  # not judged yet, or before a person already
        AuditEntry.objects.filter(pk=entry.pk).update(
            status=Status.WAITING,
            severity=Severity.NONE,
            attempts=0,
            not_before=Now(),
            decided_by=None,
            decided_at=None,
            comment="",
        )
        history.write(entry.pk, Action.REOPENED, comment=why)


def _done(
    entry: AuditEntry,
    action: Decision.Action,
    *,
    by: User,
    comment: str = "",
    correction: str = "",
) -> AuditEntry:
    history.write(entry.pk, action, by=by, comment=comment, correction=correction)
    entry.refresh_from_db()
    history.tell(entry.pk, entry.status)
    logger.info(
        "entry decided",
        extra={
            "action": "entry_decided",
            "decision": str(action),
            "entry_id": entry.pk,
            "user_id": by.pk,
        },
    )
    return entry


def _locked(entry_id: int) -> AuditEntry:
    # Nothing is joined: a row that had to be waited for comes with its new values, a
    # joined one with those from before the wait.
    try:
        return AuditEntry.objects.select_for_update().get(pk=entry_id)
    except AuditEntry.DoesNotExist as error:
        raise UnknownEntry(f"number {entry_id}") from error


def _locked_memory(entry: AuditEntry) -> Memory:
    """After its entry, always in this order: the auditor takes them so too."""
    return Memory.objects.select_for_update().get(pk=entry.memory_id)


def _entry_of(memory_id: UUID) -> int:
    entry_id = (
        AuditEntry.objects.filter(memory_id=memory_id)
        .values_list("pk", flat=True)
        .first()
    )
    if entry_id is None:
        raise UnknownEntry(f"memory {memory_id}")
    return entry_id


def _refuse_unless_pending(entry: AuditEntry) -> None:
    if entry.status == Status.PENDING:
        return
    if entry.decided_at is None:
        raise NotPending(
            f"This entry is {entry.status}: only a pending one can be decided."
        )
    name = entry.decided_by.get_username() if entry.decided_by else "the auditor"
    raise AlreadyDecided(
        f"Already {entry.status} by {name} at {entry.decided_at:%Y-%m-%d %H:%M} UTC.",
        decided_by=name,
        decided_at=entry.decided_at,
    )
