"""Jobs and job streams: one, its log, its neighbours, many by pattern."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from agents.tools.answers import Limit, Name, Named, Offset, result
from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments, Plan
from tws.found import Found

SEARCHED_LINES = 500


class TWSJobTool:
    """One job: status, times, return code, dependencies, earlier runs."""

    name: ClassVar[str] = "tws_job"
    description: ClassVar[str] = (
        "One job: its status, return code, times, priority, what it depends on, and "
        "its earlier runs."
    )
    arguments: ClassVar[type[Arguments]] = Named

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: Named) -> ToolResult:
        return result(self.name, arguments, await self.plan().job(arguments.name))


class TWSStreamTool:
    """One job stream and the state of its jobs."""

    name: ClassVar[str] = "tws_stream"
    description: ClassVar[str] = (
        "One job stream: its status, times, limit, what it depends on, and its jobs "
        "with their status."
    )
    arguments: ClassVar[type[Arguments]] = Named

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: Named) -> ToolResult:
        return result(self.name, arguments, await self.plan().stream(arguments.name))


class LogWanted(Arguments, frozen=True):
    """A job, and how much of its log."""

    name: Name
    lines: Annotated[
        int, msgspec.Meta(ge=1, le=200, description="How many lines from the end.")
    ] = 40


class TWSJobLogTool:
    """The end of a job's log, and its telling lines."""

    name: ClassVar[str] = "tws_job_log"
    description: ClassVar[str] = (
        "The last lines of the log of a job's latest run, and those of its lines that "
        "tell why it failed, with their message codes explained."
    )
    arguments: ClassVar[type[Arguments]] = LogWanted

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: LogWanted) -> ToolResult:
        # Read further back than is shown: the line that tells why may stand there.
        found = await self.plan().job_log(arguments.name, SEARCHED_LINES)
        if not isinstance(found, Found):
            return result(self.name, arguments, found)
        told = result(self.name, arguments, found, empty=not found.data["lines"])
        data = told["data"]
        surplus = len(data["lines"]) - arguments.lines
        if surplus > 0:
            data["lines"] = data["lines"][surplus:]
            data["from_line"] += surplus
        return told


class NeighboursWanted(Arguments, frozen=True):
    """An object, and how far to look."""

    name: Name
    depth: Annotated[
        int, msgspec.Meta(ge=1, le=5, description="Over how many dependencies.")
    ] = 1


class TWSPredecessorsTool:
    """What comes before a job or job stream."""

    name: ClassVar[str] = "tws_predecessors"
    description: ClassVar[str] = "The jobs and job streams that this one follows."
    arguments: ClassVar[type[Arguments]] = NeighboursWanted

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: NeighboursWanted) -> ToolResult:
        found = await self.plan().predecessors(arguments.name, arguments.depth)
        return result(self.name, arguments, found)


class TWSSuccessorsTool:
    """What comes after a job or job stream."""

    name: ClassVar[str] = "tws_successors"
    description: ClassVar[str] = "The jobs and job streams that follow this one."
    arguments: ClassVar[type[Arguments]] = NeighboursWanted

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: NeighboursWanted) -> ToolResult:
        found = await self.plan().successors(arguments.name, arguments.depth)
        return result(self.name, arguments, found)


Status = Literal[
    "",
    "WAITING",
    "READY",
    "RUNNING",
    "SUCCESSFUL",
    "ERROR",
    "CANCELED",
    "HELD",
    "UNDECIDED",
    "BLOCKED",
    "SUPPRESS",
]


class Search(Arguments, frozen=True):
    """Which names and status, and which page of them."""

    pattern: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            max_length=200,
            description="A name; * stands for any characters, ? for one.",
        ),
    ] = "*"
    status: Annotated[
        Status, msgspec.Meta(description="Only those in this status; empty for any.")
    ] = ""
    limit: Limit = 20
    offset: Offset = 0


class TWSSearchTool:
    """Jobs and job streams by name and status."""

    name: ClassVar[str] = "tws_search"
    description: ClassVar[str] = (
        "Jobs and job streams whose names fit a pattern, of one status or any; for when "
        "an exact name is not known. Gives a page and the total."
    )
    arguments: ClassVar[type[Arguments]] = Search

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: Search) -> ToolResult:
        # TWS writes its wildcard as "@"; everybody else writes "*".
        pattern = arguments.pattern.replace("*", "@")
        found = await self.plan().find(
            pattern, arguments.limit, arguments.offset, status=arguments.status
        )
        told = result(self.name, arguments, found, empty=not _any(found.data))
        told["data"]["pattern"] = arguments.pattern
        return told


def _any(data: dict[str, Any]) -> bool:
    return bool(data["jobs_total"] or data["streams_total"])
