"""Reads a job log: bounded while it streams by, and cleaned of what is not text."""

import codecs
import re

from tws.diagnosis.logs import CLUES, LONGEST_HEADER, STRONG_CLUES, Frame, Telling
from tws.payloads import JobLog, Mark
from tws.text import ANSI

MOST_BYTES = 512 * 1024
MOST_LINES = 2000
LONGEST_LINE = 2000
BINARY_SHARE = 0.3
LONGEST_LOOK = 600  # bytes of a line that are looked at after a clue
MOST_BEFORE_CLUE, BEFORE_CLUE = 200, 100  # beyond the one, so much as the other
MOST_LOOKS = 20_000
MOST_LAST = 300  # lines of the end that are looked at in any case
LONGEST_REST = 16 * 1024  # a line without an end is looked through in pieces
OVERLAP = 64
BINARY = "[binary data left out]"

# Control characters but tab and line feed, and those that turn text around.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
# A character of UTF-16 as bytes have it: Windows programs write it below the plain
# header, where nothing tells so.
SPACED = re.compile("([^\x00])\x00|\x00(?=[^\x00])")
WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class LogWindow:
    """The first or the last bytes of a log, and the telling lines of all that passes."""

    def __init__(
        self, *, keep_end: bool, most_bytes: int = MOST_BYTES, first_line: int = 1
    ) -> None:
        self._keep_end = keep_end
        self._most = most_bytes
        self._first_line = first_line
        self.restart()

    def restart(self) -> None:
        """Forget what was read: the connection broke, and all comes again."""
        self._narrow = Narrow()
        self._scan = LogScan(self._first_line)
        self._kept = bytearray()
        self._lines_gone = 0
        self._cut = False

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; false when no more are wanted."""
        return self._take(self._narrow.feed(chunk))

    def _take(self, chunk: bytes) -> bool:
        self._scan.feed(chunk)
        self._kept += chunk
        if self._keep_end:
            if len(self._kept) > 2 * self._most:
                self._drop_start()
            return True
        if len(self._kept) > self._most:
            self.stop()
            return False
        return True

    def stop(self) -> None:
        """The log goes on, but is not read further."""
        self._cut = True

    def log(self, *, most_lines: int = MOST_LINES) -> JobLog:
        self._take(self._narrow.rest())
        if self._keep_end and len(self._kept) > self._most:
            self._drop_start()
        elif len(self._kept) > self._most:
            del self._kept[self._most :]
        text, binary = cleaned(bytes(self._kept))
        lines = text.split("\n") if text else []
        surplus = max(0, len(lines) - most_lines)
        first_line = self._first_line
        if self._keep_end:
            first_line += self._lines_gone + surplus
            lines = lines[surplus:]
        else:
            lines = lines[:most_lines]
        if self._scan.is_tired:
            for number, line in list(enumerate(lines, first_line))[-MOST_LAST:]:
                self._scan.look(number, line)
        return JobLog(
            text="\n".join(lines),
            from_line=first_line,
            to_line=first_line + len(lines) - 1,
            truncated=self._cut or bool(surplus or self._lines_gone),
            binary=binary,
            marked=self._scan.marks(),
        )

    def _drop_start(self) -> None:
        """Let the oldest go, up to the end of a line where there is one."""
        start = len(self._kept) - self._most
        end_of_line = self._kept.find(b"\n", start) + 1
        start = end_of_line or start
        self._lines_gone += self._kept.count(b"\n", 0, start)
        self._cut = True
        del self._kept[:start]


class Narrow:
    """Turns a log in UTF-16, as its first two bytes tell it, into UTF-8."""

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes) -> bytes:
        if self._head is not None:
            chunk = self._head + chunk
            if len(chunk) < 2:
                self._head = chunk
                return b""
            self._begin(chunk)
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk).encode()

    def rest(self) -> bytes:
        """What waited for more."""
        rest, self._head = self._head or b"", None
        if self._decoder is not None:
            rest = self._decoder.decode(b"", final=True).encode()
        return rest

    def _begin(self, chunk: bytes) -> None:
        self._head = None
        if chunk[:2] in WIDE:
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")


class LogScan:
    """Finds the telling lines of a log that streams by, in memory that does not grow.

    A slice is first searched for clues, all at once: most lines are never looked at.
    Where nearly every line has one, only the strong ones are followed after a while.
    """

    def __init__(self, first_line: int = 1) -> None:
        self._line = first_line
        self._rest = b""
        self._frame = Frame()
        self._found = Telling()
        self._looks = 0

    @property
    def is_tired(self) -> bool:
        """Whether weaker clues are passed over by now."""
        return self._looks >= MOST_LOOKS

    def look(self, number: int, line: str) -> None:
        """Take a line that is known already."""
        if not self._frame.holds(number, line):
            self._found.look(number, line)

    def feed(self, chunk: bytes) -> None:
        data = self._rest + chunk.replace(b"\0", b"")  # as SPACED does
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        if end:
            self._look_through(data[:end])
        if len(self._rest) > LONGEST_REST:
            self._look_through(self._rest)
            self._rest = self._rest[-OVERLAP:]

    def marks(self) -> list[Mark]:
        self._look_through(self._rest)
        self._rest = b""
        return self._found.marks()

    def _look_through(self, data: bytes) -> None:
        start = self._look_at_header(data)
        lower = data.lower()
        while clue := self._clues.search(lower, start):
            at = clue.start()
            self._line += data.count(b"\n", start, at)
            begin = max(start, data.rfind(b"\n", start, at) + 1)
            if at - begin > MOST_BEFORE_CLUE:
                begin = at - BEFORE_CLUE
            end = _line_end(data, at)
            self._look(data[begin:end])
            start = end
        self._line += data.count(b"\n", start)

    @property
    def _clues(self) -> re.Pattern[bytes]:
        return STRONG_CLUES if self.is_tired else CLUES

    def _look_at_header(self, data: bytes) -> int:
        """Look at each of the first lines: there a header may be. Where they end."""
        start = 0
        while self._line <= LONGEST_HEADER and (end := data.find(b"\n", start) + 1):
            self._look(data[start : min(end, start + LONGEST_LOOK)])
            self._line += 1
            start = end
        return start

    def _look(self, raw: bytes) -> None:
        text = ANSI.sub("", raw.decode("utf-8", "replace"))
        self._looks += 1
        for part in text.split("\r"):  # the states of a progress bar
            if line := _line(part.rstrip("\n")):
                self.look(self._line, line.strip("\ufffd"))


def _line_end(data: bytes, at: int) -> int:
    """Where the line ends that a clue stands in, or enough of it."""
    most = at + LONGEST_LOOK
    end = data.find(b"\n", at, most)
    return min(most, len(data)) if end < 0 else end


def cleaned(raw: bytes) -> tuple[str, bool]:
    """The text of a log, and whether parts of it were binary."""
    encoding = WIDE.get(raw[:2], "utf-8")
    text = ANSI.sub("", raw.decode(encoding, "replace").replace("\r\n", "\n"))
    lines = [_line(line) for line in text.rstrip("\n").split("\n")]
    binary = any(line is None for line in lines)
    shown: list[str] = []
    for line in lines:
        if line is not None:
            shown.append(line)
        elif shown[-1:] != [BINARY]:
            shown.append(BINARY)
    return "\n".join(shown), binary


def _line(line: str) -> str | None:
    """One line as a terminal would leave it; none when it is not text."""
    line = line.rstrip("\r")
    if line.count("\0") * 5 >= 2 * len(line):
        line = SPACED.sub(r"\1", line)
    last_state = line[line.rfind("\r") + 1 :]  # of a progress bar
    plain = UNWANTED.sub("", last_state)
    lost = line.count("\ufffd") + len(UNWANTED.findall(line)) - line.count("\r")
    if lost > 3 and lost > BINARY_SHARE * len(line):
        return None
    return plain if len(plain) <= LONGEST_LINE else f"{plain[:LONGEST_LINE]}…"
