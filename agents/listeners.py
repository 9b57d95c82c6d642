"""Who follows a conversation without a socket: REST and the terminal."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from agents.conversations import ConversationLog, Follower
from agents.frames import Frame


class Waiting:
    """Reads nothing; while it follows, the turn knows that somebody waits for it."""

    def deliver(self, log: ConversationLog, seq: int, text: str) -> None:
        """Let it pass."""


class Reading:
    """Hands the frames of one turn over, in their order, until its last."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[Frame] = asyncio.Queue()

    def deliver(self, log: ConversationLog, seq: int, text: str) -> None:
        self._frames.put_nowait(json.loads(text))

    async def of_turn(self, turn_id: UUID) -> AsyncIterator[Frame]:
        while True:
            frame = await self._frames.get()
            if frame.get("turn") == str(turn_id):
                yield frame
                if frame.get("is_final"):
                    return


@contextmanager
def listening(log: ConversationLog, follower: Follower) -> Iterator[None]:
    log.followers.add(follower)
    try:
        yield
    finally:
        log.followers.discard(follower)
