"""An answered turn becomes a memory; a memory that fails is told, and breaks nothing."""

import logging
from typing import Protocol
from uuid import UUID

from agents.outcome import Outcome
from memory.exceptions import MemoryGatewayError
from memory.gateway import Remembered

logger = logging.getLogger(__name__)


class Memories(Protocol):
    """Where memories go: the process's KnowledgeGraph."""

    async def remember(self, turn: Remembered) -> UUID: ...


async def remember(memories: Memories, user_id: int | None, outcome: Outcome) -> str:
    """Keep the turn; returns why it could not be kept, or nothing."""
    try:
        await memories.remember(
            Remembered(
                turn_id=outcome.turn_id,
                conversation_id=outcome.conversation_id,
                user_id=user_id,
                agent_id=outcome.agent_id,
                question=outcome.question,
                answer=outcome.answer,
                evidence=outcome.evidence,
                mode=outcome.mode,
                grounding=outcome.grounding,
            )
        )
    except MemoryGatewayError as error:
        logger.warning(
            "turn not remembered: %s",
            error,
            extra={"action": "not_remembered", "turn_id": str(outcome.turn_id)},
        )
        return f"This answer was not remembered: {error}"
    return ""
