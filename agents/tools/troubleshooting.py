"""Why something does not run or has failed, and what that delays."""

from typing import Annotated, ClassVar, Literal

import msgspec

from agents.tools.answers import Name, Named, result
from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments
from tws.found import Found
from tws.reader import PlanReader


class TWSTroubleshootingTool:
    """The roots of a job's or a job stream's trouble, computed from the plan."""

    name: ClassVar[str] = "tws_troubleshooting"
    description: ClassVar[str] = (
        "Why a job or job stream does not run or has failed: the root causes with "
        "their evidence and recommended action, the chain of dependencies to them, and "
        "the impact. Ask this before you guess a cause."
    )
    arguments: ClassVar[type[Arguments]] = Named

    def __init__(self, reader: PlanReader) -> None:
        self.reader = reader

    async def run(self, arguments: Named) -> ToolResult:
        found = await self.reader.diagnose(arguments.name)
        told = result(self.name, arguments, found)
        if isinstance(found, Found):
            told["data"].pop("report", None)  # the same once more, as prose
        return told


class AssumedImpact(Arguments, frozen=True):
    """An object, and what to assume of it."""

    name: Name
    what_if: Annotated[
        Literal["cured_now", "rerun_now", "done_now", "cancelled", "delayed"],
        msgspec.Meta(description="What to assume happens to it now."),
    ] = "cured_now"
    delay_minutes: Annotated[
        float,
        msgspec.Meta(ge=0, le=10_000, description="For delayed: by how many minutes."),
    ] = 0.0


class TWSImpactTool:
    """What waits for an object, and which deadlines that endangers."""

    name: ClassVar[str] = "tws_impact"
    description: ClassVar[str] = (
        "What waits for a job or job stream, counted by job stream, and which "
        "deadlines and critical jobs it endangers; also under an assumption."
    )
    arguments: ClassVar[type[Arguments]] = AssumedImpact

    def __init__(self, reader: PlanReader) -> None:
        self.reader = reader

    async def run(self, arguments: AssumedImpact) -> ToolResult:
        found = await self.reader.impact(
            arguments.name, arguments.what_if, delay_minutes=arguments.delay_minutes
        )
        return result(self.name, arguments, found)
