"""What a dict of a tool's answer is: a job or not, its names, the states that it tells."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tws.grounding import keys
from tws.grounding.facts import Record, bare, spellings

NOT_OF_JOBS: Final = (
    "linked fence holders joblist jobs jobstotal jobcount available members".split()
)


def looks_recorded(named: Mapping[str, Any]) -> bool:
    known = keys.STATUSES | keys.CODES | frozenset(keys.LINKS) | keys.STATIONS
    return any(k in named for k in known) or "limit" in named


def place_by_key(record: Record, key: str) -> None:
    """``/WS#/F/STREAM.JOB`` says where the job is and to which stream it belongs."""
    station, mark, rest = key.rpartition("#") if "#" in key else ("", "", "")
    if not mark:
        return
    record.stations.add(bare(station))
    last = rest.rsplit("/", 1)[-1]
    if "." in last:
        record.streams.add(last.split(".", 1)[0].upper())


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_job(named: Mapping[str, Any]) -> bool:
    key = str(named.get("object") or named.get("key") or named.get("target") or "")
    if "#" in key:
        return "." in key.rsplit("/", 1)[-1]
    kind = str(named.get("type", "job")).lower()
    if kind != "job" or any(k in named for k in NOT_OF_JOBS):
        return False
    has_name = any(k in named for k in ("name", "job", "jobname"))
    return has_name and any(k in named for k in keys.STATUSES | keys.CODES)


def aliases_of(named: Mapping[str, Any]) -> Iterable[str]:
    """The identifying name: its full key and the ways people shorten it.

    The job's own name identifies it; its stream's or workstation's does not.
    """
    for key in keys.NAMES:
        name = named.get(key)
        if isinstance(name, str) and name.strip():
            yield from spellings(name.strip())
            if key not in keys.WHOLE_NAMES:
                return


def statuses_of(named: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for key in keys.STATUSES:
        if isinstance(named.get(key), str):
            found |= {part.strip() for part in named[key].upper().split(",")}
        elif isinstance(inner := named.get(key), Mapping):  # V2's composite status
            found.add(str(inner.get("status", "")).upper())
    kind = named.get("kind")
    if isinstance(kind, str) and kind in keys.KIND_STATUS:
        found.add(keys.KIND_STATUS[kind])
    if isinstance(named.get("satisfied"), bool) and named.get("type") == "file":
        found.add("ARRIVED" if named["satisfied"] else "MISSING")
    for key, (yes, no) in keys.LINKS.items():
        if isinstance(named.get(key), bool):
            found.add(yes if named[key] else no)
    return found - {""}
