"""One object of the plan in words: diagnosis, job, stream, log, neighbours, places; pure."""

from collections.abc import Callable
from typing import Any

from agents.llm.computed.plan_wide import deadline
from agents.llm.computed.records import SHOWN, name, quoted, sentence, station
from agents.llm.computed.telling import Data, Telling, block

MOST_ROOTS = 5
MOST_STEPS = 12
MOST_STREAMS = 5
MOST_LOG_LINES = 5
SHOWN_LOG_LINES = 20


def diagnosis(telling: Telling) -> list[str]:
    data = telling.data
    target = {"object": data["target"], "status": data.get("status")}
    return [
        sentence(target, telling.language, telling.now),
        *_causes(telling, data.get("roots") or []),
        *_chain(telling, data.get("chain") or []),
        *impact(telling, data.get("impact") or {}),
    ]


def _causes(telling: Telling, roots: list[Data]) -> list[str]:
    if len(roots) == 1:
        return [
            f"{telling.say('cause')} {telling.cause(roots[0])}",
            *_log_lines(roots[0]),
            telling.say("action", text=telling.advice(roots[0])),
        ]
    if not roots:
        return []
    lines = telling.numbered(roots[:MOST_ROOTS])
    lines += telling.rest(len(roots) - len(lines))
    return block(telling.say("causes", count=len(roots)), lines)


def _log_lines(root: Data) -> list[str]:
    """What the log of a failed job says of it."""
    lines = [
        str(item["value"])
        for item in root.get("evidence") or ()
        if str(item["field"]).startswith("job log")
    ]
    return [quoted(lines[:MOST_LOG_LINES])] if lines else []


def _chain(telling: Telling, steps: list[Data]) -> list[str]:
    if len(steps) < 2:
        return []
    lines = [
        f"- {name(step['object'])}: {telling.state(step)}"
        for step in steps[:MOST_STEPS]
    ]
    return block(telling.say("chain"), [*lines, *telling.rest(len(steps) - len(lines))])


def impact(telling: Telling, found: Data) -> list[str]:
    """What waits for it, and the deadlines at stake, its own among them."""
    if not found:
        return []
    told = _waiting(telling, found)
    risks = found.get("deadlines") or ()
    if risks:
        shown = [deadline(telling, risk) for risk in risks[:MOST_STREAMS]]
        told += block(telling.say("deadlines"), shown)
    return told


def _waiting(telling: Telling, found: Data) -> list[str]:
    what = name(found.get("object") or telling.data.get("target") or "?")
    waiting: Data = found.get("waiting") or {}
    total = waiting.get("total", 0)
    whole = found.get("complete", True)  # else more may wait than was looked up
    if not total:
        return [telling.say("no_impact", object=what)] if whole else []
    lines = [
        telling.say("waiting_in", object=_stream_name(one), total=one["total"])
        for one in (waiting.get("streams") or ())[:MOST_STREAMS]
    ]
    words = "impact" if whole else "impact_at_least"
    words = "impact_of_one" if whole and total == 1 else words
    return block(telling.say(words, object=what, total=total), lines)


def _stream_name(waiting: Data) -> str:
    """The job stream's key; where only its id is known, as its jobs give it."""
    jobs = waiting.get("jobs") or ()
    if "#" not in waiting["object"] and jobs:
        return name(jobs[0].rpartition(".")[0])
    return name(waiting["object"])


def job(telling: Telling) -> list[str]:
    told = sentence(telling.data, telling.language, telling.now)
    return [told, *_needs(telling)]


def stream(telling: Telling) -> list[str]:
    jobs = telling.data.get("job_list") or ()
    listed = telling.listed(jobs, telling.data.get("jobs_total"))
    return [*job(telling), *(block(telling.say("its_jobs"), listed) if jobs else [])]


def _needs(telling: Telling) -> list[str]:
    needs = telling.data.get("dependencies") or ()
    lines = [_need(need) for need in needs if not need.get("satisfied")]
    if not lines:
        return []
    return block(telling.say("waits_for"), telling.bullets(lines))


def _need(need: Data) -> str:
    status = need.get("status")
    what = name(need.get("object") or need.get("type") or "?")
    return f"{what}: {status}" if status else what


def log(telling: Telling) -> list[str]:
    lines = telling.data.get("lines") or []
    shown = lines[-(telling.intent.lines or SHOWN_LOG_LINES) :]
    what = name(telling.data["object"])
    told = []
    telling_lines = [one["text"] for one in telling.data.get("telling") or ()]
    if telling_lines and len(lines) > len(shown):
        block_ = quoted(telling_lines[:MOST_LOG_LINES])
        told.append(f"{telling.say('telling', object=what)}\n{block_}")
    told.append(f"{telling.say('log_of', object=what)}\n{quoted(shown)}")
    return told


def neighbours(some: str, none: str) -> Callable[[Telling], list[str]]:
    def tell(telling: Telling) -> list[str]:
        what = name(telling.data["object"])
        items = telling.data.get(some) or ()
        if not items:
            return [telling.say(none, object=what)]
        listed = telling.listed(items, telling.data.get("total"))
        return block(telling.say(some, object=what), listed)

    return tell


def resource(telling: Telling) -> list[str]:
    data = telling.data
    told = telling.say(
        "resource",
        object=name(data["object"]),
        **{key: data.get(key, "?") for key in ("quantity", "in_use", "available")},
    )
    holders = [
        _holder(telling, holder) for holder in (data.get("holders") or ())[:SHOWN]
    ]
    return block(told, [telling.say("holders"), *holders]) if holders else [told]


def _holder(telling: Telling, holder: dict[str, Any]) -> str:
    what = name(holder["object"])
    return telling.say("holder", object=what, quantity=holder.get("quantity"))


def workstation(telling: Telling) -> list[str]:
    data = telling.data
    told = [f"{station(data, telling.language)}."]
    if data.get("ignored") or not data.get("trouble"):
        return told
    verb = "start" if data.get("linked") else "link"
    command = name(f"conman {verb} {data.get('name')}")
    return [*told, telling.say("action", text=f"{command}.")]
