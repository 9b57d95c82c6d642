"""The site with the plan page's socket; its pulse beats as fast as a test wants."""

import os
from typing import Any


class Application:
    """The site's pages, the socket, and the lifespan that real servers tell."""

    def __init__(self) -> None:
        from channels.routing import ProtocolTypeRouter, URLRouter
        from django.core.asgi import get_asgi_application

        site = get_asgi_application()  # sets Django up for what follows

        from agents.doorkeeper import Doorkeeper
        from resync_site.plan_socket import plan_socket
        from resync_site.urls import plan_reader
        from tws.pages.pulse import Pulse

        look_again = float(os.environ.get("PLAN_LOOK_AGAIN_SECONDS", "18"))
        door = Doorkeeper(look_again_seconds=look_again, fresh_seconds=look_again / 2)
        self.pulse = Pulse(plan_reader, seconds=float(os.environ["PLAN_SECONDS"]))
        self.router = ProtocolTypeRouter(
            {
                "http": site,
                "lifespan": self.lifespan,
                "websocket": URLRouter([plan_socket(lambda: self.pulse, door)]),
            }
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.router(scope, receive, send)

    async def lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.pulse.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def make_application() -> Application:
    os.environ["RESYNC_PROCESS"] = "web"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resync_site.settings.test")
    return Application()


def __getattr__(name: str) -> Any:
    """``daphne tests.fakes.plan_live:application`` makes it; an import does not."""
    if name == "application":
        return make_application()
    raise AttributeError(name)
