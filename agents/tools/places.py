"""Workstations and resources."""

from typing import Annotated, ClassVar

import msgspec

from agents.tools.answers import result
from agents.tools.results import ToolResult
from agents.tools.toolbox import Arguments, Plan


class PlaceNamed(Arguments, frozen=True):
    """The name of a workstation."""

    name: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=200, description="The workstation."),
    ]


class TWSWorkstationTool:
    """One workstation: is it up, and what does it let through?"""

    name: ClassVar[str] = "tws_workstation"
    description: ClassVar[str] = (
        "One workstation: whether it is linked and running, its limit and fence, and "
        "what is wrong with it."
    )
    arguments: ClassVar[type[Arguments]] = PlaceNamed

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: PlaceNamed) -> ToolResult:
        return result(
            self.name, arguments, await self.plan().workstation(arguments.name)
        )


class ResourceNamed(Arguments, frozen=True):
    """The name of a resource."""

    name: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            max_length=200,
            description="The resource, or WORKSTATION#RESOURCE.",
        ),
    ]


class TWSResourceTool:
    """One resource and who holds it."""

    name: ClassVar[str] = "tws_resource"
    description: ClassVar[str] = (
        "One resource: how many units there are, how many are free, and who holds them."
    )
    arguments: ClassVar[type[Arguments]] = ResourceNamed

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def run(self, arguments: ResourceNamed) -> ToolResult:
        return result(self.name, arguments, await self.plan().resource(arguments.name))
