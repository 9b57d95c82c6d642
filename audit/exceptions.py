"""What goes wrong with a decision, each a state that the caller can name.

AuditError
  UnknownEntry       no such memory in the queue
  NotPending         nothing to decide: not judged yet, or passed
    AlreadyDecided   somebody was first; says who and when
  NotDecided         nothing to take back or reopen
  UndoClosed         too late, or somebody else's decision: reopen instead
  TextMissing        a reopening without its reason
  TextStandsRejected the same text was rejected in another memory: reopen that first
  VerdictUnreadable  the judge answered, but no verdict
"""

from datetime import datetime


class AuditError(Exception):
    """Something is wrong with a decision; the message is a sentence, safe to show."""


class UnknownEntry(AuditError):
    """There is no such entry in the audit queue."""

    def __init__(self, key: object) -> None:
        super().__init__(f"There is no audit entry for {key}.")


class NotPending(AuditError):
    """The entry does not wait for a person."""

    def __init__(
        self,
        message: str,
        *,
        decided_by: str | None = None,
        decided_at: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.decided_by = decided_by
        self.decided_at = decided_at


class AlreadyDecided(NotPending):
    """Somebody decided before; ``decided_by`` and ``decided_at`` say who and when."""


class NotDecided(AuditError):
    """There is no decision to take back."""


class UndoClosed(AuditError):
    """The time for an undo is over, or the decision is somebody else's."""


class TextMissing(AuditError):
    """The history needs a text that was not given."""


class TextStandsRejected(AuditError):
    """The same text was rejected in another memory."""


class VerdictUnreadable(AuditError):
    """The judge answered, and none of it is a verdict to act on."""

    def __init__(self, reason: str, length: int) -> None:
        super().__init__(
            f"The judge's reply is no verdict ({length} characters, ended by {reason})."
        )
