"""Daphne answers every refused handshake with 403; an address without a route is 404."""

import sys
from typing import Any

NOT_FOUND = 4404


def install() -> None:
    """Let Daphne, where it serves, tell "there is no such socket" from "you may not"."""
    if "daphne.server" not in sys.modules:
        return
    from autobahn.websocket.types import ConnectionDeny
    from daphne.ws_protocol import WebSocketProtocol

    reply = WebSocketProtocol.handle_reply

    def handle_reply(protocol: Any, message: dict[str, Any]) -> None:  # noqa: ANN401
        unrouted = (
            message.get("type") == "websocket.close"
            and message.get("code") == NOT_FOUND
            and protocol.state == protocol.STATE_CONNECTING
        )
        if not unrouted:
            reply(protocol, message)
            return
        refusal = ConnectionDeny(404, "Not Found")  # type: ignore[no-untyped-call]
        protocol.handshake_deferred.errback(refusal)
        del protocol.handshake_deferred
        protocol.server.protocol_disconnected(protocol)

    WebSocketProtocol.handle_reply = handle_reply
