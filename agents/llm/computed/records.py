"""Jobs, workstations, times and counts of tool results as words; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from agents.language import Language
from agents.llm.computed.wording import say, state
from tws.diagnosis.wording import span as told_span

Data = Mapping[str, Any]
SHOWN = 10
LONGEST_NAME = 400


def name(value: object) -> str:
    """A name as code, so that nothing in it is read as Markdown."""
    text = re.sub(r"\s+", " ", str(value)).replace("`", "'").strip()
    return f"`{text[:LONGEST_NAME]}`"


def moment(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def clock(value: object, now: object) -> str:
    """The time of day, with the date when it is another day than the reading's."""
    at, read = moment(value), moment(now)
    if at is None:
        return ""
    if read is not None and at.date() == read.date():
        return f"{at:%H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(seconds: object) -> str:
    """``45 s``, ``12 min``, ``3 h 20 min``, ``2 d 4 h``."""
    return told_span(float(str(seconds)))


def counts(table: Data) -> str:
    """The most frequent first: ``20 SUCC, 3 EXEC``."""
    pairs = sorted(table.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{number} {status}" for status, number in pairs if number)


def brief(job: Data, language: Language, now: object) -> str:
    """``/WS#/F/S.J: ABEND, return code 8, ended 02:14 UTC``; for a line of a list."""
    parts = [str(job.get("status") or "?"), *_code(job, language)]
    if job.get("ended"):
        parts.append(say(language, "ended", time=clock(job["ended"], now)))
    elif job.get("started"):
        parts.append(say(language, "started", time=clock(job["started"], now)))
    if job.get("late"):
        parts.append(say(language, "late"))
    return f"{name(job['object'])}: {', '.join(parts)}"


def sentence(job: Data, language: Language, now: object) -> str:
    """All that is known of one job or job stream."""
    what = say(
        language, "is", object=name(job["object"]), status=job.get("status") or "?"
    )
    parts = [*_code(job, language), *_times(job, language, now)]
    if job.get("unresolved_dependencies"):
        count = job["unresolved_dependencies"]
        parts.append(say(language, "open_dependencies", count=count))
    if job.get("late"):
        parts.append(say(language, "late"))
    return f"{what}; {', '.join(parts)}." if parts else f"{what}."


def _code(job: Data, language: Language) -> list[str]:
    code = job.get("return_code")
    return [] if code is None else [say(language, "code", code=code)]


def _times(job: Data, language: Language, now: object) -> list[str]:
    parts = [
        say(language, key, time=clock(job[key], now))
        for key in ("scheduled", "started", "ended", "deadline")
        if job.get(key)
    ]
    if job.get("elapsed_seconds") and job.get("started"):
        how = "ran" if job.get("ended") else "running"
        parts.append(say(language, how, span=span(job["elapsed_seconds"])))
    if job.get("estimated_seconds") and not job.get("ended"):
        parts.append(say(language, "estimate", span=span(job["estimated_seconds"])))
    return parts


def station(place: Data, language: Language) -> str:
    """``/FTA: linked, running, limit 10, fence 0``."""
    words = [
        state(language, "linked" if place.get("linked") else "unlinked"),
        state(language, "running" if place.get("running") else "stopped"),
    ]
    if place.get("ignored"):
        words.append(state(language, "ignored"))
    for key in ("type", "limit", "fence"):
        if place.get(key) is not None:
            words.append(state(language, key, value=place[key]))
    return f"{name(place['object'])}: {', '.join(words)}"


def needs_attention(place: Data) -> bool:
    if place.get("ignored"):
        return True
    if "trouble" in place:
        return bool(place["trouble"])
    return not (place.get("linked") and place.get("running"))


def quoted(lines: Iterable[str]) -> str:
    """Log lines as a block that they themselves cannot end."""
    text = "\n".join(lines).replace("```", "'''")
    return f"```\n{text}\n```"
