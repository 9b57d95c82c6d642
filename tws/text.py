"""Makes text from outside safe to show: no control characters, no end in sight."""

import re
import unicodedata

ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)?|[@-Z\\^_])"
)
# Invisible characters that turn the direction of text around, or hide it.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def clean_line(text: str, longest: int) -> str:
    """One line of at most ``longest`` characters."""
    visible = "".join(
        " " if unicodedata.category(char) in INVISIBLE else char
        for char in ANSI.sub("", text[: longest * 4])
    )
    line = " ".join(visible.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
