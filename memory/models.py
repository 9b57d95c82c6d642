"""What is remembered of a turn, whether it may be recalled, and the index over it.

The rows are the truth and mem0 the index. Two rules are kept by triggers and a view of
the database (see the migrations), so that no code path can forget them: mem0 sees a
memory only while it may be recalled, and a text that was rejected stays hidden in
whatever row it is stored again.
"""

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from memory.exceptions import TextRejected
from memory.fields import VectorField

MAX_INDEX_ATTEMPTS = 8
LONGEST_COMMENT = 500
LEAST_CONTENT = 3  # of 5: below it the user was not content


class MemoryQuerySet(models.QuerySet["Memory"]):
    """The questions that the memories are asked."""

    def recallable(self) -> Self:
        """What may stand in a prompt; the view ``memory_visible`` says the same."""
        same_text = Q(content_hash=OuterRef("content_hash"))
        return self.filter(
            ~Exists(Memory.objects.rejections().filter(same_text)),
            ~Exists(RejectedText.objects.filter(same_text)),
            state=Memory.State.ACTIVE,
        )

    def rejections(self) -> Self:
        """Rows that a person rejected, without those that only repeat their text."""
        return self.filter(state=Memory.State.REJECTED, twin_of=None)

    def unindexed(self) -> Self:
        """What the semantic index lacks although it may be needed there."""
        return self.filter(
            indexed_at=None,
            state__in=[Memory.State.ACTIVE, Memory.State.QUARANTINED],
        )

    def due_for_indexing(self) -> Self:
        """Unindexed, not given up on, and not put off to a later time."""
        return self.unindexed().filter(
            index_after__lte=Now(), index_attempts__lt=MAX_INDEX_ATTEMPTS
        )

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")


class Memory(models.Model):
    """A question and its answer worth keeping, with what the answer rests on."""

    class State(models.TextChoices):
        """Who may see it: only an active memory is ever recalled."""

        ACTIVE = "active", pgettext_lazy("memory", "active")
        QUARANTINED = "quarantined", _("quarantined")
        REJECTED = "rejected", _("rejected")
        EXPIRED = "expired", _("expired")

    class Trust(models.TextChoices):
        """What was found out about it."""

        UNJUDGED = "unjudged", _("unjudged")
        PASSED = "passed", _("passed by the auditor")
        APPROVED = "approved", _("approved by a person")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    turn_id = models.UUIDField(
        _("turn"), unique=True, help_text=_("One memory per turn.")
    )
    conversation_id = models.UUIDField(
        _("conversation"), null=True, blank=True, db_index=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    agent_id = models.CharField(_("agent"), max_length=200)
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"))
    evidence = models.JSONField(_("evidence"), default=list, blank=True)
    grounding = models.JSONField(_("grounding"), default=dict, blank=True)
    mode = models.CharField(_("mode"), max_length=20, blank=True)
    # The three columns below that have a db_default come back from the INSERT: a
    # trigger computes the hash, and rejects a text that was rejected before.
    content_hash = models.CharField(
        _("content hash"), max_length=64, db_default="", editable=False
    )
    state = models.CharField(
        _("state"),
        max_length=11,
        choices=State,
        default=State.ACTIVE,
        db_default=State.ACTIVE,
    )
    twin_of = models.UUIDField(
        _("twin of"),
        null=True,
        blank=True,
        db_default=None,
        editable=False,
        help_text=_("The rejected memory whose text this one repeats."),
    )
    # The verbs below raise it. Without that the database lets no rejected memory out:
    # saving what was read before the rejection fails.
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    trust = models.CharField(
        _("trust"),
        max_length=8,
        choices=Trust,
        default=Trust.UNJUDGED,
        db_default=Trust.UNJUDGED,
    )
    doubted = models.BooleanField(
        _("doubted"),
        default=False,
        db_default=False,
        help_text=_("The auditor doubts it and no person has decided yet."),
    )
    rating = models.SmallIntegerField(
        _("rating"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("The user's own: 1 (thumbs down) to 5 (thumbs up)."),
    )
    rating_comment = models.CharField(
        _("rating comment"),
        max_length=LONGEST_COMMENT,
        blank=True,
        default="",
        db_default="",
        help_text=_("What was wrong with it, in the user's words."),
    )
    rated_at = models.DateTimeField(
        _("rated at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the rating last changed, or was taken back."),
    )
    correction = models.TextField(
        _("correction"), blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, db_default=Now()
    )

    indexed_at = models.DateTimeField(
        _("indexed at"), null=True, blank=True, editable=False
    )
    index_attempts = models.PositiveSmallIntegerField(
        _("index attempts"), default=0, db_default=0
    )
    index_after = models.DateTimeField(_("index after"), db_default=Now())
    index_error = models.CharField(
        _("index error"), max_length=200, blank=True, default="", db_default=""
    )

    objects = MemoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("memory")
        verbose_name_plural = _("memories")
        constraints = [
            models.CheckConstraint(
                name="memory_state_known",
                condition=Q(state__in=["active", "quarantined", "rejected", "expired"]),
            ),
            models.CheckConstraint(
                name="memory_trust_known",
                condition=Q(trust__in=["unjudged", "passed", "approved"]),
            ),
            models.CheckConstraint(
                name="memory_twin_is_rejected",
                condition=Q(twin_of=None) | Q(state="rejected"),
            ),
            models.CheckConstraint(
                name="memory_rating_on_its_scale",
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5),
            ),
        ]
        indexes = [
            # get_all_recent_conversations, and the admin's first page.
            models.Index(fields=["-created_at", "-id"], name="memory_newest"),
            # "Was this text rejected?", asked for every row that is recalled or stored.
            models.Index(
                fields=["content_hash"],
                name="memory_rejected_hash",
                condition=Q(state="rejected", twin_of=None),
            ),
            # What is left to index, oldest first.
            models.Index(
                fields=["index_after"],
                name="memory_unindexed",
                condition=Q(indexed_at=None),
            ),
            # The review desk's filter; most memories are never rated.
            models.Index(
                fields=["rating"],
                name="memory_rated",
                condition=Q(rating__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def is_discontent(self) -> bool:
        """Does its own user say that it is wrong?"""
        return self.rating is not None and self.rating < LEAST_CONTENT

    def rate(self, rating: int | None, comment: str = "") -> bool:
        """Keep the user's word, in the caller's transaction; False: it was known."""
        if (rating, comment) == (self.rating, self.rating_comment):
            return False
        Memory.objects.filter(pk=self.pk).update(
            rating=rating, rating_comment=comment, rated_at=Now()
        )
        self.refresh_from_db(fields=["rating", "rating_comment", "rated_at"])
        return True

    # The verbs that follow belong into the caller's transaction; audit alone uses them.

    def mark_passed(self) -> None:
        """The auditor found nothing wrong."""
        self._record(doubted=False, trust=self.Trust.PASSED)

    def flag(self) -> None:
        """The auditor doubts it a little: recalled as before, until a person decides."""
        self._record(doubted=True)

    def quarantine(self) -> None:
        """The auditor doubts it much: hidden until a person decides.

        Raises:
            TextRejected: a person rejected it already, or its text in another memory.
        """
        self._become(self.State.QUARANTINED, unless_rejected=True)
        self._record(doubted=True)

    def reject(self) -> None:
        """A person decided against it: neither it nor its text is recalled again."""
        self._become(self.State.REJECTED)
        self._record(doubted=False, trust=self.Trust.UNJUDGED)

    def approve(self, correction: str = "") -> None:
        """A person stands by it, or by the correction.

        Raises:
            TextRejected: the same text was rejected in another memory.
        """
        self._become(self.State.ACTIVE)
        self.correction = correction
        self._record(doubted=False, trust=self.Trust.APPROVED)

    def restore(self) -> None:
        """Take a person's decision back: recalled again, and unjudged.

        Raises:
            TextRejected: the same text was rejected in another memory.
        """
        self._become(self.State.ACTIVE)
        self.correction = ""
        self._record(doubted=False, trust=self.Trust.UNJUDGED)

    def _record(self, *, doubted: bool, trust: str = "") -> None:
        self.doubted = doubted
        self.trust = trust or self.trust
        self.save(update_fields=["doubted", "trust", "correction"])

    def _become(self, state: str, *, unless_rejected: bool = False) -> None:
        row = Memory.objects.filter(pk=self.pk)
        if unless_rejected:
            row = row.exclude(state=self.State.REJECTED)
        row.update(state=state, twin_of=None, revision=F("revision") + 1)
        self.refresh_from_db(fields=["state", "twin_of", "revision"])
        if self.state != state:
            where = f"The same text was rejected in memory {self.twin_of}"
            msg = where if self.twin_of else "A person rejected this memory"
            raise TextRejected(f"{msg}: reopen that decision first.")


class RejectedText(models.Model):
    """A rejected text whose memory was purged; it stays rejected, known by its hash."""

    content_hash = models.CharField(max_length=64, primary_key=True)
    memory_id = models.UUIDField(help_text=_("The purged memory."))
    rejected_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.content_hash


class MemoryItem(models.Model):
    """A row of mem0's index; only mem0 writes it, through the view that hides rows."""

    memory = models.OneToOneField(
        Memory,
        on_delete=models.CASCADE,
        primary_key=True,
        db_column="id",
        related_name="item",
    )
    vector = VectorField()
    payload = models.JSONField()

    class Meta:
        db_table = "memory_item"

    def __str__(self) -> str:
        return str(self.pk)
