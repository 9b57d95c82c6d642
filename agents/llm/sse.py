"""Decodes a ``text/event-stream`` from bytes; pure."""

from agents.llm.port import LlmMalformed

MAX_EVENT = 1_000_000


class SseDecoder:
    """Bytes in, (event, data) of each whole event out.

    Lines are cut before they are decoded, so that a character split over two network
    packets arrives whole and broken UTF-8 spoils its own event only.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._event = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[tuple[str, str]]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_EVENT:
            raise LlmMalformed("The model's endpoint sends a line without an end.")
        found = []
        for raw in lines:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            if line:
                self._field(line)
            else:
                found += self._dispatch()
        return found

    def close(self) -> list[tuple[str, str]]:
        """What is left when the stream has ended without its last blank line."""
        return [*self.feed(b"\n"), *self._dispatch()]

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value

    def _dispatch(self) -> list[tuple[str, str]]:
        found = [(self._event, "\n".join(self._data))] if self._data else []
        self._event, self._data = "", []
        return found
