"""The base of every socket: no shared thread, one writer, a door that stays guarded."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseFailure

from agents.doorkeeper import Doorkeeper, Refused, Visitor
from agents.outbox import Outbox, Send

logger = logging.getLogger(__name__)

# Plain Daphne can only say 1000 and codes of our own; 1012 needs resync_site.server.
CLOSE_RESTART = 1012
CLOSE_BROKEN = 4500
CLOSE_TRY_LATER = 4503
CLOSE_IDLE = 4408
SECONDS_TO_SAY_GOODBYE = 1.0

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


class GuardedSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # no stubs
    """A signed-in user's socket; subclasses say what is spoken on it.

    Channels would run ``close_old_connections`` on one thread shared by all sockets
    before each message, so that one slow query silences everybody. Here nothing
    touches that thread: every database call goes through ``agents.db.db``.
    """

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        super().__init__()
        self.doorkeeper = doorkeeper
        self.visitor: Visitor | None = None
        self.outbox: Outbox
        self._gone = False
        self._cut = False
        self._watch: asyncio.Task[None] | None = None
        self._heard_at = 0.0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.outbox = Outbox(send)
        writer = asyncio.create_task(self.outbox.run())
        speaking = asyncio.current_task()
        writer.add_done_callback(lambda done: self._writer_ended(done, speaking))
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if self._cut:
                return  # by ourselves: there is nobody left to be told
            # Daphne's way to say that it stops; the browser is told to come back.
            if not self._gone:
                await self._say_goodbye(writer)
            raise
        finally:
            self._gone = True
            writer.cancel()
            if self._watch is not None:
                self._watch.cancel()
            await self.left()

    def _writer_ended(
        self, writer: asyncio.Task[None], speaking: asyncio.Task[Any] | None
    ) -> None:
        if writer.cancelled() or writer.exception() is None or self._gone:
            return
        # Nobody reads any more, so nobody is listened to either. Who only reads too
        # slowly still holds the line: the server sees the cancellation and ends it.
        self._gone = True
        self._cut = not isinstance(writer.exception(), TimeoutError)
        if speaking is not None:
            speaking.cancel()

    async def _say_goodbye(self, writer: asyncio.Task[None]) -> None:
        await self.restarting()
        self.outbox.close(CLOSE_RESTART)
        await asyncio.wait({writer}, timeout=SECONDS_TO_SAY_GOODBYE)

    async def dispatch(self, message: Message) -> None:
        # Without Channels' aclose_old_connections(): see the class.
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            logger.warning("no handler for a message", extra={"kind": message["type"]})
            return
        await handler(message)

    async def websocket_connect(self, message: Message) -> None:
        self.outbox.accept()
        try:
            self.visitor = await self.doorkeeper.admit(self.scope)
            self._heard()
            self._watch = asyncio.create_task(self._keep_watch(self.visitor))
            await self.entered(self.visitor)
        except Refused as refused:
            self.outbox.close(refused.code)
        except DatabaseFailure:
            logger.exception("socket not opened: the database failed")
            self.outbox.close(CLOSE_TRY_LATER)
        except Exception:
            logger.exception("socket not opened")
            self.outbox.close(CLOSE_BROKEN)

    async def websocket_receive(self, message: Message) -> None:
        if self.outbox.is_closing or self.visitor is None:
            return
        self._heard()
        await self.heard(message.get("text"), message.get("bytes"))

    async def websocket_disconnect(self, message: Message) -> None:
        self._gone = True
        raise StopConsumer

    def _heard(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()

    async def _keep_watch(self, visitor: Visitor) -> None:
        """Close the socket when its session ends, or when it has been idle too long."""
        while True:
            pause = self.doorkeeper.look_again_seconds
            # Not all sockets at once after a restart.
            await asyncio.sleep(pause * random.uniform(0.8, 1.0))  # noqa: S311
            silence = asyncio.get_running_loop().time() - self._heard_at
            if silence > self.doorkeeper.idle_seconds:
                self.outbox.close(CLOSE_IDLE)
                return
            try:
                with suppress(DatabaseFailure):  # then nothing is known; ask again soon
                    await self.doorkeeper.look_again(visitor)
            except Refused as refused:
                self.outbox.close(refused.code)
                return

    async def entered(self, visitor: Visitor) -> None:
        """The visitor is admitted."""

    async def heard(self, text: str | None, data: bytes | None) -> None:
        """The visitor sent a frame."""

    async def restarting(self) -> None:
        """The server stops; what is to be told must be told now."""

    async def left(self) -> None:
        """The socket is gone, whatever the reason."""
