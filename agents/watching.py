"""A turn that runs in another process, followed through its row."""

import asyncio
import logging
from uuid import UUID

from django.db import Error as DatabaseFailure

from agents.conversations import ConversationLog
from agents.db import db
from agents.models import Turn
from agents.outcome import Outcome
from agents.turn_rows import look_at

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0


async def watch(log: ConversationLog, turn_id: UUID, told: str) -> Outcome | None:
    """Tell what the row gains until the turn is over, also if its process is dead.

    ``told`` is the text that the log holds already. Returns None when the row is gone.
    """
    while True:
        try:
            outcome = await db(look_at)(turn_id)
        except Turn.DoesNotExist:
            return None
        except DatabaseFailure:
            logger.warning("turn of another process not read; the next try follows")
        else:
            if len(outcome.answer) > len(told):
                _tell(log, outcome, outcome.answer[len(told) :])
                told = outcome.answer
            if outcome.status != Turn.Status.RUNNING:
                log.append(outcome.frame())
                return outcome
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _tell(log: ConversationLog, outcome: Outcome, text: str) -> None:
    turn = str(outcome.turn_id)
    log.append({"type": "stream", "sender": "agent", "message": text, "turn": turn})
