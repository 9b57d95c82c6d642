"""What `make run` prints: its own words, and the children's lines with their names."""

import os
import re
from typing import TextIO

COLOURS = {"web": "36", "worker": "35", "tws": "33", "db": "34"}
WIDTH = max(map(len, COLOURS))
LONGEST_LINE = 4096
# A line may quote text from outside, which must not steer the terminal.
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Console:
    """Writes whole lines at once, in colour on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self.is_lost = False  # nobody reads any more

    def say(self, sentence: str) -> None:
        self._write(sentence)

    def line(self, name: str, text: str) -> None:
        """One line of a child's output, without what could do more than be read."""
        shown = CONTROLS.sub("", text.replace("\t", "    "))[:LONGEST_LINE]
        label = f"{name:<{WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{COLOURS.get(name, '37')}m{label}\x1b[0m"
        self._write(f"{label} {shown}")

    def _write(self, text: str) -> None:
        if self.is_lost:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except OSError:  # the reader went away, or the terminal was closed
            self.is_lost = True
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())


class Lines:
    """Cuts a stream of bytes into lines; an endless one is cut where it gets too long."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[str]:
        *whole, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE * 4:
            whole.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace").rstrip("\r") for line in whole]

    def end(self) -> list[str]:
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []
