"""Addresses of the sockets."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from django.urls import URLPattern, re_path

from agents.consumers import ChatConsumer
from agents.doorkeeper import Doorkeeper
from agents.turns import TurnRunner

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ChatServices(Protocol):
    """What the sockets need of the process."""

    @property
    def runner(self) -> TurnRunner: ...


def websocket_urlpatterns(
    services: Callable[[], ChatServices], doorkeeper: Doorkeeper | None = None
) -> list[URLPattern]:
    """The routes; ``services`` is called with each socket, not at import."""
    door = doorkeeper or Doorkeeper()

    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        await ChatConsumer(services().runner, door)(scope, receive, send)

    return [
        re_path(r"^ws/(?P<agent_id>[-a-zA-Z0-9_]{1,64})/\Z", chat),  # type: ignore[arg-type]
        re_path(r"", not_found),  # type: ignore[arg-type]
    ]


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the handshake: 404 where the server can say so, else its own refusal."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-type", b"text/plain")]
        start = {"type": "websocket.http.response.start", "status": 404}
        await send({**start, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"Not found.\n"})
    else:
        await send({"type": "websocket.close", "code": 4404})
