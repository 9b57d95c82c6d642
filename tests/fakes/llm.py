"""An OpenAI-compatible server on loopback that answers by script and keeps a log.

It speaks real HTTP, so what is tested is the client's own wire behaviour, and it can
misbehave in every way that endpoints were seen to misbehave in.
"""

import json
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LONGEST_HANG = 30.0


@dataclass
class Request:
    """One request as it came in; ``gone_at`` is when the client hung up on it."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float
    gone: threading.Event = field(default_factory=threading.Event)
    gone_at: float = 0.0

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body["messages"]

    @property
    def prompt(self) -> str:
        """All that the model was given to read."""
        return "\n".join(str(message.get("content") or "") for message in self.messages)

    @property
    def tool_names(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]


class Wire:
    """What a scripted reply may do to the connection."""

    def __init__(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        self.handler = handler
        self.request = request

    @property
    def streaming(self) -> bool:
        return bool(self.request.body.get("stream"))

    def head(self, status: int, kind: str, headers: Mapping[str, str] = {}) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.handler.send_header(name, value)
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()
        self.handler.close_connection = True

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def event(self, payload: Any) -> None:
        self.send(b"data: " + json.dumps(payload).encode() + b"\n\n")

    def wait(self, seconds: float) -> None:
        """Wait, unless the client hangs up first; that is noted and ends the reply."""
        readable, _, _ = select.select([self.handler.connection], [], [], seconds)
        if readable and not self.handler.connection.recv(1, socket.MSG_PEEK):
            raise ConnectionAbortedError

    def reset(self) -> None:
        """Cut the connection hard (RST), as a crashed proxy does."""
        linger = struct.pack("ii", 1, 0)
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.handler.connection.close()


Reply = Callable[[Wire], None]


def chunk(
    delta: Any = None, *, finish: str | None = None, **more: Any
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice], **more}


def text(
    *pieces: str,
    finish: str | None = "stop",
    delay: float = 0.0,
    tokens: int = 7,
    done: bool = True,
) -> Reply:
    """A whole answer; streamed piece by piece when the request asks for a stream."""

    def reply(wire: Wire) -> None:
        if not wire.streaming:
            body = completion({"content": "".join(pieces)}, finish, tokens)
            return json_body(body)(wire)
        wire.head(200, "text/event-stream")
        wire.event(chunk({"role": "assistant", "content": ""}))
        for piece in pieces:
            wire.wait(delay)
            wire.event(chunk({"content": piece}))
        if finish:
            wire.event(chunk({}, finish=finish))
        usage = {"total_tokens": tokens}
        wire.event({"id": "c1", "choices": [], "usage": usage})
        if done:
            wire.send(b"data: [DONE]\n\n")
        return None

    return reply


def calls(
    *wanted: tuple[str, Any], say: str = "", split: bool = True, tokens: int = 7
) -> Reply:
    """Tool calls, their arguments in pieces as real servers send them.

    Each is (name, arguments); arguments that are a string go out as they are.
    """

    def reply(wire: Wire) -> None:
        wire.head(200, "text/event-stream")
        if say:
            wire.event(chunk({"content": say}))
        for index, (name, given) in enumerate(wanted):
            arguments = given if isinstance(given, str) else json.dumps(given)
            half = len(arguments) // 2 if split else len(arguments)
            first = {
                "index": index,
                "id": f"call_{index}",
                "type": "function",
                "function": {"name": name, "arguments": arguments[:half]},
            }
            rest = {"index": index, "function": {"arguments": arguments[half:]}}
            wire.event(chunk({"content": None, "tool_calls": [first]}))
            wire.event(chunk({"tool_calls": [rest]}))
        wire.event(chunk({}, finish="tool_calls"))
        wire.event({"id": "c1", "choices": [], "usage": {"total_tokens": tokens}})
        wire.send(b"data: [DONE]\n\n")

    return reply


def events(*payloads: Any, done: bool = True) -> Reply:
    """A stream of exactly these payloads; bytes go out raw."""

    def reply(wire: Wire) -> None:
        wire.head(200, "text/event-stream")
        for payload in payloads:
            if isinstance(payload, bytes):
                wire.send(payload)
            else:
                wire.event(payload)
        if done:
            wire.send(b"data: [DONE]\n\n")

    return reply


def completion(
    message: Any, finish: str | None = "stop", tokens: int = 7
) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {
        "id": "c1",
        "object": "chat.completion",
        "choices": [choice],
        "usage": {"total_tokens": tokens},
    }


def json_body(body: Any, status: int = 200, **headers: str) -> Reply:
    return raw(json.dumps(body).encode(), status=status, **headers)


def raw(
    data: bytes, *, status: int = 200, kind: str = "application/json", **headers: str
) -> Reply:
    def reply(wire: Wire) -> None:
        wire.head(status, kind, {k.replace("_", "-"): v for k, v in headers.items()})
        wire.send(data)

    return reply


def error(status: int, message: str = "no", **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "fake", "code": "fake_error"}}
    return json_body(body, status, **headers)


def html(status: int = 200) -> Reply:
    page = b"<html><body><h1>Sign in</h1></body></html>"
    return raw(page, status=status, kind="text/html")


def cut(*pieces: str, hard: bool = True) -> Reply:
    """Some pieces, then the line is cut: by a reset, or cleanly without a finish."""

    def reply(wire: Wire) -> None:
        wire.head(200, "text/event-stream")
        for piece in pieces:
            wire.event(chunk({"content": piece}))
        if hard:
            time.sleep(0.05)  # what was sent must arrive before the reset drops it
            wire.reset()

    return reply


def hang(*pieces: str, seconds: float = LONGEST_HANG) -> Reply:
    """Silence: before the headers when there are no pieces, else after them."""

    def reply(wire: Wire) -> None:
        if pieces:
            wire.head(200, "text/event-stream")
        for piece in pieces:
            wire.event(chunk({"content": piece}))
        wire.wait(seconds)

    return reply


def drip(piece: str = "x", *, every: float, seconds: float = LONGEST_HANG) -> Reply:
    """An answer that never ends, one piece at a time."""

    def reply(wire: Wire) -> None:
        wire.head(200, "text/event-stream")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            wire.event(chunk({"content": piece}))
            wire.wait(every)

    return reply


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        request = Request(self.path, _lowered(self.headers), body, time.monotonic())
        reply = self.server.fake.next_reply(request)
        try:
            reply(Wire(self, request))
        except OSError:  # the client hung up
            self.close_connection = True
            request.gone_at = time.monotonic()
            request.gone.set()

    def do_GET(self) -> None:
        request = Request(self.path, _lowered(self.headers), {}, time.monotonic())
        self.server.fake.probes.append(request)
        self.server.fake.models_reply(Wire(self, request))

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: "FakeLlm"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a script cut is no news."""


class FakeLlm:
    """The server; replies are taken from the script, then ``default`` for ever."""

    def __init__(self, *script: Reply) -> None:
        self.replies: deque[Reply] = deque(script)
        self.default: Reply = text("The script has ended.")
        self.models_reply: Reply = json_body({"object": "list", "data": []})
        self.requests: list[Request] = []
        self.probes: list[Request] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            daemon=True,
        )

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def script(self, *replies: Reply) -> None:
        """What to answer next, in this order; forgets what was left."""
        with self._lock:
            self.replies = deque(replies)

    def extend(self, replies: Iterable[Reply]) -> None:
        with self._lock:
            self.replies.extend(replies)

    def next_reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self.replies.popleft() if self.replies else self.default

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
