"""Lists: select, sort, page and encode objects of the plan, quickly also in big plans."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from tws.simulator import fields, render, things
from tws.simulator.answers import Answer, bad_filter
from tws.simulator.matching import compile_condition, field_getter
from tws.simulator.model import ENDED, Job, Resource, Stream, Workstation
from tws.simulator.oql import Both, Comparison, Condition, OqlSyntaxError, Query, parse
from tws.simulator.plan import Plan
from tws.simulator.planfilter import compile_filter

MOST = 10_000
RESTING = ENDED | {"HOLD"}
Getter = Callable[[Any], Any]
Distortions = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object that can be listed."""

    type: type
    fields: Mapping[str, Getter]
    all: Callable[[Plan], Sequence[Any]]


KINDS = {
    "job": Kind(Job, fields.JOB, lambda plan: plan.jobs),
    "jobstream": Kind(Stream, fields.STREAM, lambda plan: plan.streams),
    "workstation": Kind(
        Workstation, fields.WORKSTATION, lambda plan: plan.workstations
    ),
    "resource": Kind(Resource, fields.RESOURCE, lambda plan: plan.resources),
}


class Listing:
    """Answers list requests; remembers the last selections while the plan rests."""

    def __init__(self, distortions: Distortions) -> None:
        self.distortions = distortions
        self._selected: dict[tuple[str, str, str], tuple[int, Sequence[Any]]] = {}

    def select(
        self, plan: Plan, kind: str, oql: str, plan_filter: str
    ) -> Sequence[Any]:
        """Find what the filters ask for, in their order."""
        what = KINDS[kind]
        if not oql and plan_filter in ("", "/@/@#/@/@.@", "/@/@#/@/@"):
            return what.all(plan)
        wanted = (kind, oql, plan_filter)
        if kind in ("workstation", "resource"):
            return _find(plan, what, oql, plan_filter)
        version, found = self._selected.get(wanted, (-1, ()))
        if version != plan.version:
            found = _find(plan, what, oql, plan_filter)
            if len(self._selected) > 16:
                self._selected.clear()
            self._selected[wanted] = (plan.version, found)
        return found

    def page(
        self,
        plan: Plan,
        kind: str,
        now: float,
        query: Mapping[str, str],
        **how: Any,
    ) -> Answer:
        """Answer one page; `how` holds base, count and definition."""
        limit, offset = _bounds(query)
        found = self.select(
            plan, kind, query.get("oql", ""), query.get("plan_filter", "")
        )
        items = found[offset : offset + limit]
        encoded = b",".join(
            self.fragment(plan, item, now, definition=how["definition"])
            for item in items
        )
        parts = [b'"results":[' + encoded + b"]"]
        if how["count"]:
            parts.insert(0, b'"count":%d' % len(found))
        for name, start in (("next", offset + limit), ("previous", offset - limit)):
            if 0 <= start < len(found) and (name == "next" or offset):
                link = _link(how["base"], query, limit, start)
                parts.append(b'"%s":%s' % (name.encode(), msgspec.json.encode(link)))
        return Answer(200, b"{" + b",".join(parts) + b"}")

    def fragment(self, plan: Plan, item: Any, now: float, *, definition: bool) -> bytes:  # noqa: ANN401
        """Encode an object for a list; what does not change is encoded once."""
        keeps = definition and self._rests(item)
        if keeps and item.fragment is not None:
            kept: bytes = item.fragment
            return kept
        made = msgspec.json.encode(self.render(plan, item, now, definition=definition))
        if keeps:
            item.fragment = made
        return made

    def _rests(self, item: Any) -> bool:  # noqa: ANN401
        """Whether an object looks the same until it is touched.

        Not so what runs, what has times, and what waits for a machine or a resource.
        """
        return (
            isinstance(item, Job)
            and item.status in RESTING
            and item.limits is None
            and not item.due
            and item.id not in self.distortions
        )

    def render(
        self,
        plan: Plan,
        item: Any,  # noqa: ANN401
        now: float,
        *,
        whole: bool = False,
        definition: bool = True,
    ) -> dict[str, Any]:
        """Write an object; scenarios with broken data have their say last."""
        if isinstance(item, Job):
            made = render.job(plan, item, now, whole=whole, definition=definition)
        elif isinstance(item, Stream):
            made = render.stream(plan, item, now, whole=whole)
        elif isinstance(item, Workstation):
            made = things.workstation(plan, item)
        else:
            made = things.resource(item)
        distort = self.distortions.get(item.id)
        return distort(made) if distort else made


def _bounds(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        limit, offset = int(query.get("limit", MOST)), int(query.get("offset", 0))
    except ValueError as error:
        raise bad_filter(error) from None
    if limit < 0 or offset < 0:
        raise bad_filter("limit and offset cannot be negative")
    return min(limit or MOST, MOST), offset


def _link(base: str, query: Mapping[str, str], limit: int, offset: int) -> str:
    kept = {k: v for k, v in query.items() if k not in ("limit", "offset")}
    return f"{base}?{urlencode({**kept, 'limit': limit, 'offset': offset})}"


def _find(plan: Plan, what: Kind, oql: str, plan_filter: str) -> Sequence[Any]:
    try:
        query = parse(oql) if oql else Query(None)
        found: Iterable[Any] = _candidates(plan, what, query.condition)
        if plan_filter:
            found = filter(compile_filter(plan_filter, what.type), found)
        if query.condition is not None:
            found = filter(compile_condition(query.condition, what.fields), found)
        items = list(found)
        for name, descending in reversed(query.order):
            _sort(items, what, name, descending=descending)
    except OqlSyntaxError as error:
        raise bad_filter(error) from None
    return items


def _sort(items: list[Any], what: Kind, name: str, *, descending: bool) -> None:
    get = field_getter(name, {**what.fields, **fields.SORTABLE})

    def key(item: Any) -> tuple[bool, Any]:  # noqa: ANN401
        value = get(item)
        if isinstance(value, list | set):
            value = max((v for v in value if v is not None), default=None)
        return (value is not None, value if value is not None else 0)

    items.sort(key=key, reverse=descending)


def _candidates(plan: Plan, what: Kind, condition: Condition | None) -> Iterable[Any]:
    """Narrow the search by an index where a part of the condition allows it."""
    parts = condition.parts if isinstance(condition, Both) else (condition,)
    for part in parts:
        if (
            not isinstance(part, Comparison)
            or part.negated
            or part.operator not in "=IN"
        ):
            continue
        values = [value for value in part.values if isinstance(value, str)]
        if what.type is Job and part.field in JOB_INDEX:
            return [j for v in values for j in JOB_INDEX[part.field](plan, v)]
        if what.type is Stream and part.field in STREAM_INDEX:
            return [s for v in values for s in STREAM_INDEX[part.field](plan, v)]
    return what.all(plan)


def _job_by_id(plan: Plan, value: str) -> list[Job]:
    return [plan.job_ids[value]] if value in plan.job_ids else []


def _stream_by_id(plan: Plan, value: str) -> list[Stream]:
    return [plan.stream_ids[value]] if value in plan.stream_ids else []


def _jobs_of_stream_id(plan: Plan, value: str) -> list[Job]:
    return [job for stream in _stream_by_id(plan, value) for job in stream.jobs]


def _jobs_of_stream_name(plan: Plan, value: str) -> list[Job]:
    return [job for s in plan.stream_names.get(value, ()) for job in s.jobs]


def _followers(plan: Plan, value: str) -> list[Any]:
    node = plan.job_ids.get(value)
    owners = dict.fromkeys(f.owner for f in node.followers) if node else {}
    return list(owners)


JOB_INDEX: dict[str, Callable[[Plan, str], list[Job]]] = {
    "id": _job_by_id,
    "name": lambda plan, value: plan.job_names.get(value, []),
    "jobStreamId": _jobs_of_stream_id,
    "jobStreamName": _jobs_of_stream_name,
    "dependencies.jobId": lambda plan, value: [
        node for node in _followers(plan, value) if isinstance(node, Job)
    ],
}
STREAM_INDEX: dict[str, Callable[[Plan, str], list[Stream]]] = {
    "id": _stream_by_id,
    "name": lambda plan, value: plan.stream_names.get(value, []),
    "dependencies.jobId": lambda plan, value: [
        node for node in _followers(plan, value) if isinstance(node, Stream)
    ],
}
