"""Turns an answer's Markdown into plain lines, each of which says one thing."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

LONGEST_ANSWER: Final = 65_536
MOST_FIELDS: Final = 500
FENCE: Final = re.compile(
    r"(?ms)^[ \t]*(?P<mark>```|~~~)[^\n]*\n(?P<body>.*?)(?:^[ \t]*(?P=mark)|\Z)"
)
# A command names objects, and its other words state nothing of them.
COMMAND_WORD: Final = (
    r"(?:conman|composer|planman|optman|rr|rj|rs|sj|ss|reply|confirm|link|limit|fence|lc"
    r"|altpri|ap|kill|release|recall|submit|sbs|sbj|cj|cs|rerun|tellop)"
)
INLINE_COMMAND: Final = re.compile(rf"`({COMMAND_WORD}\s[^`\n]{{0,300}})`")
BARE_COMMAND: Final = re.compile(
    r"\bconman\s+[a-z]{1,12}(?:\s+(?:cpu=)?[^\s,)]*[^\s,).:])?"
)
COMMAND_LINE: Final = re.compile(rf"(?im)^[ \t$>%]*({COMMAND_WORD}\s[^\n]{{1,300}})$")
MARKS: Final = re.compile(
    r"[*`]{2,}|`|(?<!\w)_{2,}|_{2,}(?!\w)|(?<!\w)[*_](?=\w)|(?<=\w)[*](?!\w)"
)
LINK: Final = re.compile(r"\[([^\]\n]{1,200})\]\([^)\s]{1,500}\)")
ITEM: Final = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+")
OPENING: Final = re.compile(r"^\s*(?:[-*•+#>|]+|\d{1,3}[.)](?=\s))\s*")
RULE: Final = re.compile(r"^[\s|:+-]+$")
# The headers of columns whose bare values mean nothing without them.
COLUMNS: Final = (
    (r"rc|return ?code|exit ?code|ret(?:orno)?|código.*", "return code"),
    (r"workstation|estação|agent|agente|cpu|host|machine|where", "on workstation"),
    (r"(?:job ?)?stream|schedule", "in stream"),
    (r"start(?:ed)?(?: time)?|início|começo|iniciado", "started"),
    (r"end(?:ed)?(?: time)?|fim|término|finished|finish", "ended"),
    (r"deadline|prazo|due", "deadline"),
    (r"(limit|fence|priority|quantity|prioridade|limite|quantidade)", "=1"),
    (r"duration|duração|elapsed|run ?time", "ran for"),
    (r"estimate[d]?|estimativa|estimado", "estimated"),
)  # fmt: skip
SUBJECT: Final = re.compile(
    r"(?i)^(?:jobs?|job name|name|nome|object|objeto|item|resource|recurso|prompt|tarefa)$"
)
FIELD: Final = re.compile(
    r"(?i)^(?:field|property|attribute|detail|key|campo|propriedade|atributo|item|)$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer without its marks."""

    text: str
    item: bool = False  # of a list
    row: bool = False  # of a table: all of it is about its first name
    command: bool = False


def lines(answer: str) -> Iterator[Line]:
    """The lines of an answer; quoted blocks of text (logs) are left out."""
    text = answer[:LONGEST_ANSWER].replace("\0", " ")
    commands: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        commands.append(match.group(match.lastindex or 0))
        return " "

    def opened(match: re.Match[str]) -> str:
        return "\n" + _block(match.group("body"), commands) + "\n"

    text = FENCE.sub(opened, text)
    text = INLINE_COMMAND.sub(set_aside, text)
    text = BARE_COMMAND.sub(set_aside, text)
    text = LINK.sub(r"\1", MARKS.sub("", text))
    yield from _told(text.split("\n"))
    for command in commands:
        yield Line(command, command=True)


def _block(body: str, commands: list[str]) -> str:
    """A fenced block: data is read as fields, commands as such, the rest is a quote."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        commands.extend(COMMAND_LINE.findall(body))
        return ""
    return "\n".join(_fields(data, 0))


def _fields(data: Any, depth: int) -> list[str]:  # noqa: ANN401
    if depth > 5:
        return []
    if isinstance(data, list):
        return [line for item in data for line in _fields(item, depth + 1)]
    if not isinstance(data, dict):
        return []
    told: list[str] = []
    for key, value in list(data.items())[:MOST_FIELDS]:
        if isinstance(value, str | int | float):
            told.append(f"- {str(key).replace('_', ' ')}: {value}")
        else:
            told.extend(_fields(value, depth + 1))
    return told[:MOST_FIELDS]


def _told(raw: list[str]) -> Iterator[Line]:
    header: list[str] = []
    for number, line in enumerate(raw):
        if line.lstrip().startswith("|") and line.count("|") > 1:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            following = raw[number + 1] if number + 1 < len(raw) else ""
            if RULE.match(line):
                continue
            if not header and "|" in following and RULE.match(following):
                header = cells
                continue
            yield _row(cells, header)
            continue
        header = []
        if line.strip():
            yield Line(OPENING.sub("", line).strip(), item=bool(ITEM.match(line)))


def _row(cells: list[str], header: list[str]) -> Line:
    if len(cells) == 2 and (not header or FIELD.match(header[0])):
        return Line(f"{cells[0]}: {cells[1]}", item=True)
    pairs = list(zip([*header, *[""] * len(cells)], cells, strict=False))
    # Whose row it is comes first, wherever its column stands.
    pairs.sort(key=lambda pair: not SUBJECT.match(pair[0]) or pair[1].isdecimal())
    told = [_cell(name, value) for name, value in pairs if value.strip("-–— ")]
    return Line(" | ".join(told), row=True)


def _cell(header: str, value: str) -> str:
    for pattern, words in COLUMNS:
        if match := re.fullmatch(pattern, header.strip().lower()):
            return f"{match.group(1) if words == '=1' else words} {value}"
    return value
