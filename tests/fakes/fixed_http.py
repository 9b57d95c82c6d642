"""A server that does as little as can be done: the same answer to whatever is asked.

Run as a process of its own, so that it takes nothing from the client that is measured:
``python -m tests.fakes.fixed_http FILE`` prints its port.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

END = b"\r\n\r\n"


class Fixed(asyncio.Protocol):
    """Answers each request head with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self.rest = (self.rest + data).split(END)
        self.transport.write(self.answer * len(heads))


async def serve(body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    answer = head.encode() + END + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Fixed(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def fixed_http(body: bytes) -> Iterator[str]:
    """The address of a server that answers everything with ``body``."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "body"
        file.write_bytes(body)
        command = [sys.executable, "-m", "tests.fakes.fixed_http", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield f"http://127.0.0.1:{process.stdout.readline().strip()}/twsd"
            finally:
                process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
