"""The site with the plan page's socket; its pulse beats as fast as a test wants."""

import os
from functools import cache
from typing import Any

from tests.fakes.asgi import Routed, made


class Application(Routed):
    """The site's pages, the socket, and the lifespan that real servers tell."""

    def __init__(self) -> None:
        from channels.routing import ProtocolTypeRouter, URLRouter
        from django.core.asgi import get_asgi_application

        site = get_asgi_application()  # sets Django up for what follows

        from django.conf import settings

        from agents.doorkeeper import Doorkeeper
        from resync_site.plan_socket import plan_socket
        from tests.tws.plan_pages import urlconf
        from tws.pages.pulse import Pulse

        settings.ROOT_URLCONF = urlconf(plan_reader)
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

    async def aclose(self) -> None:
        await self.pulse.aclose()


@cache
def plan_reader() -> Any:
    """The one reader, which tries a TWS that was away again after a second."""
    from django.conf import settings

    from tws.breaker import Breaker
    from tws.client import TwsClient
    from tws.config import config_from_settings
    from tws.reader import PlanReader

    client = TwsClient(config_from_settings(), breaker=Breaker(pause=1.0))
    return PlanReader(client, ttl=settings.TWS_CACHE_TTL)


def __getattr__(name: str) -> Any:
    """``daphne tests.fakes.plan_live:application`` makes it; an import does not."""
    if name == "application":
        return made(Application)
    raise AttributeError(name)
