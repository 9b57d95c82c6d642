"""The state of the whole plan at a glance, from a handful of cheap calls."""

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypedDict

from tws.client import TwsClient
from tws.lookup import node_of
from tws.oql import field
from tws.paging import gathered
from tws.payloads import (
    Count,
    CriticalJob,
    EngineInfo,
    Job,
    Page,
    PlanState,
    Workstation,
)
from tws.records import Record, critical_record, item_record, workstation_record
from tws.together import together, unless_declined

MOST_ERRORS = 20
MOST_COUNTED = 2000
MOST_WORKSTATIONS = 1000
SHOWN_WORKSTATIONS = 200
MOST_CRITICAL = 50
RISKY = ("HIGH_RISK", "POTENTIAL_RISK")


class PlanStatus(TypedDict):
    """What ``GET /api/status`` and the cards of the pages show."""

    counts: dict[str, int]
    total: int
    stream_counts: dict[str, int]
    streams_total: int
    errors: list[Record]
    errors_total: int
    workstations: Record
    critical: list[Record]
    critical_total: int
    engine: Record
    summary: str
    read_at: str
    age_seconds: float
    stale: bool
    stale_reason: str


async def read(client: TwsClient) -> dict[str, Any]:
    """All of it but the age, which is told when it is asked for."""
    async with together() as group:
        jobs = group.create_task(_counted(client.job_count, client.jobs))
        streams = group.create_task(_counted(client.jobstream_count, client.jobstreams))
        oql = field("jobruns.commonStatus") == "ERROR"
        failed = group.create_task(client.jobs(oql=oql, limit=MOST_ERRORS))
        places = group.create_task(_places(client))
        critical = group.create_task(unless_declined(client.critical_jobs(), []))
        engine = group.create_task(unless_declined(client.engine_info(), EngineInfo()))
        state = group.create_task(unless_declined(client.plan_state(), None))
    machines = _workstations(places.result().items)
    return {
        "counts": jobs.result().groups,
        "total": jobs.result().total,
        "stream_counts": streams.result().groups,
        "streams_total": streams.result().total,
        **_errors(failed.result(), jobs.result()),
        "workstations": machines,
        **_critical(critical.result()),
        "engine": _engine(engine.result(), state.result()),
        "summary": _summary(jobs.result(), machines),
    }


async def _counted(
    count: Callable[..., Coroutine[Any, Any, Count]],
    listed: Callable[..., Coroutine[Any, Any, Page[Any]]],
) -> Count:
    """By status; where TWS does not count, a list that is not too long tells as much."""
    counted = await unless_declined(count(group_by=("status",)), None)
    if counted is not None:
        return counted
    page = await gathered(listed, MOST_COUNTED)
    if page.next_offset is not None:
        return Count(total=page.count or len(page.items))
    groups = Counter(item.common_status for item in page.items)
    return Count(total=len(page.items), groups=dict(groups))


async def _places(client: TwsClient) -> Page[Workstation]:
    """Who may not see workstations sees none."""
    pages = gathered(client.workstations, MOST_WORKSTATIONS)
    return await unless_declined(pages, Page(items=[]))


def _engine(engine: EngineInfo, state: PlanState | None) -> Record:
    return {
        "version": engine.version,
        "name": engine.reference_id,
        "time_zone": engine.time_zone,
        "batchman": state.batchman if state else "",
        "plan_end": state.end.isoformat() if state and state.end else None,
    }


def _errors(page: Page[Job], counts: Count) -> Record:
    """Earlier runs may match too: only the present state counts."""
    failed = [job for job in page.items if job.common_status == "ERROR"]
    nodes = [node_of(job) for job in failed]
    return {
        "errors": [item_record(node, node.read_at) for node in nodes],
        "errors_total": counts.groups.get("ERROR", len(nodes)),
    }


def _workstations(items: Sequence[Workstation]) -> Record:
    """Those in trouble first."""
    records = [workstation_record(item) for item in items]
    records.sort(key=lambda record: (not _bad(record), record["object"]))
    down = [record for record in records if _bad(record)]
    return {
        "total": len(records),
        "up": len(records) - len(down),
        "down": len(down),
        "list": records[:SHOWN_WORKSTATIONS],
    }


def _bad(record: Record) -> bool:
    return bool(record["trouble"] or record["ignored"])


def _critical(jobs: Sequence[CriticalJob]) -> Record:
    risky = sorted(
        jobs,
        key=lambda job: RISKY.index(job.risk) if job.risk in RISKY else len(RISKY),
    )
    return {
        "critical": [critical_record(job) for job in risky[:MOST_CRITICAL]],
        "critical_total": len(jobs),
    }


def _summary(jobs: Count, machines: Record) -> str:
    shown = ", ".join(
        f"{count} {name}" for name, count in sorted(jobs.groups.items()) if count
    )
    text = f"{jobs.total} jobs in the plan{': ' if shown else ''}{shown}."
    if machines["down"]:
        names = [item["name"] for item in machines["list"][: machines["down"]]]
        return f"{text} Workstations in trouble: {', '.join(names[:5])}."
    if not machines["total"]:
        return text
    return f"{text} All {machines['total']} workstations are well."
