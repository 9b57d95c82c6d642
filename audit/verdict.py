"""Reads a judge's verdict out of whatever the model wrote; pure, and never raises.

The rule behind every line: no guess. An object that is not closed is no verdict (0.9 may
be the head of 0.95), reasoning blocks do not count, and all verdicts found must agree.
``None`` means: record it, show it, act on nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 64 * 1024  # characters; a verdict has a few hundred
MAX_REASON = 4000
MAX_DEPTH = 3  # JSON in strings in JSON
MAX_OBJECTS = 200  # pairs of braces, in one reply
MAX_VAIN = MAX_TEXT // 2  # characters searched in vain for a closing brace

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NUMBER = re.compile(r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PERCENT = re.compile(r"(\+?(?:\d++\.?\d*+|\.\d++))\s*+%", re.ASCII)
_NOT_FOR_POSTGRESQL = re.compile("[\x00\ud800-\udfff]")

# Outside of objects two things matter: a reasoning block's tags, an object's start.
_TAG = r"(?:think(?:ing)?|thoughts?|reasoning)\b[^<>\[\]{}]{0,80}[>\]]"
_LANDMARK = re.compile(rf"(?P<object>\{{(?!\s*\{{))|[<\[](?P<end>/?){_TAG}", re.I)
_THOUGHT_END = re.compile(rf"[<\[]/{_TAG}", re.I)
_BEGINS_WITH_KEY = re.compile(r"""\{\s*(?:"|“|'\w|\w+\s*:|//|/\*)""")
_BEGINS_ESCAPED = re.compile(r'\{(?:\s|\\+[nrt])*\\+"')
# Only single characters are repeated with *+: before 3.11.5, Debian's 3.11.2 for one,
# Python gets a group that is repeated so wrong when it has to step back inside.
_REST_OF_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*', re.S)

# Inside of an object that is not JSON: strings, comments, braces, a quote left open.
_TOKEN = re.compile(
    r"""
      (?P<string> "[^"\\]*+(?:\\.[^"\\]*+)*"
                | (?<!\w)'[^'\\]*+(?:(?:\\.|(?<=\w)'(?=\w))[^'\\]*+)*'(?!\w)
                | “[^”]*+” )
    | (?P<comment> (?<![:\w])//[^\n]*+ | (?<=[\s,])\#[^\n]*+
                 | /\*.*?\*/ )
    | (?P<brace> [{}] )
    | (?P<open> ["“] | /\* )
    """,
    re.S | re.X,
)
_SHORT_STRING = re.compile(r"[\w.+% -]{1,16}", re.ASCII)  # may be a key or a value
_VALUE_ENDS = r"\s*(?=[,}\n]|\s\w+\s*:)"
_LOOSE_INCORRECT = re.compile(rf"\bis_incorrect\s*:\s*(\w+){_VALUE_ENDS}")
_LOOSE_CONFIDENCE = re.compile(
    rf"\bconfidence\s*:\s*([\w.+-]+(?:\s*%)?){_VALUE_ENDS}", re.ASCII
)
_LOOSE_KEY = re.compile(r"\b(?:is_incorrect|confidence)\s*:")
_LOOSE_REASON = re.compile(r"\breason\s*:")
_SET_ASIDE = re.compile("§(\\d{1,5})§", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge thinks of an answer; ``confidence`` is a share from 0 to 1."""

    is_incorrect: bool
    confidence: float
    reason: str = ""


class _Unknowable(Exception):
    """A verdict is begun and not ended, or finding out would cost too much."""


def read_verdict(text: object) -> Verdict | None:
    """The verdict in a judge's reply, or None when there is none to act on."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        return None
    try:
        found = _scan(text, depth=0)
    except (_Unknowable, RecursionError):
        return None
    agreed = {(one.is_incorrect, one.confidence) for one in found}
    return found[-1] if len(agreed) == 1 else None


def _scan(text: str, depth: int) -> list[Verdict]:
    """The verdicts outside of reasoning blocks, in the order in which they stand."""
    found: list[Verdict] = []
    position = objects = vain = 0
    while mark := _LANDMARK.search(text, position):
        position = mark.end()
        if mark["object"]:
            more, position = _object_at(text, mark.start(), depth)
            found += more
            objects += 1
            vain += len(text) - position if position == mark.end() else 0
            if objects > MAX_OBJECTS or vain > MAX_VAIN:
                raise _Unknowable
        elif mark["end"]:
            # The chat template swallowed the opening tag: all before was thinking.
            found.clear()
        else:
            end = _THOUGHT_END.search(text, position)
            position = end.end() if end else len(text)
    return found


def _object_at(text: str, start: int, depth: int) -> tuple[list[Verdict], int]:
    """What the object that starts here holds, and where to read on."""
    if _BEGINS_ESCAPED.match(text, start):
        return _escaped_object_at(text, start, depth)
    strings: list[str] = []
    plain, end = _plain_object(text, start, strings)
    if not plain:
        return [], _after_unclosed_object(text, start)
    try:
        value = _DECODER.decode(text[start:end])
    except (ValueError, RecursionError):
        return _loose(plain, strings), end
    return list(_walk(value, depth)), end


def _after_unclosed_object(text: str, start: int) -> int:
    """Nothing in it counts; that it may hold a verdict makes all others doubtful."""
    if not _BEGINS_WITH_KEY.match(text, start):
        return start + 1  # a stray brace in prose
    if text.find("is_incorrect", start) >= 0:
        raise _Unknowable
    return len(text)


def _escaped_object_at(text: str, start: int, depth: int) -> tuple[list[Verdict], int]:
    """JSON that was encoded as a JSON string, once more."""
    match = _REST_OF_STRING.match(text, start)
    escaped = match.group() if match else ""
    try:
        inner = json.loads(f'"{escaped}"', strict=False)
    except ValueError:
        inner = ""
    found = _scan(inner, depth + 1) if depth < MAX_DEPTH else []
    return found, start + max(len(escaped), 1)


def _walk(value: object, depth: int) -> Iterator[Verdict]:
    """The verdicts in decoded JSON, inside of whatever wraps them."""
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "is_incorrect" in item:
                yield from _strict(item)
            else:
                stack += reversed(item.values())
        elif isinstance(item, list):
            stack += reversed(item)
        elif isinstance(item, str) and item.lstrip().startswith(("{", "[", "```")):
            yield from _scan(item, depth + 1) if depth < MAX_DEPTH else ()


def _strict(fields: dict[str, Any]) -> list[Verdict]:
    is_incorrect = _truth(fields["is_incorrect"])
    confidence = _share(fields.get("confidence"))
    if is_incorrect is None or confidence is None:
        return []
    return [Verdict(is_incorrect, confidence, _reason(fields.get("reason")))]


def _loose(plain: str, strings: list[str]) -> list[Verdict]:
    """The same two keys, each exactly once, from an object that is closed but not JSON."""
    truths, shares = _LOOSE_INCORRECT.findall(plain), _LOOSE_CONFIDENCE.findall(plain)
    keys = _LOOSE_KEY.findall(plain)
    if (len(truths), len(shares), len(keys)) != (1, 1, 2):
        return []
    fields = {"is_incorrect": truths[0], "confidence": shares[0]}
    return _strict({**fields, "reason": _loose_reason(plain, strings)})


def _loose_reason(plain: str, strings: list[str]) -> str:
    key = _LOOSE_REASON.search(plain)
    if not key:
        return ""
    following = _LOOSE_KEY.search(plain, key.end())
    end = following.start() if following else len(plain) - 1
    said = plain[key.end() : end].strip().rstrip(",").strip()
    if said in ("None", "null"):
        return ""
    said = _SET_ASIDE.sub(lambda mark: "".join(strings[int(mark[1]) :][:1]), said)
    return said.strip("\"'“”")


def _plain_object(text: str, start: int, strings: list[str]) -> tuple[str, int]:
    """The object without quotes and comments; empty if it never closes.

    A string that can be neither key nor value is set aside, so that nothing in it is
    taken for either.
    """
    pieces: list[str] = []
    depth, position = 0, start
    for token in _TOKEN.finditer(text, start):
        pieces.append(text[position : token.start()])
        position = token.end()
        if token["open"]:
            break
        if token["string"]:
            inner = token["string"][1:-1].strip()
            if not _SHORT_STRING.fullmatch(inner):
                strings.append(token["string"])
                inner = f"§{len(strings) - 1}§"
            pieces.append(inner)
        elif token["brace"]:
            pieces.append(token["brace"])
            depth += 1 if token["brace"] == "{" else -1
            if not depth:
                return "".join(pieces), position
        else:
            pieces.append(" ")
    return "", start


def _without_conflicts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which a key that is said twice, differently, says nothing."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        result[key] = value if result.get(key, value) == value else None
    return result


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_without_conflicts)


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def _share(value: object) -> float | None:
    """A number from 0 to 1; 85, 8 or "high" are of no known scale."""
    if isinstance(value, str):
        value = value.strip()
        if percent := _PERCENT.fullmatch(value):
            value = float(percent[1]) / 100
        elif _NUMBER.fullmatch(value):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def _reason(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "; ".join(value)
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _NOT_FOR_POSTGRESQL.sub("", said)[:MAX_REASON]
