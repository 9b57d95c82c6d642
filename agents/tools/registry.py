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
from agents.tools.toolbox import Plan, Tool, Toolbox
from agents.tools.troubleshooting import TWSImpactTool, TWSTroubleshootingTool

TOOLS: Mapping[str, Callable[[Plan], Tool]] = {
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


def toolbox(names: Iterable[str], plan: Plan) -> Toolbox:
    """The tools of one agent, on the one reader of the plan."""
    return Toolbox([TOOLS[name](plan) for name in names])
