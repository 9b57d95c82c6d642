"""Tool results as an operator's answer, in English or Portuguese; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from agents.language import Language
from agents.llm.computed import causes
from agents.llm.computed.intents import Kind
from agents.llm.computed.records import (
    SHOWN,
    brief,
    bullets,
    clock,
    counts,
    name,
    needs_attention,
    quoted,
    sentence,
    span,
    station,
)
from agents.llm.computed.wording import say

Data = Mapping[str, Any]
STALE_SECONDS = 120
MOST_ROOTS = 5
MOST_STEPS = 12
MOST_STREAMS = 5
MOST_LOG_LINES = 5
SHOWN_LOG_LINES = 20


def phrase(result: Data, language: Language, focus: Kind = "plan") -> list[str]:
    """The paragraphs that one tool result makes; ``focus`` is what was asked for."""
    asked = result.get("arguments", {})
    data: Data = result.get("data") or {}
    if result["status"] == "failed":
        error = result.get("error", "")
        return [say(language, "cannot_read", error=error)]
    if data.get("ambiguous"):
        return _several(data, asked, language)
    if result["status"] == "no_data":
        return _nothing(result, language)
    if result["tool"] == "tws_status":
        told = _status(data, language, result.get("read_at", ""), focus)
        return [*told, *_age(result, language)]
    teller = _TELLERS.get(result["tool"])
    told = teller(data, language, result.get("read_at", "")) if teller else []
    return [*told, *_age(result, language)]


def _age(result: Data, language: Language) -> list[str]:
    """Old data says so; fresh data needs no word."""
    age = result.get("age_seconds") or 0
    stale = (result.get("data") or {}).get("stale")
    if not stale and age < STALE_SECONDS:
        return []
    return [say(language, "stale", age=span(age))]


def _nothing(result: Data, language: Language) -> list[str]:
    data: Data = result.get("data") or {}
    asked = result.get("arguments", {})
    if result["tool"] == "tws_job_log" and data.get("object"):
        return [say(language, "no_log", object=name(data["object"]))]
    wanted = asked.get("name") or asked.get("pattern") or "?"
    told = say(language, "not_found", name=name(wanted))
    nearest = data.get("nearest") or ()
    if nearest:
        names = ", ".join(name(one) for one in nearest[:SHOWN])
        told += " " + say(language, "nearest", names=names)
    return [told]


def _several(data: Data, asked: Data, language: Language) -> list[str]:
    matches = data.get("matches") or []
    total = data.get("total") or len(matches)
    wanted = name(asked.get("name") or asked.get("pattern") or "?")
    lines = [brief(match, language, None) for match in matches]
    return _block(
        say(language, "several", total=total, name=wanted),
        bullets(lines, language, total),
    )


def _status(data: Data, language: Language, now: object, focus: Kind) -> list[str]:
    places = (data.get("workstations") or {}).get("list") or ()
    if focus == "errors":
        return _errors(data, language, now)
    if focus == "workstation":
        return _all_stations(data, places, language)
    told = [
        say(
            language,
            "jobs_in_plan",
            total=data.get("total", 0),
            counts=counts(data.get("counts") or {}),
        )
    ]
    return [
        *told,
        *_errors(data, language, now),
        *_stations(places, language),
        *_critical(data.get("critical") or (), language, now),
    ]


def _errors(data: Data, language: Language, now: object) -> list[str]:
    jobs = data.get("errors") or []
    if not jobs:
        return [say(language, "none_in_error")]
    lines = [brief(job, language, now) for job in jobs]
    total = data.get("errors_total")
    return _block(say(language, "in_error"), bullets(lines, language, total))


def _stations(places: Sequence[Data], language: Language) -> list[str]:
    if not places:
        return []
    bad = [station(place, language) for place in places if needs_attention(place)]
    if not bad:
        return [say(language, "stations_good")]
    return _block(say(language, "stations_bad"), bullets(bad, language))


def _all_stations(data: Data, places: Sequence[Data], language: Language) -> list[str]:
    lines = [station(place, language) for place in places]
    total = (data.get("workstations") or {}).get("total")
    return _block(say(language, "stations"), bullets(lines, language, total))


def _critical(jobs: Sequence[Data], language: Language, now: object) -> list[str]:
    if not jobs:
        return []
    lines = [brief(job, language, now) for job in jobs]
    return _block(say(language, "critical"), bullets(lines, language))


def _diagnosis(data: Data, language: Language, now: object) -> list[str]:
    target = {"object": data["target"], "status": data.get("status")}
    roots = data.get("roots") or []
    told = [sentence(target, language, now)]
    if len(roots) == 1:
        told.append(f"{say(language, 'cause')} {_cause(roots[0], language, now)}")
        told += _log_lines(roots[0])
        told += _what_to_do(roots[0], language)
    elif roots:
        told += _block(
            say(language, "causes", count=len(roots)),
            [
                f"{number}. {_cause(root, language, now)} {_advice(root, language)}"
                for number, root in enumerate(roots[:MOST_ROOTS], 1)
            ],
        )
    return [*told, *_chain(data, language), *_impact(data, language, now)]


def _cause(root: Data, language: Language, now: object) -> str:
    if language == "pt":
        return causes.cause(root, now)
    return f"{name(root['object'])}: {root.get('detail', root['kind'])}"


def _log_lines(root: Data) -> list[str]:
    """What the log of a failed job says of it."""
    lines = [
        str(item["value"])
        for item in root.get("evidence") or ()
        if str(item["field"]).startswith("job log")
    ]
    return [quoted(lines[:MOST_LOG_LINES])] if lines else []


def _advice(root: Data, language: Language) -> str:
    return causes.action(root) if language == "pt" else str(root.get("action", ""))


def _what_to_do(root: Data, language: Language) -> list[str]:
    text = _advice(root, language)
    return [say(language, "action", text=text)] if text else []


def _chain(data: Data, language: Language) -> list[str]:
    steps = data.get("chain") or []
    if len(steps) < 2:
        return []
    lines = [
        f"{name(step['object'])}: {step.get('status') or step.get('relation') or '?'}"
        for step in steps[:MOST_STEPS]
    ]
    rest = len(steps) - len(lines)
    listed = [f"- {line}" for line in lines]
    if rest > 0:
        listed.append(say(language, "and_more", count=rest))
    return _block(say(language, "chain"), listed)


def _impact(data: Data, language: Language, now: object) -> list[str]:
    impact: Data = data.get("impact") or {}
    if not impact:
        return []
    what = name(impact.get("object") or data.get("target") or "?")
    waiting: Data = impact.get("waiting") or {}
    total = waiting.get("total", 0)
    if not total:
        return [say(language, "no_impact", object=what)]
    lines = [
        say(language, "waiting_in", object=_stream_name(one), total=one["total"])
        for one in (waiting.get("streams") or ())[:MOST_STREAMS]
    ]
    told = _block(say(language, "impact", object=what, total=total), lines)
    risks = impact.get("deadlines") or ()
    if risks:
        told += _block(
            say(language, "deadlines"),
            [_deadline(risk, language, now) for risk in risks[:MOST_STREAMS]],
        )
    return told


def _stream_name(waiting: Data) -> str:
    """The job stream's key; where only its id is known, as its jobs give it."""
    jobs = waiting.get("jobs") or ()
    if "#" not in waiting["object"] and jobs:
        return name(jobs[0].rpartition(".")[0])
    return name(waiting["object"])


def _deadline(risk: Data, language: Language, now: object) -> str:
    slack = risk.get("slack_seconds") or 0
    return say(
        language,
        "deadline_missed" if slack < 0 else "deadline_kept",
        object=name(risk["object"]),
        time=clock(risk["deadline"], now),
        end=clock(risk["expected_end"], now),
        span=span(slack),
    )


def _job(data: Data, language: Language, now: object) -> list[str]:
    return [sentence(data, language, now), *_needs(data, language)]


def _needs(data: Data, language: Language) -> list[str]:
    waits = [
        need for need in data.get("dependencies") or () if not need.get("satisfied")
    ]
    if not waits:
        return []
    lines = bullets([_need(need) for need in waits], language)
    return _block(say(language, "waits_for"), lines)


def _need(need: Data) -> str:
    status = need.get("status")
    what = name(need.get("object") or need.get("type") or "?")
    return f"{what}: {status}" if status else what


def _stream(data: Data, language: Language, now: object) -> list[str]:
    told = [sentence(data, language, now), *_needs(data, language)]
    jobs = [brief(job, language, now) for job in data.get("job_list") or ()]
    if jobs:
        listed = bullets(jobs, language, data.get("jobs_total"))
        told += _block(say(language, "its_jobs"), listed)
    return told


def _log(data: Data, language: Language, now: object) -> list[str]:
    del now
    lines = data.get("lines") or []
    shown = lines[-SHOWN_LOG_LINES:]
    told = []
    what = name(data["object"])
    telling = [one["text"] for one in data.get("telling") or ()][:MOST_LOG_LINES]
    if telling and len(lines) > len(shown):
        told.append(say(language, "telling", object=what) + "\n" + quoted(telling))
    told.append(say(language, "log_of", object=what) + "\n" + quoted(shown))
    return told


def _resource(data: Data, language: Language, now: object) -> list[str]:
    del now
    told = say(
        language,
        "resource",
        object=name(data["object"]),
        quantity=data.get("quantity", "?"),
        in_use=data.get("in_use", "?"),
        available=data.get("available", "?"),
    )
    holders = [
        say(language, "holder", object=name(h["object"]), quantity=h.get("quantity"))
        for h in (data.get("holders") or ())[:SHOWN]
    ]
    return _block(told, [say(language, "holders"), *holders]) if holders else [told]


def _workstation(data: Data, language: Language, now: object) -> list[str]:
    del now
    told = [station(data, language) + "."]
    if data.get("ignored") or not data.get("trouble"):
        return told
    verb = "start" if data.get("linked") else "link"
    command = name(f"conman {verb} {data.get('name')}")
    return [*told, say(language, "action", text=f"{command}.")]


def _neighbours(some: str, none: str) -> "Teller":
    def tell(data: Data, language: Language, now: object) -> list[str]:
        what = name(data["object"])
        items = [brief(item, language, now) for item in data.get(some) or ()]
        if not items:
            return [say(language, none, object=what)]
        listed = bullets(items, language, data.get("total"))
        return _block(say(language, some, object=what), listed)

    return tell


def _only_impact(data: Data, language: Language, now: object) -> list[str]:
    return _impact({"impact": data}, language, now)


def _search(data: Data, language: Language, now: object) -> list[str]:
    items = [*(data.get("streams") or ()), *(data.get("jobs") or ())]
    total = (data.get("streams_total") or 0) + (data.get("jobs_total") or 0)
    head = say(language, "found", total=total, name=name(data.get("pattern") or "?"))
    lines = [brief(item, language, now) for item in items]
    return _block(head, bullets(lines, language, total))


def _block(head: str, lines: Iterable[str]) -> list[str]:
    """A heading and its list, as one paragraph."""
    return ["\n".join([head, *lines])]


Teller = Callable[[Data, Language, object], list[str]]

_TELLERS: Mapping[str, Teller] = {
    "tws_troubleshooting": _diagnosis,
    "tws_job": _job,
    "tws_stream": _stream,
    "tws_job_log": _log,
    "tws_predecessors": _neighbours("predecessors", "no_predecessors"),
    "tws_successors": _neighbours("successors", "no_successors"),
    "tws_resource": _resource,
    "tws_workstation": _workstation,
    "tws_impact": _only_impact,
    "tws_search": _search,
}
