"""What the applications have in common that a real server of a test runs."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Routed:
    """Hands everything to its router; ends itself when the server tells of its end."""

    router: Callable[..., Any]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.router(scope, receive, send)

    async def lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def aclose(self) -> None:
        raise NotImplementedError


def made(application: Callable[[], T]) -> T:
    """Made as the web process would make it: before Django reads its settings."""
    os.environ["RESYNC_PROCESS"] = "web"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resync_site.settings.test")
    return application()
