"""Why something does not run or has failed, and what that delays."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from agents.tools.answers import Limit, MaybeName, Offset, result
from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments, Plan
from tws.diagnosis.chain import THINGS
from tws.found import Found

Record = dict[str, Any]

MOST_DEADLINES = 20

# The vendor's field in a piece of evidence, and what results call the same.
FIELDS: Mapping[str, str] = {
    "status": "status",
    "batchman": "status",
    "returnCode": "return_code",
    "actualStartTime": "started",
    "actualEndTime": "ended",
    "estimatedDuration": "estimated_seconds",
    "timeRestrictions.startTime": "start_time",
    "timeRestrictions.latestStartTime": "latest_start",
    "limit": "limit",
    "fence": "fence",
    "priority": "priority",
}


class Trouble(Arguments, frozen=True):
    """Whose trouble, and which page of the plan's."""

    name: MaybeName = ""
    limit: Limit = 10
    offset: Offset = 0


class TWSTroubleshootingTool:
    """The roots of a job's or a job stream's trouble, computed from the plan."""

    name: ClassVar[str] = "tws_troubleshooting"
    description: ClassVar[str] = (
        "Why a job or job stream does not run or has failed: the root causes with "
        "their evidence and recommended action, the chain of dependencies to them, and "
        "the impact. Without a name: what holds the whole plan up, one item per cause, "
        "the worst first. Ask this before you guess a cause."
    )
    arguments: ClassVar[type[Arguments]] = Trouble

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: Trouble) -> ToolResult:
        if not arguments.name:
            return await self._whole_plan(arguments)
        found = await self.plan().diagnose(arguments.name)
        told = result(self.name, arguments, found)
        if isinstance(found, Found):
            data = told["data"]
            data.pop("report", None)  # the same once more, as prose
            data["chain"] = [_step(step) for step in data["chain"]]
            data["facts"] = _facts(data["roots"], found.read_at)
        return told

    async def _whole_plan(self, arguments: Trouble) -> ToolResult:
        found = await self.plan().incidents(arguments.limit, arguments.offset)
        told = result(self.name, arguments, found, empty=not found.data["total"])
        told["data"]["facts"] = _facts(told["data"]["incidents"], found.read_at)
        return told


def _step(step: Record) -> Record:
    """What a workstation or a prompt is in is no status of the plan's jobs."""
    if step["relation"] not in THINGS:
        return step
    told = {key: value for key, value in step.items() if key != "status"}
    return {**told, "value": step["status"]}


def _facts(roots: Sequence[Record], now: datetime) -> list[Record]:
    """The evidence by object, in the words that all results share."""
    by_object: dict[str, Record] = {}
    for root in roots:
        for item in root["evidence"]:
            key = FIELDS.get(item["field"])
            if key is not None:
                record = by_object.setdefault(
                    item["object"], {"object": item["object"]}
                )
                record[key] = item["value"]
    for record in by_object.values():
        _add_spans(record, now)
    return list(by_object.values())


def _add_spans(record: Record, now: datetime) -> None:
    """How long a job runs, and how long it will, as its root's detail tells it."""
    if "started" not in record or "ended" in record:
        return
    elapsed = (now - datetime.fromisoformat(record["started"])).total_seconds()
    record["elapsed_seconds"] = round(elapsed, 1)
    if isinstance(record.get("estimated_seconds"), int | float):
        record["remaining_seconds"] = round(record["estimated_seconds"] - elapsed, 1)


class AssumedImpact(Arguments, frozen=True):
    """An object, and what to assume of it."""

    name: MaybeName = ""
    what_if: Annotated[
        Literal["cured_now", "rerun_now", "done_now", "cancelled", "delayed"],
        msgspec.Meta(description="What to assume happens to it now."),
    ] = "cured_now"
    delay_minutes: Annotated[
        float,
        msgspec.Meta(ge=0, le=10_000, description="For delayed: by how many minutes."),
    ] = 0.0


class TWSImpactTool:
    """What waits for an object, and which deadlines are in danger."""

    name: ClassVar[str] = "tws_impact"
    description: ClassVar[str] = (
        "What waits for a job or job stream, counted by job stream, and which "
        "deadlines and critical jobs it endangers; also under an assumption. Without a "
        "name: the deadlines of the whole plan that will be missed, or nearly."
    )
    arguments: ClassVar[type[Arguments]] = AssumedImpact

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: AssumedImpact) -> ToolResult:
        if not arguments.name:
            risks = await self.plan().deadlines(MOST_DEADLINES)
            return result(self.name, arguments, risks, empty=not risks.data["total"])
        found = await self.plan().impact(
            arguments.name, arguments.what_if, delay_minutes=arguments.delay_minutes
        )
        return result(self.name, arguments, found)
