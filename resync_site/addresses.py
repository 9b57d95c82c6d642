"""Where the site listens, and under which names it may be asked for."""

import errno
import ipaddress
import random
import socket
from http.client import HTTPConnection, HTTPException

from resync_site import processes
from resync_site.exceptions import UpFailed

LOOPBACK = "127.0.0.1"
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
HIGHEST_PORT = 65535
PORTS_NOBODY_IS_GIVEN = range(20_000, 32_768)
TRIES = 100
PROBE_SECONDS = 1.0
SERVER_ERROR = 500


def refuse_taken(host: str, port: int, *, patience: float) -> None:
    """Raise UpFailed, with what to do, when the address cannot be listened on.

    A process that is dying holds its port a little longer than it can be found.
    """
    processes.wait_until(lambda: not _why_not(host, port), patience)
    if why_not := _why_not(host, port):
        raise UpFailed(why_not)


def free_port() -> int:
    """A port for a program that is about to start.

    The kernel's own choice would not do: it may give the same to somebody else before
    the program has taken it.
    """
    for port in random.sample(PORTS_NOBODY_IS_GIVEN, TRIES):
        if not _why_not(LOOPBACK, port):
            return port
    msg = f"No free port found on {LOOPBACK}: {TRIES} were tried, and all are taken."
    raise UpFailed(msg)


def url(host: str, port: int) -> str:
    return f"http://{_bracketed(_reachable(host))}:{port}/"


def answers(host: str, port: int) -> bool:
    """Whether a web server answers there; what it thinks of the question is its own."""
    connection = HTTPConnection(_reachable(host), port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < SERVER_ERROR
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def allowed_hosts(host: str) -> list[str]:
    """Names for ALLOWED_HOSTS: this machine's own when it listens beyond loopback."""
    names = [*LOCAL_NAMES]
    if _is_loopback(host):
        return names
    if not _is_any(host):
        return [*names, _bracketed(host)]
    me = socket.gethostname()
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(me, None)}
    except OSError:
        found = set()
    return sorted({*names, me, *map(_bracketed, found | _outward_address())})


def _outward_address() -> set[str]:
    """The address that others see; asking the routing table sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation
        except OSError:
            return set()
        return {str(probe.getsockname()[0])}


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _why_not(host: str, port: int) -> str:
    """Why nobody can listen there; empty when one can."""
    try:
        _bind(host, port).close()
    except OSError as error:
        return _sentence(host, port, error)
    return ""


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < HIGHEST_PORT else 8000
        return f"Port {port} on {host} is taken. Choose another: PORT={other} make run"
    if error.errno == errno.EACCES:
        return (
            f"Port {port} needs more rights than this user has. Choose another:"
            " PORT=8000 make run"
        )
    reason = error.strerror or str(error)
    return f"Cannot listen on {host}, port {port}: {reason}. Choose another HOST."


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_any(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _reachable(host: str) -> str:
    if not _is_any(host):
        return host
    return "::1" if ":" in host else LOOPBACK


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
