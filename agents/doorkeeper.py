"""Who may open a socket and keep it open: Origin, session, permission."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from agents.db import db

PERMISSION = "agents.use_chat"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
DEFAULT_PORTS = {"http": "80", "https": "443"}

Scope = Mapping[str, Any]


class Refused(Exception):
    """The socket is closed with ``code`` and no other frame."""

    code = 4403


class NotSignedIn(Refused):
    """There is no session, or it has ended."""

    code = 4401


class NotAllowed(Refused):
    """Signed in, but without the right to chat; or called from a foreign page."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the other end."""

    user_id: int
    session_key: str


def check_origin(scope: Scope) -> None:
    """Let only pages of this site open a socket: browsers send cookies from any.

    Raises:
        NotAllowed: the Origin is missing, null or another than the Host's.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin1").lower()
    host = _host(headers)
    if origin in settings.CSRF_TRUSTED_ORIGINS or _matches_wildcard(origin):
        return
    try:
        parts = urlsplit(origin)
        secure = _is_secure(scope, headers)
        ours = (
            parts.scheme in (("https",) if secure else ("http", "https"))
            and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
            and _same_place(parts.scheme, parts.netloc, host)
        )
    except ValueError:
        ours = False
    if not ours:
        raise NotAllowed


def _host(headers: Mapping[bytes, bytes]) -> str:
    name = b"x-forwarded-host" if settings.USE_X_FORWARDED_HOST else b"host"
    return headers.get(name, headers.get(b"host", b"")).decode("latin1").lower()


def _matches_wildcard(origin: str) -> bool:
    """CSRF_TRUSTED_ORIGINS may hold ``https://*.example.com``, as for forms."""
    scheme, _, place = origin.partition("://")
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        trusted_scheme, _, pattern = trusted.partition("://*")
        if pattern and scheme == trusted_scheme and is_same_domain(place, pattern):
            return True
    return False


def _is_secure(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    if scope.get("scheme") == "wss":
        return True
    if settings.SECURE_PROXY_SSL_HEADER:
        name, expected = settings.SECURE_PROXY_SSL_HEADER
        sent = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
        return headers.get(sent, b"").decode("latin1") == expected
    return False


def _same_place(scheme: str, origin: str, host: str) -> bool:
    default = DEFAULT_PORTS[scheme]
    origin_name, origin_port = split_domain_port(origin)
    host_name, host_port = split_domain_port(host)
    if (origin_port or default) != (host_port or default):
        return False
    # One machine under two names: a page of localhost may call 127.0.0.1.
    return bool(origin_name) and (
        origin_name == host_name or {origin_name, host_name} <= LOOPBACK
    )


def session_key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session's key from the cookies, or nothing."""
    for name, value in headers:
        if name == b"cookie":
            cookies = parse_cookie(value.decode("latin1"))
            if settings.SESSION_COOKIE_NAME in cookies:
                return cookies[settings.SESSION_COOKIE_NAME]
    return ""


def admit(key: str) -> Visitor:
    """Look the session up as a request would: expiry, password change, active user.

    Raises:
        NotSignedIn: there is no such session, or its user is gone.
        NotAllowed: the user has not the right to chat.
    """
    if not key:
        raise NotSignedIn
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not user.is_authenticated or user.pk is None:
        raise NotSignedIn
    if not user.has_perm(PERMISSION):
        raise NotAllowed
    return Visitor(user.pk, key)


class Doorkeeper:
    """Admits sockets and looks again later; sockets of one session share a look."""

    def __init__(
        self,
        *,
        look_again_seconds: float = 18.0,
        fresh_seconds: float = 8.0,
        idle_seconds: float = 1800.0,
    ) -> None:
        self.look_again_seconds = look_again_seconds
        self.idle_seconds = idle_seconds
        self.fresh_seconds = fresh_seconds
        self._looks: dict[str, tuple[float, asyncio.Task[Visitor]]] = {}

    async def admit(self, scope: Scope) -> Visitor:
        """Check a new socket.

        Raises:
            Refused: close it.
        """
        check_origin(scope)
        return await db(admit)(session_key(scope["headers"]))

    async def look_again(self, visitor: Visitor) -> None:
        """Check an open socket.

        Raises:
            Refused: close it.
        """
        now = time.monotonic()
        seen = self._looks.get(visitor.session_key)
        if seen is None or now - seen[0] >= self.fresh_seconds:
            self._forget_old_looks(now)
            task = asyncio.create_task(db(admit)(visitor.session_key))
            # Each socket that waits reads the error; if all left, nobody need to.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            seen = self._looks[visitor.session_key] = (now, task)
        await asyncio.shield(seen[1])

    def _forget_old_looks(self, now: float) -> None:
        self._looks = {
            key: look
            for key, look in self._looks.items()
            if now - look[0] < self.fresh_seconds
        }
