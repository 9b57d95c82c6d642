"""What operators say of the answers they got; a rating lives with the answer's memory."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from agents.db import db
from agents.exceptions import NothingToRate, UnknownConversation, UnknownTurn
from agents.models import Conversation, Turn
from memory.exceptions import UnknownMemory
from memory.gateway import Rating

NOT_FINISHED = "This answer is still being written: rate it when it is finished."


class RatedMemories(Protocol):
    """Where ratings are kept: the process's KnowledgeGraph."""

    async def rate(
        self, turn_id: UUID, user_id: int, rating: int | None, comment: str = ""
    ) -> Rating: ...

    async def ratings(self, conversation_id: UUID) -> Sequence[Rating]: ...


async def rate(
    memories: RatedMemories,
    user_id: int,
    turn_id: UUID,
    rating: int | None,
    comment: str = "",
) -> Rating:
    """Say of one's own answer that it helped (5) or was wrong (1); None: neither.

    Raises:
        UnknownTurn: not there, or another user's.
        NothingToRate: the answer is not finished, or not remembered.
        MemoryUnavailable: nothing was changed; try again.
    """
    status = await db(_status)(turn_id, user_id)
    if status is None:
        raise UnknownTurn
    if status == Turn.Status.RUNNING:
        raise NothingToRate(NOT_FINISHED)
    try:
        return await memories.rate(turn_id, user_id, rating, comment)
    except UnknownMemory as error:
        raise NothingToRate from error


async def ratings(
    memories: RatedMemories, user_id: int, conversation_id: UUID
) -> Sequence[Rating]:
    """The answers of a conversation that can be rated, and what was said of each.

    Raises:
        UnknownConversation: not there, or another user's.
        MemoryUnavailable: the database does not answer.
    """
    if not await db(_is_of)(conversation_id, user_id):
        raise UnknownConversation
    return await memories.ratings(conversation_id)


def _status(turn_id: UUID, user_id: int) -> str | None:
    own = Turn.objects.filter(pk=turn_id, conversation__user=user_id)
    return own.values_list("status", flat=True).first()


def _is_of(conversation_id: UUID, user_id: int) -> bool:
    return Conversation.objects.filter(pk=conversation_id, user=user_id).exists()
