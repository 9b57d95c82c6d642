"""A scripted HTTP server on a real socket: what it answers, how slowly, how rudely."""

import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Request:
    """What a client sent, as it stood on the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What to answer. ``cut`` closes the connection after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None

    @classmethod
    def json(cls, value: object, status: int = 200, **more: object) -> "Reply":
        headers = {"Content-Type": "application/json"}
        return cls(status, json.dumps(value).encode(), headers, **more)

    @classmethod
    def text(cls, text: str, **more: object) -> "Reply":
        return cls(body=text.encode(), headers={"Content-Type": "text/plain"}, **more)

    @classmethod
    def html(cls, status: int = 200) -> "Reply":
        body = b"<!DOCTYPE html><html><body>Please log in</body></html>"
        return cls(status, body, {"Content-Type": "text/html"})


Answering = Callable[[Request], Reply]


class FakeHttp:
    """Answers each request with what ``answer`` makes of it, and keeps a log."""

    def __init__(self, answer: Answering, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self._tls = tls
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.start()

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/twsd"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on, and drop those there are."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._connections.add(connection)
            with connection, connection.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    self.requests.append(request)
                    if not self._reply(connection, self.answer(request)):
                        return
        except (OSError, ValueError):
            connection.close()  # the client has gone, did not trust us, or spoke TLS
        finally:
            self._connections.discard(connection)

    def _reply(self, connection: socket.socket, reply: Reply) -> bool:
        time.sleep(reply.delay)
        lines = [f"HTTP/1.1 {reply.status} Whatever"]
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join((*lines, "", "")).encode()
        if reply.cut is None:
            connection.sendall(head + reply.body)
            return True
        if reply.cut >= 0:
            connection.sendall(head + reply.body[: reply.cut])
        return False


@contextmanager
def fake_http(
    answer: Answering, tls: ssl.SSLContext | None = None
) -> Iterator[FakeHttp]:
    server = FakeHttp(answer, tls)
    try:
        yield server
    finally:
        server.stop()


def _read(stream) -> Request | None:
    line = stream.readline()
    if not line:
        return None
    method, target, _version = line.decode("ascii").split()
    headers = {}
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, body)


def self_signed(folder: Path, *, days: int = 1, name: str = "127.0.0.1") -> Path:
    """A certificate with its key in one file, made now; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "resync test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"certificate-{days}-{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
