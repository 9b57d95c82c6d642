"""PostgreSQL's own log: read from a pipe, kept in a file that cannot grow without bound."""

import os
from pathlib import Path
from typing import IO

LARGEST = 1_000_000
SEVERITIES = ("FATAL", "PANIC", "error")


class PostgresLog:
    """The log and one older part of it, each at most a megabyte."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_line = "it gave no reason"
        self._pipe: IO[bytes] | None = None

    def follow(self, pipe: IO[bytes] | None) -> None:
        self._close_pipe()
        self._pipe = pipe
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)

    def fileno(self) -> int:
        return -1 if self._pipe is None else self._pipe.fileno()

    def pump(self) -> bool:
        """Write what has come; False when nothing will come any more."""
        while self._pipe is not None:
            try:
                piece = os.read(self._pipe.fileno(), 65536)
            except BlockingIOError:
                return True
            if not piece:
                self._close_pipe()
            self.write(piece)
        return False

    def note(self, sentence: str) -> None:
        self.write(f"FATAL:  {sentence}\n".encode())

    def write(self, piece: bytes) -> None:
        if not piece:
            return
        self._remember_reason(piece.decode(errors="replace"))
        if self.path.exists() and self.path.stat().st_size > LARGEST:
            self.path.replace(self.path.with_suffix(".1"))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, piece)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        self.pump()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _remember_reason(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        named = [line for line in lines if any(word in line for word in SEVERITIES)]
        for line in named[-1:] or lines[-1:]:
            self.last_line = line.partition("FATAL:")[2].strip() or line
