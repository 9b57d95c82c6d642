"""The rows behind the gateway: stored, read and hidden by plain ORM, synchronously."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import Error, InterfaceError, OperationalError, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from memory.exceptions import MemoryUnavailable
from memory.models import (
    MAX_INDEX_ATTEMPTS,
    Memory,
    MemoryItem,
    MemoryQuerySet,
)
from memory.signals import memory_remembered
from memory.text import (
    ANSWER_LIMIT,
    QUESTION_LIMIT,
    bounded_evidence,
    bounded_mapping,
    clean,
)

logger = logging.getLogger(__name__)

LATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Remembered:
    """A turn worth keeping."""

    turn_id: UUID
    conversation_id: UUID | None
    user_id: int | None
    agent_id: str
    question: str
    answer: str
    evidence: Sequence[Mapping[str, Any]] = ()
    mode: str = ""
    grounding: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory as it may stand in a prompt; what it says of the plan was true once.

    ``score`` is the likeness to the query, at most 1, and 0 where nothing was compared.
    """

    id: UUID
    question: str
    answer: str
    created_at: datetime
    trust: str
    score: float
    correction: str
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many memories the index lacks, for too long, and for good."""

    left: int
    late: int
    given_up: int


def store(turn: Remembered) -> UUID:
    """Store the turn and what listeners add, all or nothing; once per turn."""
    with database(), transaction.atomic():
        memory, created = Memory.objects.get_or_create(
            turn_id=turn.turn_id, defaults=_columns(turn)
        )
        if created:
            memory_remembered.send(sender=Memory, memory=memory)
    return memory.pk


def _columns(turn: Remembered) -> dict[str, Any]:
    # The user may have been removed while the answer was written.
    user = turn.user_id and get_user_model().objects.filter(pk=turn.user_id).first()
    return {
        "conversation_id": turn.conversation_id,
        "user": user or None,
        "agent_id": clean(turn.agent_id, 200),
        "question": clean(turn.question, QUESTION_LIMIT),
        "answer": clean(turn.answer, ANSWER_LIMIT),
        "evidence": bounded_evidence(turn.evidence),
        "mode": clean(turn.mode, 20),
        "grounding": bounded_mapping(turn.grounding),
        "created_at": turn.created_at or timezone.now(),
    }


def recent(limit: int) -> list[Recalled]:
    with database():
        rows = list(_slim().newest_first()[:limit])
    return [_recalled(row, 0.0) for row in rows]


def recalled(scores: Mapping[UUID, float]) -> list[Recalled]:
    """These memories as their rows have them now, without those hidden meanwhile."""
    with database():
        rows = _slim().in_bulk(list(scores))
    return [_recalled(rows[pk], score) for pk, score in scores.items() if pk in rows]


def exists(memory_id: UUID, **conditions: object) -> bool:
    with database():
        return Memory.objects.filter(pk=memory_id, **conditions).exists()


def expire(memory_id: UUID) -> None:
    """Hide it and take it out of the index; a rejection stays what it is."""
    living = [Memory.State.ACTIVE, Memory.State.QUARANTINED]
    with database(), transaction.atomic():
        Memory.objects.filter(pk=memory_id, state__in=living).update(
            state=Memory.State.EXPIRED,
            indexed_at=None,
            index_attempts=0,
            index_after=Now(),
        )
        MemoryItem.objects.filter(pk=memory_id).delete()


def backlog() -> Backlog:
    late = timezone.now() - timedelta(seconds=LATE_SECONDS)
    given_up = Q(index_attempts__gte=MAX_INDEX_ATTEMPTS)
    with database():
        counts = Memory.objects.unindexed().aggregate(
            left=Count("pk"),
            late=Count("pk", filter=Q(created_at__lt=late) & ~given_up),
            given_up=Count("pk", filter=given_up),
        )
    return Backlog(**counts)


def all_indexed_by(embedder: str) -> bool:
    """Did this embedder make every vector? Others are not comparable with its own."""
    with database():
        return not MemoryItem.objects.exclude(payload__embedder=embedder).exists()


@contextmanager
def database() -> Iterator[None]:
    """Turn what the database raises into an error of ours."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise MemoryUnavailable("The database does not answer.") from error
    except Error as error:
        logger.exception("memory rows failed", extra={"action": "memory_rows_failed"})
        raise MemoryUnavailable("The database refused it: see the log.") from error


def _slim() -> MemoryQuerySet:
    return Memory.objects.recallable().defer("evidence", "grounding")


def _recalled(row: Memory, score: float) -> Recalled:
    return Recalled(
        id=row.pk,
        question=row.question,
        answer=row.answer,
        created_at=row.created_at,
        trust=row.trust,
        score=score,
        correction=row.correction,
        doubted=row.doubted,
    )
