"""Which tools answer which question; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.llm.computed.intents import LONGEST_NAME, Intent, Kind

Call = tuple[str, dict[str, Any]]
Data = Mapping[str, Any]

# For each kind of question about a name, the tools in order of preference; those of one
# group are asked side by side, because a name alone does not tell a job from a stream.
_BY_NAME: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "why": (("tws_troubleshooting",), ("tws_job", "tws_stream"), ("tws_search",)),
    "object": (("tws_job", "tws_stream"), ("tws_search",), ("tws_troubleshooting",)),
    "log": (("tws_job_log",), ("tws_job",)),
    "impact": (("tws_impact",), ("tws_successors",), ("tws_troubleshooting",)),
    "successors": (("tws_successors",), ("tws_impact",)),
    "predecessors": (("tws_predecessors",), ("tws_troubleshooting",)),
    "resource": (("tws_resource",),),
    "workstation": (("tws_workstation",),),
}
# What else a name may be that is no job and no job stream, or the reverse.
_ELSE: Mapping[Kind, tuple[str, ...]] = {
    "why": ("tws_workstation", "tws_resource"),
    "object": ("tws_workstation", "tws_resource"),
    "workstation": ("tws_job",),
    "resource": ("tws_job",),
}
WHOLE_PLAN: frozenset[Kind] = frozenset(
    {"plan", "errors", "trouble", "jobs", "workstation", "unclear"}
)
# The states that people ask for, as the plan's public status says it.
STATUS_OF: Mapping[str, str] = {
    "running": "RUNNING",
    "held": "WAITING",
    "waiting": "WAITING",
    "ready": "READY",
    "done": "SUCCESSFUL",
}
WILDCARDS = "*@?"
MOST_CAUSES = 3


def calls_for(intent: Intent, offered: Sequence[str]) -> list[Call]:
    """The first calls; none when the question needs none or lacks a name."""
    if intent.names and intent.kind != "help":
        calls = [
            call for name in intent.names for call in _about(intent.kind, name, offered)
        ]
        return [_with_lines(call, intent.lines) for call in calls]
    status: Call = ("tws_status", {})
    match intent.kind:
        case "trouble" if "tws_troubleshooting" in offered:
            also = [] if intent.prompts else _first(offered, status)
            return [*also, ("tws_troubleshooting", {})]
        case "jobs":
            return _first(offered, *_in_state(intent.state), status)
        case "impact":
            return _first(offered, ("tws_impact", {}))
        case kind if kind in WHOLE_PLAN:
            return _first(offered, status, ("tws_search", {"pattern": "*"}))
        case _:
            return []


def _with_lines(call: Call, lines: int) -> Call:
    tool, arguments = call
    if tool != "tws_job_log" or not lines:
        return call
    return tool, {**arguments, "lines": lines}


def _in_state(state: str) -> list[Call]:
    if state == "late":
        return [("tws_impact", {})]
    return [("tws_search", {"status": STATUS_OF[state]})] if state in STATUS_OF else []


def calls_next(
    intent: Intent, results: Sequence[Data], offered: Sequence[str]
) -> list[Call]:
    """What to ask once more: the causes of trouble, or whether a name is a place."""
    asked = {result["tool"] for result in results}
    if intent.kind == "trouble" and len(results) <= 2:
        return _causes(results)
    if any(result["status"] != "no_data" for result in results) or not intent.names:
        return []
    return [
        (tool, {"name": intent.names[0]})
        for tool in _ELSE.get(intent.kind, ())
        if tool in offered and tool not in asked
    ]


def _causes(results: Sequence[Data]) -> list[Call]:
    """Each failed job diagnosed, when the whole plan was too much to be read."""
    told = {result["tool"]: result for result in results}
    if told.get("tws_troubleshooting", {}).get("status") != "failed":
        return []
    failed = (told.get("tws_status", {}).get("data") or {}).get("errors") or ()
    return [
        ("tws_troubleshooting", {"name": job["object"]})
        for job in failed[:MOST_CAUSES]
        if len(job["object"]) < LONGEST_NAME  # a longer one was cut, and finds nothing
    ]


def _about(kind: Kind, name: str, offered: Sequence[str]) -> list[Call]:
    if kind == "object" and any(char in name for char in WILDCARDS):
        return _first(offered, ("tws_search", {"pattern": name}))
    for group in _BY_NAME.get(kind, _BY_NAME["object"]):
        calls = [_call(tool, name) for tool in group if tool in offered]
        if calls:
            return calls
    return []


def _call(tool: str, name: str) -> Call:
    if tool == "tws_search":
        return tool, {"pattern": name}
    return tool, {"name": name.replace("*", "@")}  # TWS writes its wildcard as "@"


def _first(offered: Sequence[str], *choices: Call) -> list[Call]:
    return next(([choice] for choice in choices if choice[0] in offered), [])
