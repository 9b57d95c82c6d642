"""What jobs and job streams have in common."""

from datetime import datetime
from typing import TypedDict

from tws import payloads, statuses, wire
from tws.normalise.values import (
    Problems,
    each,
    flag,
    folder_path,
    moment,
    shared,
    word,
    workstation_name,
)
from tws.normalise.waiting import dependency, restrictions

NO_COMPOSITE = wire.CompositeStatus()
NO_STATS = wire.DependenciesStats()


class Node(TypedDict):
    """Its names, priority, times and dependencies."""

    id: str
    name: str
    folder: str
    workstation: str
    archived: bool
    priority: int | None
    original_priority: int | None
    scheduled: datetime | None
    time_zone: str
    restrictions: payloads.TimeRestrictions
    dependencies: list[payloads.Dependency]
    dependency_count: int
    predecessor_count: int | None
    unresolved: int
    unusable: list[str]


class Outcome(TypedDict):
    """Its status, in all that the engine says of it."""

    status: str
    substatus: str
    common_status: str
    canceled: bool
    cancel_pending: bool
    dont_run: bool


def node(raw: wire.Job | wire.JobStream, problems: Problems) -> Node:
    stats = raw.dependencies_stats or NO_STATS
    return {
        "id": raw.id,
        "name": raw.name,
        "folder": folder_path(raw.folder),
        "workstation": workstation_name(raw.workstation),
        "archived": raw.archived or False,
        "priority": raw.priority,
        "original_priority": raw.orig_priority,
        "scheduled": moment(raw.sched_time, "schedTime", problems),
        "time_zone": shared(raw.time_zone),
        "restrictions": restrictions(raw.time_restrictions, problems),
        "dependencies": each(raw.dependencies, dependency, "dependencies", problems),
        "dependency_count": stats.number_of_dependencies or 0,
        "predecessor_count": _predecessors(stats),
        "unresolved": stats.number_of_unresolved_dependencies or 0,
        "unusable": problems,
    }


def outcome(
    composite: wire.CompositeStatus | None,
    common: wire.Text,
    run: payloads.JobRun | None = None,
) -> Outcome:
    """The last run tells what the job itself does not."""
    told = composite or NO_COMPOSITE
    status = statuses.internal(told.status or (run.status if run else None))
    canceled = flag(told.canceled, run.canceled if run else None)
    common = common or (run.common_status if run else None)
    return {
        "status": status,
        "substatus": word(told.substatus) or (run.substatus if run else ""),
        "common_status": statuses.common(common, status, canceled=canceled),
        "canceled": canceled,
        "cancel_pending": told.cancel_pending or False,
        "dont_run": told.dont_run or False,
    }


def _predecessors(stats: wire.DependenciesStats) -> int | None:
    """How many of the dependencies are on jobs and streams, joins of them included."""
    if stats.number_of_dependencies is None:
        return None
    others = (
        stats.number_of_prompt_dependencies,
        stats.number_of_resource_dependencies,
        stats.number_of_file_dependencies,
        stats.number_of_internetwork_dependencies,
    )
    return stats.number_of_dependencies - sum(count or 0 for count in others)
