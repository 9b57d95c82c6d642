"""Daphne with what it lacks: backpressure, bounded messages, a lifespan, plain 404s.

``python -m resync_site.server -b HOST -p PORT resync_site.asgi:application`` takes
what ``daphne`` takes. The application also runs on plain Daphne and on uvicorn; there
the handshake of an unknown address is refused with 403 or 404 as that server can.
"""

from daphne.server import Server as DaphneServer  # isort:skip  # installs the reactor

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

from autobahn.websocket.types import ConnectionDeny
from daphne.cli import CommandLineInterface
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]

Message = dict[str, Any]

# Far above what the application reads; what a message holds beyond it is not kept.
LONGEST_MESSAGE = 65_536
MOST_UNREAD = 64
LOOK_AGAIN_SECONDS = 0.05
SECONDS_TO_SHUT_DOWN = 8.0


@implementer(IPushProducer)
class Flow:
    """Whether the transport takes more, as it tells its producer."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self) -> None:  # noqa: N802  Twisted's word
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._open.set()

    async def drained(self) -> None:
        await self._open.wait()


class SocketProtocol(WebSocketProtocol):  # type: ignore[misc]  # no stubs
    """A socket whose reader and writer are both held to what the other can take."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = Flow()
        self._kept = 0
        self._denial = HTTPStatus.FORBIDDEN

    def onOpen(self) -> None:  # noqa: N802  autobahn's word
        # The HTTP channel that the socket grew out of is registered still.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.flow, True)  # noqa: FBT003
        super().onOpen()

    def onMessageBegin(self, isBinary: bool) -> None:  # noqa: N802, N803, FBT001
        self._kept = 0
        super().onMessageBegin(isBinary)

    def onMessageFrameData(self, payload: bytes) -> None:  # noqa: N802
        self._kept += len(payload)
        if self._kept <= LONGEST_MESSAGE:
            super().onMessageFrameData(payload)

    def onMessageEnd(self) -> None:  # noqa: N802
        if self._kept > LONGEST_MESSAGE:
            # Cut text could end within a character; its length is all that matters.
            self.message_data = [b" " * LONGEST_MESSAGE]
        super().onMessageEnd()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001
        super().onMessage(payload, isBinary)
        if self.application_queue.qsize() >= MOST_UNREAD:
            self.transport.pauseProducing()
            self._look_again()

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(LOOK_AGAIN_SECONDS, self._read_on)

    def _read_on(self) -> None:
        if self.application_queue.qsize() < MOST_UNREAD:
            self.transport.resumeProducing()
        elif self.state == self.STATE_OPEN:
            self._look_again()

    def handle_reply(self, message: Message) -> None:
        match message["type"]:
            case "websocket.http.response.start":
                self._denial = HTTPStatus(message["status"])
            case "websocket.http.response.body":
                self._deny()
            case _:
                super().handle_reply(message)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        # Autobahn's sendClose() would not say 1012, “the server restarts”.
        self.sendCloseFrame(code=1000 if code is None else code)

    def _deny(self) -> None:
        """Answer the handshake as HTTP, which plain Daphne can only do with 403."""
        status = self._denial
        denial = ConnectionDeny(status.value, status.phrase)  # type: ignore[no-untyped-call]
        self.handshake_deferred.errback(denial)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)


class Lifespan:
    """Tells the application that the server starts and ends."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._told.put_nowait({"type": "lifespan.startup"})
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        self._task = asyncio.ensure_future(
            self._application(scope, self._told.get, self._heard)
        )

    async def end(self) -> None:
        if self._task is not None:
            self._told.put_nowait({"type": "lifespan.shutdown"})
            await asyncio.wait({self._task}, timeout=SECONDS_TO_SHUT_DOWN)

    async def _heard(self, message: Message) -> None:
        """Daphne listens already; the application waits for its own start."""


class Server(DaphneServer):  # type: ignore[misc]  # no stubs
    """Daphne's server with the sockets above and a lifespan."""

    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        # The protocol bounds what it keeps, so that the application can say why it closes.
        options |= {"websocket_max_message_size": 0, "websocket_max_frame_size": 0}
        super().__init__(application, ready_callable=self._ready, **options)
        self.lifespan = Lifespan(application)

    def _ready(self) -> None:
        self.ws_factory.protocol = SocketProtocol
        self.lifespan.begin()

    def create_application(self, protocol: Any, scope: Message) -> Any:  # noqa: ANN401
        if scope["type"] == "websocket":
            scope["extensions"] = {"websocket.http.response": {}}
        queue = super().create_application(protocol, scope)
        running = self.connections.get(protocol, {}).get("application_instance")
        if running is not None and scope["type"] == "websocket":
            running.add_done_callback(lambda task: _close_what_is_left(protocol, task))
        return queue

    async def handle_reply(self, protocol: Any, message: Message) -> None:  # noqa: ANN401
        await super().handle_reply(protocol, message)
        if isinstance(protocol, SocketProtocol):
            await protocol.flow.drained()

    def kill_all_applications(self) -> Any:  # noqa: ANN401  a Deferred
        """End what runs, also when a connection has no application at the moment."""
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        for task in running:
            task.cancel()
        ending = asyncio.gather(*running, self.lifespan.end(), return_exceptions=True)
        return defer.Deferred.fromFuture(asyncio.ensure_future(ending))


def _close_what_is_left(protocol: WebSocketProtocol, task: asyncio.Task[None]) -> None:
    """An application that gave up leaves nobody who would read the socket."""
    if task.cancelled() and protocol.state == protocol.STATE_OPEN:
        protocol.serverClose(code=1011)


class CommandLine(CommandLineInterface):  # type: ignore[misc]  # no stubs
    """What ``daphne`` takes on its command line."""

    server_class = Server


def leave() -> NoReturn:
    """End the process, whose application has said that it is done.

    The interpreter would wait for every thread first, also for one that loads a model
    which nobody will ask any more.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    CommandLine.entrypoint()
    leave()
