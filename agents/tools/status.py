"""The plan as a whole: how it stands, and what in it needs attention."""

from datetime import datetime
from typing import Any, ClassVar

from agents.tools.answers import Nothing, given, shortened
from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments, Plan

MOST_WORKSTATIONS = 20
TOLD_APART = ("summary", "read_at", "age_seconds")


class TWSStatusTool:
    """Counts by status, jobs in error, workstations, critical jobs."""

    name: ClassVar[str] = "tws_status"
    description: ClassVar[str] = (
        "The state of the whole plan: number of jobs by status, the jobs in error, "
        "workstations (those in trouble first), critical jobs, the engine."
    )
    arguments: ClassVar[type[Arguments]] = Nothing

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: Nothing) -> ToolResult:
        status = await self.plan().status()
        data: dict[str, Any] = {
            key: value for key, value in status.items() if key not in TOLD_APART
        }
        places = status["workstations"]
        shown = max(MOST_WORKSTATIONS, min(places["down"], 2 * MOST_WORKSTATIONS))
        data["workstations"] = {**places, "list": places["list"][:shown]}
        return ToolResult(
            tool=self.name,
            arguments=given(arguments),
            status="ok",
            read_at=datetime.fromisoformat(status["read_at"]).isoformat(),
            age_seconds=status["age_seconds"],
            summary=status["summary"],
            data=shortened(data),
        )
