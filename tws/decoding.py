"""From the bytes of an answer to the plan's objects; what is broken is named and left out.

The quick way decodes a whole list at once. Only when something in it is broken does the
slow way (``tws.salvage``) go through it element by element.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec.structs import replace

from tws import normalise, payloads, wire, wire_v1
from tws.exceptions import TwsPayloadError
from tws.salvage import REPORT, Build, Json, salvaged, untyped, unusable

W = TypeVar("W")
P = TypeVar("P")

Node = payloads.Job | payloads.JobStream

BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NUL = rb"\u0000"
REPLACEMENT = rb"\ufffd"


# --- The answers of the API -------------------------------------------------------


def jobs_page(body: bytes) -> payloads.Page[payloads.Job]:
    return _page(body, wire.Job, normalise.job)


def jobstreams_page(body: bytes) -> payloads.Page[payloads.JobStream]:
    return _page(body, wire.JobStream, normalise.jobstream)


def workstations_page(body: bytes) -> payloads.Page[payloads.Workstation]:
    page = _page(body, wire.Workstation, normalise.workstation)
    return replace(page, items=payloads.told_online(page.items))


def resources_page(body: bytes) -> payloads.Page[payloads.Resource]:
    return _page(body, wire.Resource, normalise.resource)


def critical_jobs(body: bytes) -> payloads.Page[payloads.CriticalJob]:
    return _page(body, wire_v1.CriticalJob, normalise.critical_job)


def job(body: bytes) -> payloads.Job:
    return _one(body, wire.Job, normalise.job)


def jobstream(body: bytes) -> payloads.JobStream:
    return _one(body, wire.JobStream, normalise.jobstream)


def workstation(body: bytes) -> payloads.Workstation:
    return _one(body, wire.Workstation, normalise.workstation)


def resource(body: bytes) -> payloads.Resource:
    return _one(body, wire.Resource, normalise.resource)


def engine_info(body: bytes) -> payloads.EngineInfo:
    return _one(body, wire.EngineInfo, lambda raw, _: normalise.engine_info(raw))


def plan_state(body: bytes) -> payloads.PlanState:
    return _one(body, wire_v1.PlanState, normalise.plan_state)


def count(body: bytes) -> payloads.Count:
    def build(raw: wire.GroupedCount, _: list[str]) -> payloads.Count:
        groups = {k: v for k, v in (raw.grouped_count or {}).items() if v is not None}
        return payloads.Count(total=raw.count, groups=groups)

    return _one(body, wire.GroupedCount, build)


def issues(body: bytes) -> list[payloads.Issue]:
    def build(raw: wire.Issues, _: list[str]) -> list[payloads.Issue]:
        return [normalise.issue(item) for item in raw.issues or () if item is not None]

    return _one(body, wire.Issues, build)


def nodes_page(body: bytes) -> payloads.Page[Node]:
    """Predecessors and successors: jobs and job streams, mixed."""
    return _salvaged_page(_listing(untyped(_prepared(body))), _node)


# --- Lists and single objects -----------------------------------------------------


def _page(body: bytes, kind: type[W], build: Build[W, P]) -> payloads.Page[P]:
    body = _prepared(body)
    try:
        listing = _decoded(body, kind)
        return payloads.Page(
            items=[build(raw, []) for raw in listing.results or () if raw is not None],
            count=_total(listing.count),
            next_offset=_offset_of(listing.next),
        )
    except BROKEN:
        return _salvaged_page(
            _listing(untyped(body)), lambda value: salvaged(value, kind, build)
        )


def _decoded(body: bytes, kind: type[W]) -> wire.Listing[W]:
    if body.startswith(b"["):  # version 1 sends bare lists
        results: list[W | None] = _decoder(list[kind | None]).decode(body)  # type: ignore[valid-type]
        return wire.Listing(results=results)
    listing: wire.Listing[W] = _decoder(wire.Listing[kind]).decode(body)  # type: ignore[valid-type]
    return listing


@cache
def _decoder(kind: object) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _one(body: bytes, kind: type[W], build: Build[W, P]) -> P:
    body = _prepared(body)
    try:
        decoder: msgspec.json.Decoder[W] = _decoder(kind)  # type: ignore[arg-type]
        return build(decoder.decode(body), [])
    except BROKEN:
        value, problems = salvaged(untyped(body), kind, build)
    if value is None:
        msg = f"The answer of TWS could not be understood: {problems[-1]}."
        raise TwsPayloadError(msg, action=REPORT)
    return value


def _node(value: Json) -> tuple[Node | None, list[str]]:
    """Tell a job stream from a job by its type or, where that is missing, its fields."""
    fields = value if isinstance(value, dict) else {}
    kind = fields.get("flowNodeType")
    if kind == "JOBSTREAM" or (kind is None and "jsStatusFlags" in fields):
        return salvaged(value, wire.JobStream, normalise.jobstream)
    return salvaged(value, wire.Job, normalise.job)


def _prepared(body: bytes) -> bytes:
    """No text of ours may hold a NUL: PostgreSQL refuses it."""
    body = body.lstrip()
    return body.replace(NUL, REPLACEMENT) if NUL in body else body


def _listing(value: Json) -> dict[str, Any]:
    if isinstance(value, list):
        return {"results": value}
    fields = value if isinstance(value, dict) else {}
    if not isinstance(fields.get("results", 0), list | None):
        msg = "The answer of TWS is no list: results should be a list."
        raise TwsPayloadError(msg, action=REPORT)
    return fields


def _salvaged_page(
    listing: dict[str, Any], read: Callable[[Json], tuple[P | None, list[str]]]
) -> payloads.Page[P]:
    items: list[P] = []
    lost: list[payloads.Unusable] = []
    for index, value in enumerate(listing["results"] or ()):
        item, problems = read(value)
        if item is not None:
            items.append(item)
        else:
            lost.append(unusable(index, value, problems[-1]))
    total, link = listing.get("count"), listing.get("next")
    return payloads.Page(
        items=items,
        count=_total(total),
        next_offset=_offset_of(link if isinstance(link, str) else None),
        unusable=lost,
    )


def _total(count: Json) -> int | None:
    """A server that does not count may say so by a number below zero."""
    return count if isinstance(count, int) and count >= 0 else None


def _offset_of(link: str | None) -> int | None:
    """The offset in a ``next`` link; its host is of no use, it may be localhost."""
    if not link:
        return None
    try:
        offset = parse_qs(urlsplit(link).query).get("offset", [""])[0]
    except ValueError:
        return None
    return int(offset) if offset.isascii() and offset.isdigit() else None
