"""Holds requests to TWS, and its answers, to the names, types and enums of the REST API.

The client's tests and the simulator's tests both end here: what one sends and the other
understands is the vendor's API, not a private agreement between the two.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator, FormatChecker

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parent / "v2.json").read_text())
ROOTS = {"v2": "/twsd/api/v2", "v1": "/twsd"}  # the longer one first
# Of HTTP itself, not of the API.
PLAIN_HEADERS = {
    *("accept", "accept-encoding", "accept-language", "authorization", "connection"),
    *("content-length", "content-type", "host", "user-agent"),
}
INTEGERS = {"int32": 2**31, "int64": 2**63, "integer": 2**63}
PLAIN = {"string", "boolean", "number"}

formats = FormatChecker(formats=())


@formats.checks("date-time", ValueError)
def is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@formats.checks("duration")
def is_duration(value: object) -> bool:
    pattern = r"P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


@formats.checks("uuid")
def is_uuid(value: object) -> bool:
    pattern = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


def request_problems(
    method: str,
    path: str,
    query: str | Mapping[str, str] = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> list[str]:
    """What the API does not know about this request; nothing, when it is one of its own.

    ``path`` is the path as sent (percent-encoded) and begins with ``/twsd``.
    """
    found = _find(path)
    if found is None:
        return [f"{path} is no path of the contract"]
    version, call = found
    problems = []
    if method != call.get("method", "GET"):
        problems.append(f"{method} {path}: the contract reads with another method")
    pairs = dict(parse_qsl(query, True)) if isinstance(query, str) else query
    problems += _text_problems(version, "query", pairs, call.get("query", {}))
    known = {name.lower(): kind for name, kind in call["headers"].items()}
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    special = {k: v for k, v in sent.items() if k not in PLAIN_HEADERS}
    problems += _text_problems(version, "header", special, known)
    if body and "body" in call:
        problems += _problems(version, call["body"], json.loads(body))
    elif body:
        problems.append("the contract has no body here")
    return problems


def answer_problems(path: str, body: bytes) -> list[str]:
    """What in this successful answer to ``path`` is not as the contract has it."""
    found = _find(path)
    if found is None:
        return [f"{path} is no path of the contract"]
    version, call = found
    if call["answer"] == "text":
        body.decode()
        return []
    return _problems(version, call["answer"], json.loads(body))


def _find(path: str) -> tuple[str, dict[str, Any]] | None:
    for version, root in ROOTS.items():
        if not path.startswith(f"{root}/"):
            continue
        wanted = path[len(root) :]
        calls = CONTRACT[version]["paths"]
        # A literal path wins over one with a place for an id: job/count, job/{job_id}.
        for template in sorted(calls, key=lambda t: t.count("{")):
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, wanted):
                return version, calls[template]
    return None


def _text_problems(
    version: str, where: str, sent: Mapping[str, str], known: Mapping[str, str]
) -> list[str]:
    """Check names and values that travel as text: a query, headers."""
    problems = []
    for name, value in sent.items():
        if name not in known:
            problems.append(f"{where} {name} is not in the contract")
        elif known[name] in INTEGERS:
            if not re.fullmatch(r"-?\d+", value):
                problems.append(f"{where} {name}={value} should be an integer")
        elif known[name] == "boolean":
            if value not in {"true", "false"}:
                problems.append(f"{where} {name}={value} should be true or false")
        else:
            problems += [f"{where} {p}" for p in _problems(version, known[name], value)]
    return problems


def _problems(version: str, kind: Any, value: Any) -> list[str]:
    validator = _validator(version, json.dumps(kind))
    return [f"{e.json_path}: {e.message[:300]}" for e in validator.iter_errors(value)]


@cache
def _validator(version: str, kind: str) -> Draft202012Validator:
    part = CONTRACT[version]
    definitions = {n: _schema(s) for n, s in part["schemas"].items()}
    for name, fields in part.get("required", {}).items():
        definitions[name]["required"] = fields
    for name, variant in part.get("variants", {}).items():
        definitions[name] = _variant(variant)
    schema = {"$defs": definitions, **_schema(json.loads(kind))}
    return Draft202012Validator(schema, format_checker=formats)


def _schema(kind: Any) -> dict[str, Any]:
    """Write the contract's short notation out as JSON Schema."""
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, dict):
        return _object(kind)
    if kind == "any":
        return {}
    if kind in INTEGERS:
        bound = INTEGERS[kind]
        return {"type": "integer", "minimum": -bound, "maximum": bound - 1}
    if kind in PLAIN:
        return {"type": kind}
    if kind in formats.checkers:
        return {"type": "string", "format": kind}
    return {"$ref": f"#/$defs/{kind}"}


def _object(kind: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind.get("enum"), list):
        return {"enum": kind["enum"]}
    if "*" in kind:
        return {"type": "object", "additionalProperties": _schema(kind["*"])}
    return {
        "type": "object",
        "properties": {name: _schema(field) for name, field in kind.items()},
        "additionalProperties": False,
    }


def _variant(variant: dict[str, Any]) -> dict[str, Any]:
    """Choose a schema by one field: the kind of dependency, job or job stream."""
    by, schemas = variant["by"], variant["as"]
    return {
        "type": "object",
        "required": [by],
        "properties": {by: {"enum": list(schemas)}},
        "allOf": [
            {
                "if": {"properties": {by: {"const": value}}},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for value, name in schemas.items()
        ],
    }
