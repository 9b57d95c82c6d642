"""What a user's rating does to the queue: a thumbs down hides until a person has looked.

The judge may look first, but it cannot acquit: a doubt is added to, never taken away by
a machine. What the judge has passed already goes before a person at once, for it would
only say the same again. What a person has decided stands; the new doubt is written into
the history and shown on the review desk.
"""

import logging

from django.contrib.auth.models import User

from audit import history, queue, repetitions
from audit.models import AuditEntry, Decision
from memory.exceptions import TextRejected
from memory.models import Memory

logger = logging.getLogger(__name__)

Status = AuditEntry.Status
Severity = AuditEntry.Severity

SAID_WRONG = "The user said it was wrong"
SAID_RIGHT = "The user said it helped"
TAKEN_BACK = "The user took the rating back."

UNJUDGED = (Status.WAITING, Status.JUDGING)
REVIEWABLE = (Status.PASSED, Status.PENDING)


def heed(memory: Memory, user_id: int) -> None:
    """Act on a rating that has changed; entry and memory are locked by the caller."""
    entry = AuditEntry.objects.get(memory=memory)
    by = User(pk=user_id)  # its row is not read: the foreign key vouches for it
    history.write(
        entry.pk, Decision.Action.RATED, by=by, comment=word(memory) or TAKEN_BACK
    )
    # Whatever stands now: what is being judged may have to wait again.
    AuditEntry.objects.filter(pk=entry.pk).update(priority=queue.priority_of(memory))
    if memory.is_discontent:
        _doubt(entry, memory)
    elif entry.status in UNJUDGED and memory.state == Memory.State.QUARANTINED:
        _believe_again(memory)
    entry.refresh_from_db(fields=["status"])
    history.tell(entry.pk, entry.status)
    logger.info(
        "memory rated",
        extra={
            "action": "memory_rated",
            "memory_id": str(memory.pk),
            "rating": memory.rating,
            "status": str(entry.status),
        },
    )


def keep_hidden(entry_id: int, memory: Memory) -> bool:
    """Put before a person what its user doubts, whatever the judge says of it.

    The caller has just ended its lease on the entry, and holds the memory's row: until
    then nothing but its user's doubt can have hidden it.
    """
    if memory.state != Memory.State.QUARANTINED:
        return False
    _put_before_a_person(entry_id)
    history.tell(entry_id, Status.PENDING)
    return True


def word(memory: Memory) -> str:
    """The user's word in one line, for who reviews it; nothing when there is none."""
    if memory.rating is None:
        return ""
    said = SAID_WRONG if memory.is_discontent else SAID_RIGHT
    words = f": “{memory.rating_comment}”" if memory.rating_comment else "."
    return f"{said} ({memory.rating} of 5){words}"


def reason(entry: AuditEntry) -> str:
    """Why it is before a person: its user's doubt first, then the auditor's reason."""
    if not entry.memory.is_discontent:
        return entry.reason
    judged = f" The auditor: {entry.reason}" if entry.reason else ""
    return f"{word(entry.memory)}{judged}"


def _doubt(entry: AuditEntry, memory: Memory) -> None:
    if entry.status in UNJUDGED:
        _hide(memory)  # the judge comes first; keep_hidden follows it
    elif entry.status in REVIEWABLE and memory.state != Memory.State.EXPIRED:
        _put_before_a_person(entry.pk)
        if not _hide(memory):
            # Hidden for good already: nobody needs to decide on that text again.
            repetitions.close(entry.pk, memory)


def _put_before_a_person(entry_id: int) -> None:
    AuditEntry.objects.filter(pk=entry_id).update(
        status=Status.PENDING, severity=Severity.QUARANTINED
    )


def _hide(memory: Memory) -> bool:
    """Out of recall until a person decides; False when its text is rejected."""
    try:
        if memory.state == Memory.State.ACTIVE:
            memory.quarantine()
    except TextRejected:
        return False
    return memory.state != Memory.State.REJECTED


def _believe_again(memory: Memory) -> None:
    """The user took a doubt back that nobody else had shared."""
    try:
        memory.restore()
    except TextRejected:
        logger.info("a text that is rejected stays hidden")
