"""Ports that nobody is given between the choice and the use."""

import socket
from contextlib import suppress

# Below what the kernel gives to those who do not care, and gives again at once.
_candidates = iter(range(20_000, 32_768))
_reservations: list[socket.socket] = []


def free_port() -> int:
    """A port of 127.0.0.1 that belongs to this process as long as it lives.

    A name in the abstract namespace keeps it from other runs of the suite.
    """
    for port in _candidates:
        name = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            name.bind(f"\0resync-tests-port-{port}")
            _reservations.append(name)
            socket.create_server(("127.0.0.1", port)).close()
            return port
        name.close()
    raise RuntimeError("every port is taken")
