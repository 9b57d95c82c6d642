"""Where TWS is and how to sign in, as the settings tell it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings

from tws.exceptions import TwsNotConfigured

ROOT = "/twsd"
EXAMPLE = "TWS_URL should look like https://master.example.com:31116/twsd."


@dataclass(frozen=True, slots=True)
class TwsConfig:
    """One engine: its hosts, the first one preferred, and one way to sign in."""

    urls: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    verify_tls: bool = True
    ca_bundle: str = ""
    timeout: float = 30.0  # of a whole call, retries included
    connect_timeout: float = 3.0
    max_body: int = 32 * 1024 * 1024
    max_connections: int = 20

    @property
    def identity(self) -> tuple[tuple[str, ...], str]:
        """Whose view of which engine: part of every cache key."""
        return self.urls, self.user or (self.api_key and f"key {hash(self.api_key)}")

    @property
    def uses_tls(self) -> bool:
        return any(url.startswith("https:") for url in self.urls)


def make_config(
    urls: list[str],
    *,
    user: str = "",
    password: str = "",
    api_key: str = "",
    verify_tls: bool = True,
    ca_bundle: str = "",
    timeout: float = 30.0,
) -> TwsConfig:
    """Check the addresses, and take credentials out of them.

    Raises:
        TwsNotConfigured: There is no address, or one that cannot be used.
    """
    if not urls:
        msg = "TWS_URL is not set, so there is no plan to read."
        action = (
            f"{EXAMPLE} Or use the simulator: `make run` starts it by itself,"
            " `manage.py tws_simulator` alone."
        )
        raise TwsNotConfigured(msg, action=action)
    if not (api_key.isascii() and api_key.isprintable()):
        msg = "TWS_API_KEY has characters that no API key has."
        raise TwsNotConfigured(msg, action="Copy it again from the console.")
    bases = []
    for url in urls:
        base, url_user, url_password = _base(url)
        bases.append(base)
        if url_user and not user:
            user, password = url_user, url_password
    return TwsConfig(
        urls=tuple(bases),
        user=user,
        password=password,
        api_key=api_key,
        verify_tls=verify_tls,
        ca_bundle=ca_bundle,
        timeout=timeout,
    )


def config_from_settings(*, url: str | None = None) -> TwsConfig:
    return make_config(
        [url] if url else settings.TWS_URLS,
        user=settings.TWS_USER,
        password=settings.TWS_PASSWORD,
        api_key=settings.TWS_API_KEY,
        verify_tls=settings.TWS_VERIFY_TLS,
        ca_bundle=settings.TWS_CA_BUNDLE,
        timeout=settings.TWS_TIMEOUT,
    )


def _base(url: str) -> tuple[str, str, str]:
    """The address up to ``/twsd``, and the user and password that it held."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        shown = url.rpartition("@")[2][:200]
        msg = f"TWS_URL is {shown!r}, which is no address of a web server."
        raise TwsNotConfigured(msg, action=EXAMPLE)
    name = f"[{host}]" if ":" in host else host
    place = f"{name}:{port}" if port else name
    path = parts.path.rstrip("/").removesuffix("/api/v2") or ROOT
    base = urlunsplit((parts.scheme, place, path, "", ""))
    return base, unquote(parts.username or ""), unquote(parts.password or "")
