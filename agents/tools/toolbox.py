"""Runs the tool calls that a model asks for; whatever goes wrong is a result."""

import asyncio
import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import msgspec

from agents.llm.port import ToolCall, ToolSpec
from agents.llm.text import clean
from agents.tools.results import STORED_BYTES, ToolResult, failed, fitted
from tws.exceptions import TwsError
from tws.reader import PlanReader

# Asked for at each call: an agent exists, and says why it cannot read the plan, even
# where the settings name no server or a wrong one.
Plan = Callable[[], PlanReader]

LONGEST_ARGUMENTS = 4_000
SHOWN = 80


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tool takes; its fields become the JSON schema that the model reads."""


class Tool(Protocol):
    """One thing that a model may ask of the plan."""

    name: ClassVar[str]
    description: ClassVar[str]
    arguments: ClassVar[type[Arguments]]

    async def run(self, arguments: Any) -> ToolResult:  # noqa: ANN401  # its own Arguments
        """Read the plan.

        Raises:
            TwsError: the plan cannot be read.
        """
        ...


class Toolbox:
    """The tools of one agent."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def names(self) -> list[str]:
        return list(self._tools)

    def specs(self) -> list[ToolSpec]:
        return [
            ToolSpec(tool.name, tool.description, schema(tool.arguments))
            for tool in self._tools.values()
        ]

    async def run(self, call: ToolCall, *, seconds: float) -> ToolResult:
        """Run one call within its time limit."""
        tool = self._tools.get(call.name)
        if tool is None:
            return failed(clean(call.name)[:SHOWN], {}, self._unknown(call.name))
        given = given_arguments(call)
        if given is None:
            return failed(tool.name, {}, _not_an_object(call, tool))
        try:
            arguments = msgspec.convert(given, tool.arguments, strict=False)
        except msgspec.ValidationError as error:
            return failed(tool.name, given, _wrong_arguments(error, tool))
        try:
            async with asyncio.timeout(seconds):
                result = await tool.run(arguments)
        except TimeoutError:
            return failed(
                tool.name, given, f"TWS did not answer within {seconds:.0f} s."
            )
        except TwsError as error:
            return failed(tool.name, given, str(error))
        # A long log takes longer to shorten than the event loop may stand still.
        return await asyncio.to_thread(fitted, result, STORED_BYTES)

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._tools, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        names = ", ".join(self._tools)
        return f"There is no tool “{clean(name)[:SHOWN]}”.{hint} The tools: {names}."


def given_arguments(call: ToolCall) -> dict[str, Any] | None:
    """The arguments that a model wrote, or None when they are no JSON object."""
    if len(call.arguments) > LONGEST_ARGUMENTS:
        return None
    try:
        given = json.loads(clean(call.arguments).strip() or "{}")
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def schema(arguments: type[Arguments]) -> Mapping[str, Any]:
    """The JSON schema in the plain form that every endpoint takes, without references."""
    _, components = msgspec.json.schema_components([arguments])
    plain = dict(components[arguments.__name__])
    plain.pop("title", None)
    plain.pop("description", None)
    return {"required": [], **plain}


def _not_an_object(call: ToolCall, tool: Tool) -> str:
    shown = clean(call.arguments)[:SHOWN]
    return f"The arguments “{shown}” are not a JSON object. {_usage(tool)}"


def _wrong_arguments(error: msgspec.ValidationError, tool: Tool) -> str:
    return f"{clean(str(error))}. {_usage(tool)}"


def _usage(tool: Tool) -> str:
    described = schema(tool.arguments)
    parts = [
        f"{name} ({'required' if name in described['required'] else 'optional'}: "
        f"{details.get('description', details.get('type', 'text'))})"
        for name, details in described["properties"].items()
    ]
    takes = "; ".join(parts) or "no arguments"
    return f"{tool.name} takes: {takes}."
