"""The plan as a whole in words: status, trouble, deadlines, jobs of one status; pure."""

from agents.llm.computed.records import (
    SHOWN,
    clock,
    counts,
    name,
    needs_attention,
    span,
    station,
)
from agents.llm.computed.telling import Data, Telling, block


def status(telling: Telling) -> list[str]:
    """All of it, or only what the question was for."""
    match telling.intent.kind:
        case "errors":
            return errors(telling)
        case "workstation" if telling.intent.down:
            return stations(telling)
        case "workstation":
            return every_station(telling)
        case "trouble":
            return stations(telling) if _places(telling).get("down") else []
        case _:
            return [
                _jobs(telling),
                *errors(telling),
                *stations(telling),
                *critical(telling),
            ]


def _jobs(telling: Telling) -> str:
    """A large plan may not be counted by status where TWS does not count itself."""
    total = telling.data.get("total", 0)
    table = counts(telling.data.get("counts") or {})
    if not table:
        return telling.say("jobs_uncounted", total=total)
    return telling.say("jobs_in_plan", total=total, counts=table)


def errors(telling: Telling) -> list[str]:
    jobs = telling.data.get("errors") or []
    if not jobs:
        return [telling.say("none_in_error")]
    total = telling.data.get("errors_total")
    return block(telling.say("in_error"), telling.listed(jobs, total))


def stations(telling: Telling) -> list[str]:
    """Those in trouble."""
    places = _places(telling).get("list") or ()
    bad = [
        station(place, telling.language) for place in places if needs_attention(place)
    ]
    if bad:
        return block(telling.say("stations_bad"), telling.bullets(bad))
    return [telling.say("stations_good")] if places else []


def every_station(telling: Telling) -> list[str]:
    places = _places(telling)
    lines = [station(place, telling.language) for place in places.get("list") or ()]
    return block(telling.say("stations"), telling.bullets(lines, places.get("total")))


def critical(telling: Telling) -> list[str]:
    jobs = telling.data.get("critical") or ()
    return block(telling.say("critical"), telling.listed(jobs)) if jobs else []


def incidents(telling: Telling) -> list[str]:
    """One item per cause, the worst first; only prompts, when only those were asked."""
    found = telling.data["incidents"]
    prompts = telling.intent.prompts
    if prompts:
        found = [one for one in found if one["kind"] == "prompt_open"]
    if not found:
        return [telling.say("no_prompts" if prompts else "no_incidents")]
    lines = telling.numbered(found[:SHOWN], behind=True)
    if not prompts:
        lines += telling.rest((telling.data.get("total") or 0) - len(lines))
    return block(telling.say("prompts" if prompts else "incidents"), lines)


def deadlines(telling: Telling) -> list[str]:
    risks = telling.data["deadlines"]
    total = telling.data.get("total") or len(risks)
    head = telling.say("deadlines_at_risk", total=total)
    return block(head, [deadline(telling, risk) for risk in risks[:SHOWN]])


def deadline(telling: Telling, risk: Data) -> str:
    slack = risk.get("slack_seconds") or 0
    return telling.say(
        "deadline_missed" if slack < 0 else "deadline_kept",
        object=name(risk["object"]),
        time=clock(risk["deadline"], telling.now),
        end=clock(risk["expected_end"], telling.now),
        span=span(slack),
    )


def search(telling: Telling) -> list[str]:
    """Names that fit a pattern; jobs alone, when a status was asked for."""
    data = telling.data
    jobs, total = data.get("jobs") or (), data.get("jobs_total") or 0
    wanted = telling.asked.get("status")
    if wanted:
        if not total:
            return [telling.say("none_found", status=wanted)]
        head = telling.say("jobs_found", total=total, status=wanted)
        return block(head, telling.listed(jobs, total))
    items = [*(data.get("streams") or ()), *jobs]
    total += data.get("streams_total") or 0
    head = telling.say("found", total=total, name=name(data.get("pattern") or "?"))
    return block(head, telling.listed(items, total))


def _places(telling: Telling) -> Data:
    return telling.data.get("workstations") or {}
