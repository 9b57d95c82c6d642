"""A small HTTP/1.1 server: keep-alive, many at once, and faults for real."""

import asyncio
import base64
import binascii
import hmac
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tws.simulator.answers import Answer, refusal
from tws.simulator.api import Api, Request
from tws.simulator.faults import ANSWERS, Fault, Faults

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 1024 * 1024
REMEMBERED = 100_000
GROWTH_PAUSE, LONGEST_GROWTH = 0.1, 60.0  # seconds
SECRET = frozenset({"authorization", "cookie"})


class Seen(NamedTuple):
    """A request as the log keeps it, without secrets."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Login:
    """Whom the server lets in; without a user and a token, everybody."""

    user: str = ""
    password: str = ""
    token: str = ""

    def allows(self, header: str) -> bool:
        if not self.user and not self.token:
            return True
        scheme, _, value = header.partition(" ")
        if scheme == "Bearer":
            return bool(self.token) and hmac.compare_digest(value, self.token)
        try:
            given = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        wanted = f"{self.user}:{self.password}"
        same = hmac.compare_digest(given.encode(), wanted.encode())
        return scheme == "Basic" and bool(self.user) and same


class Broken(Exception):
    """The request cannot be read."""


class Server:
    """Serves an Api from a thread of its own."""

    def __init__(self, api: Api, login: Login, latency: float) -> None:
        self.api = api
        self.login = login
        self.latency = latency
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.connections = 0
        self.scheme = "http"
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tws-simulator")
        self._thread.daemon = True
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life -----------------------------------------------------------------

    def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen and serve.

        Raises:
            OSError: the port is taken.
        """
        listener = _listen(host, port)
        self.scheme = "https" if tls else "http"
        self.port = listener.getsockname()[1]
        self._thread.start()
        done = asyncio.run_coroutine_threadsafe(self._serve(listener, tls), self._loop)
        done.result(10)

    def stop(self) -> None:
        """Stop serving; open connections are cut."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _serve(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listener = await asyncio.start_server(
            self._connected, sock=listener, ssl=tls, limit=LONGEST_HEAD
        )

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- one connection -------------------------------------------------------

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.connections -= 1
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; tell whether the connection stays open."""
        try:
            request = await self._read(reader)
        except Broken as broken:
            writer.write(_head(refusal(400, str(broken)), 0.0, keep=False))
            await writer.drain()
            return False
        if request is None:
            return False
        self._remember(request)
        fault = self.faults.take(request.path)
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault is not None and fault.kind in ("refused", "silent"):
            return await _stay_silent(fault, writer)
        answer = self._answer(request, fault)
        keep = request.headers.get("connection", "").lower() != "close"
        message = _head(answer, self.api.living.clock.now(), keep=keep)
        if fault is not None and fault.kind not in ANSWERS:
            await _spoil(fault, message, len(answer.body), writer)
            return False
        if answer.more is not None:
            await _grow(message, answer.more, writer)
            return False
        writer.write(message)
        await writer.drain()
        return keep

    def _answer(self, request: Request, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind in ANSWERS:
            return ANSWERS[fault.kind]()
        if not self.login.allows(request.headers.get("authorization", "")):
            answer = refusal(401, "AWSJCO075E The user or password is not valid.")
            answer.headers["WWW-Authenticate"] = 'Basic realm="WebSphere"'
            return answer
        return self.api.answer(request)

    def _remember(self, request: Request) -> None:
        if len(self.requests) >= REMEMBERED:
            del self.requests[: REMEMBERED // 2]
        shown = {k: v for k, v in request.headers.items() if k not in SECRET}
        self.requests.append(
            Seen(request.method, request.path, dict(request.query), shown)
        )

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                msg = "The request ended too early."
                raise Broken(msg) from None
            return None
        except asyncio.LimitOverrunError:
            msg = "The head of the request is too long."
            raise Broken(msg) from None
        line, _, rest = head.decode("latin-1").partition("\r\n")
        words = line.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1"):
            msg = "This is not HTTP."
            raise Broken(msg)
        headers = _headers(rest)
        body = await _body(reader, headers)
        parts = urlsplit(words[1])
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        base = f"{self.scheme}://localhost:{self.port}"
        return Request(words[0], parts.path, query, headers, body, base)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


def _headers(text: str) -> dict[str, str]:
    headers = {}
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit():
        msg = "A body needs its length."
        raise Broken(msg)
    if int(length) > LONGEST_BODY:
        msg = "The body is too long."
        raise Broken(msg)
    return await reader.readexactly(int(length)) if int(length) else b""


def _head(answer: Answer, now: float, *, keep: bool) -> bytes:
    """Write an answer out. Date is virtual time: the server's idea of now."""
    reason = HTTPStatus(answer.status).phrase
    lines = [
        f"HTTP/1.1 {answer.status} {reason}",
        f"Date: {formatdate(now, usegmt=True)}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    if not keep:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body


async def _grow(
    message: bytes, more: Callable[[], bytes | None], writer: asyncio.StreamWriter
) -> None:
    """Send an answer whose end is not known yet; its end is that of the connection."""
    head, _, body = message.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if b"Content-Length" not in line]
    writer.write(b"\r\n".join([*kept, b"Connection: close", b"", body]))
    waited = 0.0
    while waited < LONGEST_GROWTH:
        part = more()
        if part is None:
            return
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(GROWTH_PAUSE)
        waited += GROWTH_PAUSE


async def _stay_silent(fault: Fault, writer: asyncio.StreamWriter) -> bool:
    if fault.kind == "silent":
        await asyncio.sleep(fault.seconds)
    writer.transport.abort()
    return False


async def _spoil(
    fault: Fault, message: bytes, body: int, writer: asyncio.StreamWriter
) -> None:
    """Send an answer the way a bad network would."""
    start = len(message) - body
    half = start + body // 2
    if fault.kind == "slow":
        step = max(1, len(message) // 50)
        for at in range(0, len(message), step):
            writer.write(message[at : at + step])
            await writer.drain()
            await asyncio.sleep(fault.seconds / 50)
        return
    if fault.kind == "truncated":
        # A whole answer as far as HTTP can tell: only the JSON is cut.
        head = message[:start].replace(
            b"Content-Length: %d" % body, b"Content-Length: %d" % (body // 2)
        )
        writer.write(head + message[start:half])
        await writer.drain()
        return
    writer.write(message[:half])
    await writer.drain()
    if fault.kind == "reset":
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    plain = writer.get_extra_info("socket")
    linger = struct.pack("ii", 1, 0)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
