"""Reads a job log: bounded while it streams by, and cleaned of what is not text."""

import re

from tws.payloads import JobLog
from tws.text import ANSI

MOST_BYTES = 512 * 1024
MOST_LINES = 2000
LONGEST_LINE = 2000
BINARY_SHARE = 0.3
BINARY = "[binary data left out]"

# Control characters but tab and line feed, and those that turn text around.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class LogWindow:
    """The first or the last bytes of a log, however long it is."""

    def __init__(self, *, keep_end: bool, most_bytes: int = MOST_BYTES) -> None:
        self._keep_end = keep_end
        self._most = most_bytes
        self.restart()

    def restart(self) -> None:
        """Forget what was read: the connection broke, and all comes again."""
        self._kept = bytearray()
        self._lines_gone = 0
        self._cut = False

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; false when no more are wanted."""
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

    def log(self, *, first_line: int = 1, most_lines: int = MOST_LINES) -> JobLog:
        if self._keep_end and len(self._kept) > self._most:
            self._drop_start()
        elif len(self._kept) > self._most:
            del self._kept[self._most :]
        text, binary = cleaned(bytes(self._kept))
        lines = text.split("\n") if text else []
        surplus = max(0, len(lines) - most_lines)
        if self._keep_end:
            first_line += self._lines_gone + surplus
            lines = lines[surplus:]
        else:
            lines = lines[:most_lines]
        return JobLog(
            text="\n".join(lines),
            from_line=first_line,
            to_line=first_line + len(lines) - 1,
            truncated=self._cut or bool(surplus or self._lines_gone),
            binary=binary,
        )

    def _drop_start(self) -> None:
        """Let the oldest go, up to the end of a line where there is one."""
        start = len(self._kept) - self._most
        end_of_line = self._kept.find(b"\n", start) + 1
        start = end_of_line or start
        self._lines_gone += self._kept.count(b"\n", 0, start)
        self._cut = True
        del self._kept[:start]


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
    plain = UNWANTED.sub(
        "", line[line.rfind("\r") + 1 :]
    )  # a progress bar's last state
    lost = line.count("\ufffd") + len(UNWANTED.findall(line)) - line.count("\r")
    if lost > 3 and lost > BINARY_SHARE * len(line):
        return None
    return plain if len(plain) <= LONGEST_LINE else f"{plain[:LONGEST_LINE]}…"
