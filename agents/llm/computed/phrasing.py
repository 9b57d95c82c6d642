"""Tool results as an operator's answer, in English or Portuguese; pure."""

from collections.abc import Callable, Mapping

from agents.llm.computed import objects, plan_wide
from agents.llm.computed.records import SHOWN, brief, clock, name, span
from agents.llm.computed.telling import Data, Telling, block

STALE_SECONDS = 120


def phrase(telling: Telling) -> list[str]:
    """The paragraphs that one tool result makes."""
    if telling.result["status"] == "failed":
        return [
            telling.say(
                "cannot_read", error=telling.problem(telling.result.get("error"))
            )
        ]
    if telling.data.get("ambiguous"):
        return _several(telling)
    if telling.result["status"] == "no_data":
        return [_nothing(telling)]
    return [*_teller(telling)(telling), *_age(telling)]


def _teller(telling: Telling) -> Callable[[Telling], list[str]]:
    if "incidents" in telling.data:
        return plan_wide.incidents
    if telling.tool == "tws_impact" and "waiting" not in telling.data:
        return plan_wide.deadlines
    return _TELLERS[telling.tool]


def _age(telling: Telling) -> list[str]:
    """Old data says so; fresh data needs no word."""
    age = telling.result.get("age_seconds") or 0
    if not telling.data.get("stale") and age < STALE_SECONDS:
        return []
    told = telling.say("stale", age=span(age))
    return [f"{told} {telling.problem(telling.data.get('stale_reason'))}".rstrip()]


def _nothing(telling: Telling) -> str:
    asked, data = telling.asked, telling.data
    if telling.tool == "tws_job_log" and data.get("object"):
        return telling.say("no_log", object=name(data["object"]))
    if telling.tool == "tws_search" and asked.get("status"):
        return telling.say("none_found", status=asked["status"])
    if not asked.get("name") and telling.tool in _NOTHING:
        return telling.say(_NOTHING[telling.tool])
    wanted = asked.get("name") or asked.get("pattern") or "?"
    told = telling.say("not_found", name=name(wanted))
    nearest = list(dict.fromkeys(data.get("nearest") or ()))
    if nearest:
        names = ", ".join(name(one) for one in nearest[:SHOWN])
        told += " " + telling.say("nearest", names=names)
    return told


def _several(telling: Telling) -> list[str]:
    matches = telling.data.get("matches") or []
    total = telling.data.get("total") or len(matches)
    wanted = name(telling.asked.get("name") or telling.asked.get("pattern") or "?")
    lines = [_one_of_several(telling, match) for match in matches]
    return block(
        telling.say("several", total=total, name=wanted), telling.bullets(lines, total)
    )


def _one_of_several(telling: Telling, match: Data) -> str:
    """With its time and id: of one name there may be an instance for each hour."""
    told = brief(match, telling.language, telling.now)
    if match.get("scheduled"):
        time = clock(match["scheduled"], telling.now)
        told += f", {telling.say('scheduled', time=time)}"
    return f"{told}, id {name(match['id'])}" if match.get("id") else told


_NOTHING: Mapping[str, str] = {
    "tws_troubleshooting": "no_incidents",
    "tws_impact": "no_deadlines",
}
_TELLERS: Mapping[str, Callable[[Telling], list[str]]] = {
    "tws_status": plan_wide.status,
    "tws_search": plan_wide.search,
    "tws_troubleshooting": objects.diagnosis,
    "tws_job": objects.job,
    "tws_stream": objects.stream,
    "tws_job_log": objects.log,
    "tws_predecessors": objects.neighbours("predecessors", "no_predecessors"),
    "tws_successors": objects.neighbours("successors", "no_successors"),
    "tws_resource": objects.resource,
    "tws_workstation": objects.workstation,
    "tws_impact": lambda telling: objects.impact(telling, telling.data),
}
