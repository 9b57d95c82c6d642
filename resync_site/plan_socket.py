"""The plan page's socket: it tells what has changed, and the page fetches that."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from django.urls import URLPattern, re_path

from agents.doorkeeper import Doorkeeper, Visitor
from agents.exceptions import TooMany
from agents.rates import Rates
from agents.sockets import GuardedSocket
from tws.pages.pulse import Pulse

CLOSE_TOO_MANY = 4429
# A page asks now and then whether the line still holds.
BURST_OF_FRAMES, FRAMES_PER_SECOND = 20, 1.0
PONG = json.dumps({"type": "pong"})
LOOK = json.dumps({"type": "look"})

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class PlanSocket(GuardedSocket):
    """One open page of the plan."""

    def __init__(self, pulse: Pulse, doorkeeper: Doorkeeper) -> None:
        super().__init__(doorkeeper)
        self.pulse = pulse
        self.frames = Rates(burst=BURST_OF_FRAMES, per_second=FRAMES_PER_SECOND)
        self.telling: asyncio.Task[None] | None = None

    async def entered(self, visitor: Visitor) -> None:
        self.telling = asyncio.create_task(self.tell())

    async def tell(self) -> None:
        """Whoever reads slowly is told the newest alone."""
        async with aclosing(self.pulse.follow()) as news:
            async for parts in news:
                self.outbox.put(json.dumps({"type": "parts", "parts": parts}))
                await self.outbox.written()

    async def heard(self, text: str | None, data: bytes | None) -> None:
        """The page wonders whether the line holds, or its reader cannot wait."""
        try:
            self.frames.take("")
        except TooMany:
            self.outbox.close(CLOSE_TOO_MANY)
            return
        if text == LOOK:
            self.pulse.hurry()
        self.outbox.put(PONG)

    async def left(self) -> None:
        if self.telling is not None:
            self.telling.cancel()


def plan_socket(pulse: Callable[[], Pulse], doorkeeper: Doorkeeper) -> URLPattern:
    """The route; ``pulse`` is called with each socket, not at import."""

    async def live(scope: Scope, receive: Receive, send: Send) -> None:
        await PlanSocket(pulse(), doorkeeper)(scope, receive, send)

    return re_path(r"^plan/live/\Z", live)  # type: ignore[arg-type]
