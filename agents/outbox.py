"""What waits to be written to one socket, bounded: a reader that sleeps is let go."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

# Above one whole answer with its tools; the next second's frames need little.
MOST_BYTES = 1_048_576
WRITE_SECONDS = 30.0
CLOSE_TOO_SLOW = 4508


class Outbox:
    """Frames in their order, written by a task of their own.

    So nobody who has something to tell waits for a slow reader.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: asyncio.Queue[Message] = asyncio.Queue()
        self._bytes = 0
        self._closing = False

    def accept(self) -> None:
        self._queue.put_nowait({"type": "websocket.accept"})

    def put(self, text: str) -> None:
        if self._closing:
            return
        self._bytes += len(text)
        if self._bytes > MOST_BYTES:
            self._drop_everything()
            self.close(CLOSE_TOO_SLOW)
            return
        self._queue.put_nowait({"type": "websocket.send", "text": text})

    def close(self, code: int) -> None:
        """Close after what waits has been written; nothing is taken any more."""
        if not self._closing:
            self._closing = True
            self._queue.put_nowait({"type": "websocket.close", "code": code})

    @property
    def is_closing(self) -> bool:
        return self._closing

    async def written(self) -> None:
        """Wait until all that was put has been written."""
        await self._queue.join()

    async def run(self) -> None:
        """Write until closed.

        Raises:
            OSError, TimeoutError: the other end is gone, or reads nothing.
        """
        while True:
            message = await self._queue.get()
            async with asyncio.timeout(WRITE_SECONDS):
                await self._send(message)
            self._bytes -= len(message.get("text", ""))
            self._queue.task_done()
            if message["type"] == "websocket.close":
                return

    def _drop_everything(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
