"""A loopback server that speaks OpenAI's /embeddings, well or badly."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint(ThreadingHTTPServer):
    """``mood`` decides the next replies; ``asked`` holds what was sent."""

    daemon_threads = True
    mood = "well"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, *args) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        self.server.asked.append(
            {**asked, "path": self.path, "authorization": self.headers["Authorization"]}
        )
        getattr(self, f"answer_{self.server.mood}")()

    def reply(self, status: int, body: str, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def vector(self, numbers: str) -> None:
        self.reply(
            200,
            '{"object": "list", "model": "m", "usage": {"prompt_tokens": 1,'
            ' "total_tokens": 1}, "data": [{"object": "embedding", "index": 0,'
            f' "embedding": [{numbers}]}}]}}',
        )

    def answer_well(self) -> None:
        self.vector("0.5, 0.25, -1")

    def answer_short(self) -> None:
        self.vector("0.5")

    def answer_nan(self) -> None:
        self.vector("0.5, NaN, 1")

    def answer_empty(self) -> None:
        self.reply(200, '{"object": "list", "data": []}')

    def answer_html(self) -> None:
        self.reply(200, "<html>Welcome to the proxy</html>", "text/html")

    def answer_unauthorized(self) -> None:
        self.reply(401, '{"error": {"message": "no"}}')

    def answer_broken(self) -> None:
        self.reply(500, '{"error": {"message": "oops"}}')

    def answer_silent(self) -> None:
        time.sleep(1)


@contextmanager
def embeddings_endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
