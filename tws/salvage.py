"""Gets what can be understood out of a broken answer, and names what cannot."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tws import payloads
from tws.exceptions import TwsPayloadError
from tws.text import clean_line

W = TypeVar("W")
P = TypeVar("P")

Json = dict[str, Any] | list[Any] | str | float | bool | None
Build = Callable[[W, list[str]], P]

MOST_PROBLEMS = 20
REPORT = "Check that TWS_URL names a supported release, and report this answer."

EXPECTED = re.compile(r"Expected `(?P<types>[^`]+)`")
MISSING = re.compile(r"missing required field `(?P<name>\w+)`")
PLACE = re.compile(r" - at `\$(?P<path>.*)`$")
STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
WORDS = {
    "str": "a text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}

LONE_SURROGATE = re.compile(
    r"\\u[dD][89aAbB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89aAbB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def untyped(body: bytes) -> Json:
    decoded: Json
    try:
        decoded = msgspec.json.decode(body)
    except RecursionError:
        msg = "The answer of TWS is nested too deeply to be read."
        raise TwsPayloadError(msg, action=REPORT) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        decoded = _mended(body)
    return decoded


def _mended(body: bytes) -> Json:
    """Decode what is JSON but for the characters in its texts."""
    decoded: Json
    text = LONE_SURROGATE.sub(r"\\ufffd", body.decode("utf-8", "replace"))
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _malformed(body, exc) from None
    return decoded


def _malformed(body: bytes, exc: Exception) -> TwsPayloadError:
    if not body:
        msg = "The answer of TWS is empty."
    elif "truncated" in str(exc):
        msg = f"The answer of TWS breaks off after {len(body)} bytes: its JSON is cut."
    else:
        start = clean_line(body[:200].decode("utf-8", "replace"), 60)
        msg = f"The answer of TWS is not JSON; it begins with {start!r}."
    action = (
        "Try again; if it stays so, look for a proxy or load balancer on the way"
        " that changes or cuts answers."
    )
    return TwsPayloadError(msg, action=action)


def salvaged(
    value: Json, kind: type[W], build: Build[W, P]
) -> tuple[P | None, list[str]]:
    """Convert what can be understood, taking out each broken part in turn."""
    problems: list[str] = []
    for _ in range(MOST_PROBLEMS):
        try:
            return build(msgspec.convert(value, kind), problems), problems
        except RecursionError:
            return None, [*problems, "it is nested too deeply"]
        except msgspec.ValidationError as exc:
            problem, steps = _explained(str(exc))
            if problem not in problems:
                problems.append(problem)
            if not _taken_out(value, steps):
                break
    return None, problems


def unusable(index: int, value: Json, problem: str) -> payloads.Unusable:
    fields = value if isinstance(value, dict) else {}
    return payloads.Unusable(
        index=index,
        id=clean_line(str(fields.get("id") or ""), 100),
        name=clean_line(str(fields.get("name") or ""), 100),
        problem=problem,
    )


def _explained(error: str) -> tuple[str, list[str | int]]:
    """Put msgspec's error into words, with the way to the broken part."""
    place = PLACE.search(error)
    path = place["path"] if place else ""
    shown = path.removeprefix(".").replace("[...]", "")
    if missing := MISSING.search(error):
        problem = f"{shown}.{missing['name']} is missing".removeprefix(".")
    elif expected := EXPECTED.search(error):
        types = set(expected["types"].split(" | "))
        if "float" in types:
            types.discard("int")
        words = " or ".join(word for kind, word in WORDS.items() if kind in types)
        problem = f"{shown or 'it'} should be {words}"
    else:
        problem = f"{shown or 'it'} is not as expected"
    steps: list[str | int] = []
    for step in STEP.finditer(path):
        if step["name"]:
            steps.append(step["name"])
        elif step["index"]:
            steps.append(int(step["index"]))
        else:
            break  # within a map: all of it goes
    return problem, steps


def _taken_out(value: Json, steps: list[str | int]) -> bool:
    """Empty the place at the end of the way or, where it is empty, the one around it."""
    while steps:
        *way, last = steps
        around: Any = value
        for step in way:
            around = around[step]
        if around[last] is not None:
            around[last] = None
            return True
        steps = way
    return False
