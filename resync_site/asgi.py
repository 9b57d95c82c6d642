"""The web process: HTTP, sockets and what runs beside them."""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from resync_site.dotenv import choose_settings

choose_settings()
os.environ["RESYNC_PROCESS"] = "web"  # before the settings: only here is a pool right

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter

from agents.doorkeeper import Doorkeeper
from agents.routing import websocket_urlpatterns
from resync_site import metrics, services
from resync_site.plan_socket import plan_socket

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Lifecycle:
    """Starts the background work with the first scope, lifespan or request: plain Daphne has no lifespan."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app
        self.started: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.started is None:
            self.started = asyncio.ensure_future(services.start())
        await asyncio.shield(self.started)
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        else:
            await self.app(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await services.stop()  # before the server may end the process
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


doorkeeper = Doorkeeper()
application = Lifecycle(
    metrics.Measured(
        ProtocolTypeRouter(
            {
                "http": django_application,
                # Not in AuthMiddlewareStack, whose queries wait for one thread that
                # all sockets share: the socket's own door looks the session up.
                "websocket": URLRouter(
                    [
                        plan_socket(lambda: services.services().pulse, doorkeeper),
                        *websocket_urlpatterns(services.services, doorkeeper),
                    ]
                ),
            }
        )
    )
)
