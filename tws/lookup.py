"""Finds jobs and job streams by name, through the client."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Literal

from tws.client import TwsClient
from tws.exceptions import TwsBadName, TwsNotFound, TwsPayloadError
from tws.oql import Condition, Field, PlanFilter, field, job_filter, stream_filter
from tws.paging import gathered
from tws.payloads import Job, JobStream, Page, object_key
from tws.plan import JobNode, StreamNode
from tws.plan.build import job_node, stream_node
from tws.plan.names import Node, Reading, is_id, is_job_name, readings, select
from tws.quoting import checked_text

# One name may have an instance for each day and run: more are not told apart by hand.
MOST = 200
Kind = Literal["job", "stream"]
COMMON_STATUS: dict[Kind, str] = {
    "job": "jobruns.commonStatus",
    "stream": "commonStatus",
}


@dataclass(frozen=True, slots=True)
class Matches:
    """What a name means; ``total`` counts also those that were not fetched."""

    nodes: list[Node]
    total: int
    whole: bool = True  # all that the server had


async def look_up(
    client: TwsClient, name: str, *, jobs: bool = True, streams: bool = True
) -> Matches:
    """Everything that the first fitting reading of the name selects.

    Raises:
        TwsBadName: No object can have this name.
    """
    steps = readings(checked_text(name))
    every = [reading for step in steps for reading in step]
    # Who writes WORKSTATION#STREAM.JOB means a job: streams are asked for if it fails.
    kinds = (
        [(jobs, False), (False, streams)] if is_job_name(name) else [(jobs, streams)]
    )
    for some_jobs, some_streams in kinds:
        found = await _all(client, every, jobs=some_jobs, streams=some_streams)
        for step in steps:
            if nodes := select(found.nodes, step):
                more = found.total - len(found.nodes) if step is steps[-1] else 0
                return Matches(nodes, len(nodes) + more)
    if is_id(name):
        return await _by_id(client, name)
    if "*" in name:  # what the shell calls a wildcard, TWS writes as "@"
        plain = name.replace("*", "@")
        return await look_up(client, plain, jobs=jobs, streams=streams)
    if name != name.upper():  # the names of TWS are in capitals
        return await look_up(client, name.upper(), jobs=jobs, streams=streams)
    return Matches([], 0)


async def search(
    client: TwsClient, pattern: str, *, limit: int, offset: int, status: str = ""
) -> tuple[Matches, Matches]:
    """A page of the jobs, and one of the streams, whose names fit the pattern.

    ``status`` is one of the public ones, such as ERROR; none means any.
    """
    step = pattern_step(pattern)
    jobs, streams = await asyncio.gather(
        _counted_page(client, step, "job", limit=limit, offset=offset, status=status),
        _counted_page(
            client, step, "stream", limit=limit, offset=offset, status=status
        ),
    )
    return jobs, streams


def pattern_step(pattern: str) -> list[Reading]:
    """What a pattern selects; plain text is a part of a name.

    Raises:
        TwsBadName: No name can fit it.
    """
    checked_text(pattern, "pattern")
    if not any(mark in pattern for mark in "@?#."):
        pattern = f"@{pattern}@"
    return readings(pattern)[-1]


async def nearest(client: TwsClient, name: str, most: int = 5) -> list[str]:
    """Names that begin alike, for somebody who mistyped one."""
    stem = name.rpartition("#")[2].rpartition(".")[2].upper()[:6]
    if len(stem) < 3 or not stem.isascii():
        return []
    like = field("name").like(f"{stem[: max(3, len(stem) - 2)]}@")
    jobs, streams = await asyncio.gather(
        client.jobs(oql=like, limit=most), client.jobstreams(oql=like, limit=most)
    )
    keys = [object_key(job) for job in jobs.items]
    keys += [object_key(stream) for stream in streams.items]
    return list(islice(dict.fromkeys(keys), most))


def names_filter(labels: Iterable[str], *, of_jobs: bool) -> Condition | None:
    """What selects the jobs, or streams, with these names; none where none can be one."""
    steps = (readings(label)[-1] for label in labels if _is_name(label))
    kind = [item for step in steps for item in step if bool(item.job) == of_jobs]
    return _either(_condition(item) for item in kind) if kind else None


def _is_name(label: str) -> bool:
    try:
        return bool(checked_text(label))
    except TwsBadName:
        return False


async def _all(
    client: TwsClient, every: list[Reading], *, jobs: bool, streams: bool
) -> Matches:
    wanted: dict[Kind, bool] = {"job": jobs, "stream": streams}
    kinds = [kind for kind, is_wanted in wanted.items() if is_wanted]
    pages = await asyncio.gather(*(_every(client, every, kind) for kind in kinds))
    nodes = [node for page in pages for node in page.nodes]
    return Matches(nodes, sum(page.total for page in pages))


async def _every(client: TwsClient, every: list[Reading], kind: Kind) -> Matches:
    """Where a name is on more workstations than are told apart here, only those meant."""
    found = await _page_of(client, every, kind, limit=MOST, offset=0)
    if found.whole or not any(reading.workstation for reading in every):
        return found
    return await _page_of(client, every, kind, limit=MOST, offset=0, placed=True)


async def _page_of(
    client: TwsClient,
    step: list[Reading],
    kind: Kind,
    *,
    limit: int,
    offset: int,
    status: str = "",
    placed: bool = False,
) -> Matches:
    of_kind = [item for item in step if bool(item.job) == (kind == "job")]
    if not of_kind:
        return Matches([], 0)
    oql = _either(_condition(item, placed=placed) for item in of_kind)
    if status:
        oql &= field(COMMON_STATUS[kind]) == status
    found: Page[Job] | Page[JobStream]
    if kind == "job":
        jobs = partial(client.jobs, oql=oql)
        found = await gathered(jobs, limit, offset)
    else:
        streams = partial(client.jobstreams, oql=oql)
        found = await gathered(streams, limit, offset)
    nodes = [node_of(item) for item in found.items]
    _check_filtered(nodes, of_kind, found)
    fitting = select(nodes, of_kind)
    if status:  # that of an earlier run fits the filter, too
        fitting = [node for node in fitting if node.common_status == status]
    left_out = len(found.items) - len(fitting)
    total = len(found.items) if found.count is None else found.count
    return Matches(fitting, total - left_out, whole=found.next_offset is None)


async def _counted_page(
    client: TwsClient,
    step: list[Reading],
    kind: Kind,
    *,
    limit: int,
    offset: int,
    status: str,
) -> Matches:
    """A page and, where a status is asked for, the total by the server's own count.

    A filter by status also fits those of earlier runs, which are left out only here: so
    the first pages are taken from one large window.
    """
    if not status:
        return await _page_of(client, step, kind, limit=limit, offset=offset)
    wide = offset + limit <= MOST
    found, total = await asyncio.gather(
        _page_of(
            client,
            step,
            kind,
            limit=MOST if wide else limit,
            offset=0 if wide else offset,
            status=status,
        ),
        _count(client, step, kind, status),
    )
    nodes = found.nodes[offset : offset + limit] if wide else found.nodes
    return replace(found, nodes=nodes, total=found.total if total is None else total)


async def _count(
    client: TwsClient, step: list[Reading], kind: Kind, status: str
) -> int | None:
    """None where the server could not count quite the same."""
    counted = _count_filter(step, kind)
    if counted is None:
        return None
    count = client.job_count if kind == "job" else client.jobstream_count
    return (await count(counted, ("status",))).groups.get(status, 0)


def _count_filter(step: list[Reading], kind: Kind) -> PlanFilter | None:
    """None where a plan filter would not select quite the same."""
    of_kind = [item for item in step if bool(item.job) == (kind == "job")]
    if len(of_kind) != 1 or of_kind[0].workstation:
        return None
    reading = of_kind[0]
    place = {"folder": reading.folder or "/@/", "stream": reading.stream or "@"}
    try:
        if kind == "job":
            return job_filter(**place, job=reading.job)
        return stream_filter(**place)
    except TwsBadName:
        return None


async def _by_id(client: TwsClient, item: str) -> Matches:
    try:
        return Matches([node_of(await client.job(item), whole=True)], 1)
    except TwsNotFound:
        pass
    try:
        return Matches([node_of(await client.jobstream(item), whole=True)], 1)
    except TwsNotFound:
        return Matches([], 0)


def node_of(item: Job | JobStream, *, whole: bool = False) -> JobNode | StreamNode:
    now = datetime.now(UTC)
    if isinstance(item, Job):
        return job_node(item, now, whole=whole)
    return stream_node(item, now, whole=whole)


def _either(conditions: Iterable[Condition]) -> Condition:
    whole: Condition | None = None
    for condition in conditions:
        whole = condition if whole is None else whole | condition
    if whole is None:
        msg = "There is no reading to make a filter of."
        raise ValueError(msg)
    return whole


def _condition(reading: Reading, *, placed: bool = False) -> Condition:
    """By the names; folder and workstation are compared here: they have two spellings.

    ``placed`` puts all that the workstation may be called into the filter.
    """
    condition = _fits(field("name"), reading.job or reading.stream, reading)
    if reading.job and reading.stream:
        condition &= _fits(field("jobStreamName"), reading.stream, reading)
    if placed and reading.workstation:
        fields = ("workstation", "jobStreamWorkstation" if reading.job else "")
        condition &= _either(
            _is_place(field(name), reading.workstation) for name in fields if name
        )
    return condition


def _is_place(name: Field, workstation: str) -> Condition:
    bare = workstation.rpartition("/")[2]
    return (name == bare) | name.like(f"@/{bare}")


def _check_filtered(nodes: list[Node], step: list[Reading], page: Page[Any]) -> None:
    """Of a server that ignores filters nothing is found, though the plan may have it.

    Raises:
        TwsPayloadError: Nothing of a page that is not the last has a name asked for.
    """
    anywhere = [replace(reading, folder="", workstation="") for reading in step]
    if page.next_offset is not None and nodes and not select(nodes, anywhere):
        msg = (
            "TWS answered with objects that were not asked for: it ignores the filter."
        )
        raise TwsPayloadError(
            msg, action="Check that TWS_URL names a supported release."
        )


def _fits(name: Field, value: str, reading: Reading) -> Condition:
    return name.like(value) if reading.wild else name == value
