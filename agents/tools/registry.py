"""All tools by name; the one list of what a model may call."""

from collections.abc import Callable, Iterable, Mapping

from agents.tools.jobs import (
    TWSJobLogTool,
    TWSJobTool,
    TWSPredecessorsTool,
    TWSSearchTool,
    TWSStreamTool,
    TWSSuccessorsTool,
)
from agents.tools.places import TWSResourceTool, TWSWorkstationTool
from agents.tools.status import TWSStatusTool
from agents.tools.toolbox import Tool, Toolbox
from agents.tools.troubleshooting import TWSImpactTool, TWSTroubleshootingTool
from tws.reader import PlanReader

TOOLS: Mapping[str, Callable[[PlanReader], Tool]] = {
    tool.name: tool
    for tool in (
        TWSStatusTool,
        TWSTroubleshootingTool,
        TWSJobTool,
        TWSStreamTool,
        TWSJobLogTool,
        TWSPredecessorsTool,
        TWSSuccessorsTool,
        TWSResourceTool,
        TWSWorkstationTool,
        TWSImpactTool,
        TWSSearchTool,
    )
}


def toolbox(names: Iterable[str], reader: PlanReader) -> Toolbox:
    """The tools of one agent, on one reader of the plan."""
    return Toolbox([TOOLS[name](reader) for name in names])
