"""A browser tab without the browser: one socket, and all frames that it was told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 10.0
Frame = dict[str, Any]


class Tab:
    """What a test says and hears on one socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def say(self, **frame: Any) -> None:
        await self.socket.send(
            json.dumps(frame, default=str)  # UUIDs as they are written
        )

    async def ask(self, message: str, **fields: Any) -> None:
        await self.say(type="message", message=message, **fields)

    async def hear(self, patience: float = PATIENCE) -> Frame:
        async with asyncio.timeout(patience):
            frame: Frame = json.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def until(
        self, type_: str, patience: float = PATIENCE, **fields: Any
    ) -> Frame:
        """Hear until a frame of this type with these fields comes."""
        async with asyncio.timeout(patience):
            while True:
                frame = await self.hear(patience)
                if frame["type"] == type_ and fields.items() <= frame.items():
                    return frame

    async def final(self, patience: float = PATIENCE) -> Frame:
        return await self.until("message", patience, is_final=True)

    async def closed(self, patience: float = PATIENCE) -> int:
        """The code that the socket is closed with; what comes before is kept."""
        try:
            async with asyncio.timeout(patience):
                while True:
                    self.frames.append(json.loads(await self.socket.recv()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def drop(self) -> None:
        """Go without a word, like a network that fails."""
        self.socket.transport.abort()

    @property
    def conversation(self) -> UUID:
        return UUID(self.frames[-1]["conversation"])

    @property
    def last_seq(self) -> int:
        return int(self.frames[-1]["seq"])


@asynccontextmanager
async def open_tab(
    host: str,
    session: str = "",
    *,
    path: str = "/ws/tws-analyzer/",
    origin: str | None = "same",
    **options: Any,
) -> AsyncIterator[Tab]:
    """A tab with this session cookie; ``origin`` “same” is the page of that host."""
    headers = {"Cookie": f"sessionid={session}"} if session else {}
    async with connect(
        f"ws://{host}{path}",
        origin=f"http://{host}" if origin == "same" else origin,
        additional_headers=headers,
        proxy=None,
        compression=None,
        **options,
    ) as socket:
        yield Tab(socket)
