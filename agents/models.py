"""Agent profiles, conversations and their turns."""

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from agents.validators import storable, tool_problems


class AgentProfile(models.Model):
    """What an agent is told to be and which tools it may call."""

    id = models.SlugField(
        "id",
        primary_key=True,
        max_length=64,
        help_text="It stands in the address of its socket: /ws/ID/.",
    )
    name = models.CharField(max_length=100, validators=[storable])
    role = models.CharField(max_length=200, validators=[storable])
    goal = models.TextField(max_length=2000, validators=[storable])
    backstory = models.TextField(max_length=4000, blank=True, validators=[storable])
    tools = models.JSONField(
        default=list, blank=True, help_text="A list of tool names."
    )
    model_name = models.CharField(
        max_length=200,
        blank=True,
        validators=[storable],
        help_text="Empty: the model of LLM_MODEL.",
    )
    memory = models.BooleanField(
        default=True, help_text="Recall what was answered before."
    )
    verbose = models.BooleanField(
        default=False, help_text="Answer with the details, not only the essence."
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # An agent that cannot work is refused by every way in, not only by the admin.
        self.full_clean(validate_unique=False, validate_constraints=False)
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as exc:
            errors = exc.error_dict
        if "tools" not in (exclude or ()):
            # Not a field validator: those do not see an empty list.
            problems = tool_problems(self.tools)
            errors |= (
                {"tools": [ValidationError(p) for p in problems]} if problems else {}
            )
        if errors:
            raise ValidationError(errors)


class Conversation(models.Model):
    """The questions of one user to one agent, in their order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Empty for questions asked from the terminal of the server.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="conversations",
    )
    # Not a foreign key: a conversation outlives the agent it was held with.
    agent_id = models.CharField(max_length=64)
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    next_seq = models.BigIntegerField(default=1)

    class Meta:
        ordering = ["-updated_at"]
        permissions = [("use_chat", "Can ask the agents")]
        indexes = [
            # The list of a user's conversations, newest first.
            models.Index(fields=["user", "-updated_at"], name="conversation_of_user"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class Turn(models.Model):
    """One question and what became of it."""

    class Status(models.TextChoices):
        RUNNING = "running", "running"
        OK = "ok", "ok"
        STOPPED = "stopped", "stopped"
        FAILED = "failed", "failed"
        INTERRUPTED = "interrupted", "interrupted"
        TRUNCATED = "truncated", "truncated"

    class Mode(models.TextChoices):
        LLM = "llm", "language model"
        COMPUTED = "computed", "computed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="turns"
    )
    number = models.PositiveIntegerField()
    client_id = models.UUIDField(null=True, blank=True)
    question = models.TextField()
    answer = models.TextField(blank=True)
    status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.RUNNING
    )
    mode = models.CharField(max_length=8, choices=Mode.choices, blank=True)
    tools = models.JSONField(default=list, blank=True)
    evidence = models.JSONField(default=list, blank=True)
    grounding = models.JSONField(default=dict, blank=True)
    sources = models.JSONField(default=list, blank=True)
    first_seq = models.BigIntegerField(null=True, blank=True)
    last_seq = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Renewed by the process that runs the turn; once past, that process is dead.
    lease_until = models.DateTimeField(null=True, blank=True)
    # What the sockets were told, so that one can resume after a restart; only the
    # newest turn of a conversation keeps them.
    frames = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "number"], name="turn_number_once"
            ),
            # Two frames with the same client_id are one turn, whoever comes first.
            # The id leads, so that it also finds a turn whose conversation is unknown.
            models.UniqueConstraint(
                fields=["client_id", "conversation"], name="turn_client_id_once"
            ),
            # One question at a time, however many sockets and processes ask.
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status="running"),
                name="turn_running_once",
            ),
        ]
        indexes = [
            # Turns that a process left running when it died.
            models.Index(
                fields=["created_at"],
                condition=models.Q(status="running"),
                name="turn_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.number}"
