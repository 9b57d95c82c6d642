"""What the evidence holds: records with their aliases, and every value in it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tws.grounding.amounts import amounts

NAME_KEYS: Final = (
    "object target key name job job_name jobName stream job_stream jobStream "
    "job_stream_name jobStreamName workstation_name workstation resource prompt".split()
)
STATUS_KEYS: Final = (
    "status internal_status internalStatus common_status commonStatus "
    "state prompt_status lastRunCommonStatus job_status".split()
)
# As a diagnosis tells of a chain of reruns: "before: ABEND rc 4, SUCC rc 0".
EARLIER_RUNS: Final = re.compile(
    r"(?i)\bbefore: ((?:[a-z]{2,12}(?: rc -?\d{1,10})?(?:, )?){1,20})"
)
CODE_KEYS: Final = "return_code returnCode rc exit_code exitCode".split()
STATION_KEYS: Final = (
    "workstation workstation_name actual_workstation actualWorkstation cpu agent "
    "jobStreamWorkstation".split()
)
START_KEYS: Final = (
    "started start start_time startTime actual_start actualStartTime "
    "started_at begin".split()
)
END_KEYS: Final = (
    "ended end end_time endTime actual_end actualEndTime ended_at finished "
    "finished_at".split()
)
DURATION_KEYS: Final[dict[str, float]] = {
    "seconds": 1,
    "secs": 1,
    "minutes": 60,
    "mins": 60,
    "hours": 3600,
    "ms": 0.001,
}
# A root of a diagnosis says in its kind what state its object is in.
KIND_STATUS: Final = {"job_failed": "ERROR", "job_running": "RUNNING"}
LEFT_OUT: Final = frozenset({"arguments", "tool", "error"})
LONGEST_TEXT: Final = 200_000
LONGEST_SENTENCE: Final = 2_000
DEEPEST: Final = 40
ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
ISO_DURATION: Final = re.compile(
    r"^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$"
)
CLOCK: Final = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)")


@dataclass(slots=True)
class Record:
    """One thing of the plan as one piece of evidence shows it."""

    id: str
    aliases: frozenset[str]
    statuses: set[str] = field(default_factory=set)
    codes: set[int] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    clocks: set[str] = field(default_factory=set)
    durations: set[float] = field(default_factory=set)
    instants: set[datetime] = field(default_factory=set)
    is_job: bool = False


@dataclass(slots=True)
class Facts:
    """The evidence, ready to be asked."""

    records: list[Record] = field(default_factory=list)
    names: dict[str, list[Record]] = field(default_factory=dict)
    numbers: set[float] = field(default_factory=set)
    counts: list[dict[str, int]] = field(default_factory=list)
    clocks: set[str] = field(default_factory=set)
    instants: set[datetime] = field(default_factory=set)
    durations: set[float] = field(default_factory=set)
    told: set[float] = field(default_factory=set)  # durations in words
    earlier_codes: set[int] = field(default_factory=set)  # of runs before the last
    read_at: set[datetime] = field(default_factory=set)
    text: str = ""

    def mentions(self, name: str) -> bool:
        """Whether the name stands anywhere in the evidence's text, as a whole word."""
        upper = name.upper()
        if upper not in self.text:
            return False
        return bool(re.search(rf"(?<![\w-]){re.escape(upper)}(?![\w-])", self.text))


def read(evidence: Sequence[Any]) -> Facts:
    """Collect records and values from JSON-like tool results of any shape."""
    facts = Facts()
    texts: list[str] = []
    for item in evidence:
        _visit(item, facts, texts, depth=0)
    facts.text = "\n".join(texts)[:LONGEST_TEXT].upper()
    for record in facts.records:
        for alias in record.aliases:
            facts.names.setdefault(alias, []).append(record)
    return facts


def _visit(value: Any, facts: Facts, texts: list[str], depth: int) -> None:  # noqa: ANN401
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        _object(value, facts, texts, depth)
    elif isinstance(value, str):
        _text(value, facts, texts, depth)
    elif isinstance(value, Iterable):
        for inner in value:
            _visit(inner, facts, texts, depth + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        facts.numbers.add(float(value))
        texts.append(str(value))


def _object(
    value: Mapping[str, Any], facts: Facts, texts: list[str], depth: int
) -> None:
    if "tool" not in value:  # the status of a tool result is not that of a job
        _record(value, facts)
    _counts(value, facts)
    for key, inner in value.items():
        if key not in LEFT_OUT:
            texts.append(str(key))
            _value(str(key), inner, facts)
            _visit(inner, facts, texts, depth + 1)


def _text(value: str, facts: Facts, texts: list[str], depth: int) -> None:
    stripped = value.strip()
    if stripped[:1] in {"{", "["}:
        try:
            _visit(json.loads(stripped), facts, texts, depth + 1)
        except (ValueError, RecursionError):
            pass
        else:
            return
    texts.append(value[:LONGEST_TEXT])
    facts.clocks |= set(clocks(value[:LONGEST_TEXT]))
    for runs in EARLIER_RUNS.findall(value[:LONGEST_TEXT]):
        facts.earlier_codes |= {int(code) for code in re.findall(r"-?\d+", runs)}


def _value(key: str, value: Any, facts: Facts) -> None:  # noqa: ANN401
    if (seconds := _seconds(key, value)) is not None:
        facts.durations.add(seconds)
    if isinstance(value, str) and (instant := _instant(value)) is not None:
        facts.instants.add(instant)
        if key in {"read_at", "now"} and instant.tzinfo:
            facts.read_at.add(instant)


def _record(value: Mapping[str, Any], facts: Facts) -> None:
    naming = [str(value[k]) for k in NAME_KEYS if isinstance(value.get(k), str)]
    if not naming:
        return
    record = Record(
        id=naming[0].upper(),
        aliases=frozenset(_aliases(value)),
        statuses=_statuses(value),
        codes={value[k] for k in CODE_KEYS if _is_whole(value.get(k))},
        stations={
            _bare(value[k]) for k in STATION_KEYS if isinstance(value.get(k), str)
        },
        started=_clocks_of(value, START_KEYS),
        ended=_clocks_of(value, END_KEYS),
        is_job=_is_job(value),
    )
    for key, inner in value.items():
        if isinstance(inner, str):
            record.clocks |= set(clocks(inner))
            # What a diagnosis tells of the object, "12 min are left", is evidence too.
            told = {amount[1] for amount in amounts(inner[:LONGEST_SENTENCE])}
            record.durations |= told
            facts.told |= told
        if (seconds := _seconds(str(key), inner)) is not None:
            record.durations.add(seconds)
    instants = [i for i in map(_instant, map(str, value.values())) if i is not None]
    record.instants = {i for i in instants if i.tzinfo}
    record.durations |= {
        abs((a - b).total_seconds())
        for a in record.instants
        for b in record.instants
        if a != b
    }
    facts.records.append(record)


def _is_whole(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool)


def _is_job(value: Mapping[str, Any]) -> bool:
    key = str(value.get("object") or value.get("key") or value.get("target") or "")
    if "#" in key:
        return "." in key.rsplit("/", 1)[-1]
    has_name = any(k in value for k in ("name", "job", "job_name", "jobName"))
    return has_name and any(k in value for k in (*STATUS_KEYS, *CODE_KEYS))


def _aliases(value: Mapping[str, Any]) -> Iterator[str]:
    """The identifying name: its full key and the ways people shorten it.

    The job's own name identifies it; its stream's or workstation's does not.
    """
    for key in NAME_KEYS:
        name = value.get(key)
        if isinstance(name, str) and name.strip():
            yield from spellings(name.strip())
            if key not in {"object", "target", "key"}:
                return


def spellings(name: str) -> Iterator[str]:
    """``/WS#/F/STREAM.JOB`` is also ``WS#STREAM.JOB``, ``STREAM.JOB`` and ``JOB``."""
    upper = name.upper()
    yield upper
    yield _bare(upper)
    if "#" not in upper:
        return
    station, _, rest = upper.partition("#")
    last = rest.rsplit("/", 1)[-1]
    yield last
    yield f"{_bare(station)}#{last}"
    yield f"{_bare(station)}#{rest}"
    if "." in last:
        yield last.rsplit(".", 1)[-1]


def _bare(name: str) -> str:
    return name.upper().strip().strip("/").rsplit("/", 1)[-1]


def _statuses(value: Mapping[str, Any]) -> set[str]:
    found = {
        value[k].upper().strip() for k in STATUS_KEYS if isinstance(value.get(k), str)
    }
    for nested in ("lastRunCompositeStatus", "compositeStatus"):
        inner = value.get(nested)
        if isinstance(inner, Mapping) and isinstance(inner.get("status"), str):
            found.add(inner["status"].upper())
    if value.get("kind") in KIND_STATUS:
        found.add(KIND_STATUS[value["kind"]])
    for key, yes, no in (
        ("linked", "LINKED", "UNLINKED"),
        ("online", "ONLINE", "OFFLINE"),
    ):
        if isinstance(value.get(key), bool):
            found.add(yes if value[key] else no)
    if value.get("running") is False:  # a workstation whose job manager is down
        found.add("DOWN")
    return found


def _clocks_of(value: Mapping[str, Any], keys: Iterable[str]) -> set[str]:
    return {c for k in keys if isinstance(value.get(k), str) for c in clocks(value[k])}


def clocks(text: str) -> Iterator[str]:
    """The clock times in a text as ``HH:MM``."""
    for hour, minute in CLOCK.findall(text):
        yield f"{int(hour):02}:{minute}"


def _instant(value: str) -> datetime | None:
    if not ISO.match(value):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None


def _seconds(key: str, value: Any) -> float | None:  # noqa: ANN401
    if isinstance(value, str) and (parts := ISO_DURATION.match(value)) and value != "P":
        days, hours, minutes, seconds = (float(p or 0) for p in parts.groups())
        return days * 86400 + hours * 3600 + minutes * 60 + seconds
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    for unit, factor in DURATION_KEYS.items():
        if key == unit or key.endswith(f"_{unit}"):
            return value * factor
    return float(value) * 60 if key in {"elapsed", "duration", "estimate"} else None


def _counts(value: Mapping[str, Any], facts: Facts) -> None:
    whole = {str(k).upper(): v for k, v in value.items() if _is_whole(v)}
    if whole:
        facts.counts.append(whole)
