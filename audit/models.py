"""The audit queue, one row per memory, and the history of what was decided."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from memory.models import Memory

MAX_ATTEMPTS = 5  # claims of one entry; the fifth that fails puts it before a person


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """The questions that the queue is asked; times are the database's own."""

    def due(self) -> Self:
        """Waiting, and not put off to a later time."""
        return self.filter(status=AuditEntry.Status.WAITING, not_before__lte=Now())

    def abandoned(self) -> Self:
        """Leased to an auditor whose time has run out: it crashed or hangs."""
        return self.filter(status=AuditEntry.Status.JUDGING, lease_until__lte=Now())

    def pending(self) -> Self:
        """Waiting for a person."""
        return self.filter(status=AuditEntry.Status.PENDING)

    def flagged(self) -> Self:
        """Ever put before a person and still there or decided."""
        return self.filter(status__in=FLAG_STATUSES)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "id")


class AuditEntry(models.Model):
    """A memory's place in the queue, from waiting to a verdict to a decision."""

    class Status(models.TextChoices):
        """Where the memory stands."""

        WAITING = "waiting", _("waiting for the auditor")
        JUDGING = "judging", _("being judged")
        PASSED = "passed", _("passed")
        PENDING = "pending", _("pending review")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    class Severity(models.TextChoices):
        """How strong the doubt is; a quarantined memory is hidden meanwhile."""

        NONE = "", _("none")
        FLAGGED = "flagged", _("flagged")
        QUARANTINED = "quarantined", _("quarantined")

    class Priority(models.IntegerChoices):
        """Who is judged first."""

        THUMBS_DOWN = 0, _("the user was not content")
        NORMAL = 1, _("as it came")

    memory = models.OneToOneField(
        Memory, on_delete=models.CASCADE, related_name="audit_entry"
    )
    status = models.CharField(
        max_length=8, choices=Status, default=Status.WAITING, db_default=Status.WAITING
    )
    severity = models.CharField(
        max_length=11, choices=Severity, default=Severity.NONE, blank=True
    )
    is_incorrect = models.BooleanField(null=True, blank=True)
    confidence = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    reason = models.TextField(blank=True)
    judge = models.CharField("judged by", max_length=200, blank=True)
    content_hash = models.CharField(max_length=64)

    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL
    )
    not_before = models.DateTimeField(db_default=Now())
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField(db_default=Now())
    judged_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    comment = models.TextField(blank=True)
    correction = models.TextField(blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        db_table = "audit_queue"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        permissions = [("review_auditentry", "Can review audit entries")]
        constraints = [
            models.CheckConstraint(
                name="audit_queue_status_known",
                condition=Q(
                    status__in=[
                        "waiting",
                        "judging",
                        "passed",
                        "pending",
                        "approved",
                        "rejected",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="audit_queue_severity_when_flagged",
                condition=Q(
                    status__in=["pending", "approved", "rejected"],
                    severity__in=["flagged", "quarantined"],
                )
                | Q(status__in=["waiting", "judging", "passed"], severity=""),
            ),
            models.CheckConstraint(
                name="audit_queue_lease_while_judging",
                condition=Q(
                    status="judging",
                    lease_token__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~Q(status="judging")
                    & Q(lease_token__isnull=True, lease_until__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="audit_queue_decided_by_somebody",
                # A repeated text is rejected with its first decision, whose person
                # may be gone with a purged memory: only an approval needs a name.
                condition=Q(
                    status="approved",
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                )
                | Q(status="rejected", decided_at__isnull=False)
                | (
                    ~Q(status__in=["approved", "rejected"])
                    & Q(decided_at__isnull=True, decided_by__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="audit_queue_confidence_is_a_share",
                condition=Q(confidence__isnull=True)
                | Q(confidence__gte=0, confidence__lte=1),
            ),
        ]
        indexes = [
            # The auditor's claim: the next waiting entry, thumbs down first.
            models.Index(
                fields=["priority", "id"],
                name="audit_queue_claim_next",
                condition=Q(status="waiting"),
            ),
            # The auditor's claim: entries whose auditor died.
            models.Index(
                fields=["lease_until"],
                name="audit_queue_claim_abandoned",
                condition=Q(status="judging"),
            ),
            # The review desk's first page, and the age of the oldest pending entry.
            models.Index(
                fields=["created_at", "id"],
                name="audit_queue_pending_oldest",
                condition=Q(status="pending"),
            ),
            # GET /api/audit/flags: all that ever stood before a person, oldest first.
            models.Index(
                fields=["created_at", "id"],
                name="audit_queue_flags_oldest",
                condition=Q(status__in=["pending", "approved", "rejected"]),
            ),
            # "Was this content judged by this judge before?"
            models.Index(
                fields=["content_hash", "judge"],
                name="audit_queue_judged_content",
                condition=Q(judged_at__isnull=False),
            ),
            # The desk filtered by status; counts per status, read from the index alone.
            models.Index(
                fields=["status", "created_at", "id"], name="audit_queue_by_status"
            ),
            # The desk with all entries.
            models.Index(fields=["created_at", "id"], name="audit_queue_by_age"),
        ]

    def __str__(self) -> str:
        return f"audit entry {self.pk}"


FLAG_STATUSES = (
    AuditEntry.Status.PENDING,
    AuditEntry.Status.APPROVED,
    AuditEntry.Status.REJECTED,
)


class Decision(models.Model):
    """One line of an entry's history: the auditor's, a person's, or its user's own word.

    It is never changed: a trigger refuses that, and to delete one outside of ``purge``,
    which announces itself to the database (``SET LOCAL resync.purge = 'on'``).
    """

    class Action(models.TextChoices):
        """What was done with the entry."""

        PASSED = "passed", _("passed")
        FLAGGED = "flagged", _("flagged")
        QUARANTINED = "quarantined", _("quarantined")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        CORRECTED = "corrected", _("corrected")
        REOPENED = "reopened", _("reopened")
        UNDONE = "undone", _("undone")
        RATED = "rated", _("rated")

    entry = models.ForeignKey(
        AuditEntry, on_delete=models.CASCADE, related_name="decisions"
    )
    action = models.CharField(max_length=11, choices=Action)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the auditor.",
    )
    comment = models.TextField(blank=True)
    correction = models.TextField(blank=True)
    judge = models.CharField(max_length=200, blank=True)
    confidence = models.FloatField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        # An entry's history, in order; also finds who decided last.
        indexes = [models.Index(fields=["entry", "id"], name="audit_decision_history")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.action} ({self.entry_id})"


class Heartbeat(models.Model):
    """When a part of the worker was last seen alive; health reads it."""

    class Part(models.TextChoices):
        """Who beats."""

        CLUSTER = "cluster", "the cluster's guard loop"
        TICK = "tick", "a tick that went through queue and worker"

    part = models.CharField(max_length=8, choices=Part, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.at}"
