"""What users say of the answers that are remembered, synchronously; one per memory."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from memory.exceptions import UnknownMemory
from memory.models import LONGEST_COMMENT, Memory
from memory.rows import database
from memory.signals import memory_rated, memory_rating_begins
from memory.text import clean

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Rating:
    """What the user says of a turn's answer: 1 to 5, or None for nothing (any more)."""

    turn: UUID
    rating: int | None
    comment: str
    rated_at: datetime | None


def rate(turn_id: UUID, user_id: int, rating: int | None, comment: str) -> Rating:
    """Rate the turn's memory, with all that listeners make of it, or nothing of it.

    Raises:
        UnknownMemory: the turn is not remembered.
        MemoryUnavailable: nothing was changed; try again.
    """
    said = _one_line(comment) if rating is not None else ""
    with database(), transaction.atomic():
        memory = _locked(turn_id)
        if memory.rate(rating, said):
            memory_rated.send(sender=Memory, memory=memory, user_id=user_id)
    return _told(memory)


def of_conversation(conversation_id: UUID) -> list[Rating]:
    """The remembered turns of a conversation, newest first, rated or not."""
    with database():
        rows = (
            Memory.objects.filter(conversation_id=conversation_id)
            .only("turn_id", "rating", "rating_comment", "rated_at")
            .newest_first()[:MOST_TOLD]
        )
        return [_told(row) for row in rows]


def _locked(turn_id: UUID) -> Memory:
    memory_id = (
        Memory.objects.filter(turn_id=turn_id).values_list("pk", flat=True).first()
    )
    if memory_id is None:
        raise UnknownMemory("There is no memory of this turn.")
    memory_rating_begins.send(sender=Memory, memory_id=memory_id)
    try:
        return Memory.objects.select_for_update().get(pk=memory_id)
    except Memory.DoesNotExist as error:  # purged at this moment
        raise UnknownMemory("There is no memory of this turn any more.") from error


def _one_line(comment: str) -> str:
    return clean(" ".join(comment.split()), LONGEST_COMMENT)


def _told(memory: Memory) -> Rating:
    return Rating(memory.turn_id, memory.rating, memory.rating_comment, memory.rated_at)
