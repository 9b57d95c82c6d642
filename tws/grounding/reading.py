"""Reads JSON-like tool results of any shape into facts."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any, Final

from tws.grounding import keys
from tws.grounding.amounts import amounts
from tws.grounding.facts import LONGEST_TEXT, Facts, Record, bare, spellings
from tws.grounding.moments import clocks, instant, told_as, zone
from tws.grounding.shapes import (
    aliases_of,
    is_job,
    is_text,
    looks_recorded,
    place_by_key,
    statuses_of,
)
from tws.grounding.tables import printed

DEEPEST: Final = 40
LONGEST_SENTENCE: Final = 2_000
LARGEST: Final = 10**15  # no count, code or limit is longer
ISO_DURATION: Final = re.compile(
    r"^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$"
)
DIGIT: Final = re.compile(r"\d")
MEASURED: Final = re.compile(r"\d\s?[a-zA-Z]")
# As a diagnosis tells of a chain of reruns: "before: ABEND rc 4, SUCC rc 0".
EARLIER_RUNS: Final = re.compile(r"(?i)\bbefore: ")
TOLD_CODE: Final = re.compile(
    r"(?i)\b(?:rc|return code|exit code)\s?[=:]?\s?(-?\d{1,9})\b"
)
KEYED_NAME: Final = re.compile(r"^(?=.*[A-Z])[A-Z0-9_@#$/][A-Z0-9_@#$/.+-]{1,200}$")
PRINTED: Final = frozenset("output content text result stdout message".split())


def read(evidence: object) -> Facts:
    """Collect things, relations and values from what tools returned."""
    reading = _Reading()
    reading.visit(evidence, None, "", 0)
    return reading.finished()


class _Reading:
    """One pass over the evidence."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.texts: list[str] = []
        self.size = 0
        self.zones: set[tzinfo] = set()
        self.seen: set[str] = set()
        self.links: list[tuple[str, str, str]] = []  # kind, owner's name, other's name

    def finished(self) -> Facts:
        facts = self.facts
        facts.zones = self.zones
        facts.text = "\n".join(self.texts)[:LONGEST_TEXT].upper()
        facts.index()
        for kind, owner, other in self.links:
            _link(facts, kind, owner, other)
        return facts

    def visit(self, value: Any, owner: Record | None, key: str, depth: int) -> None:  # noqa: ANN401
        if depth > DEEPEST:
            return
        if isinstance(value, Mapping):
            self._mapping(value, owner, key, depth)
        elif isinstance(value, str):
            self._string(value, owner, key, depth)
        elif isinstance(value, bytes):
            return
        elif isinstance(value, Iterable):
            self._items(value, owner, key, depth)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._number(value, owner, key)

    def _tell(self, text: str) -> None:
        if self.size < LONGEST_TEXT:
            self.texts.append(text[: LONGEST_TEXT - self.size])
            self.size += len(text) + 1

    def _mapping(
        self, value: Mapping[Any, Any], owner: Record | None, key: str, depth: int
    ) -> None:
        named = {keys.plain(str(k)): v for k, v in value.items()}
        if isinstance(field := named.get("field"), str) and "value" in named:
            named.setdefault(keys.plain(field), named["value"])
        record = None if "tool" in named else self._record(named, key)
        if record is not None:
            self._relate(owner, key, record, named)
        counts = {str(k).upper(): v for k, v in value.items() if _is_whole(v)}
        if counts:
            of_streams = "stream" in keys.plain(key)
            tables = self.facts.stream_counts if of_streams else self.facts.counts
            tables.append(counts)
        for k, inner in value.items():
            short = keys.plain(str(k))
            if _says_more(short, inner, named):
                self.facts.is_partial = True
            if short not in keys.LEFT_OUT:
                self._tell(str(k))
                k = field if short == "value" and isinstance(field, str) else k
                self.visit(inner, record or owner, str(k), depth + 1)

    def _items(
        self, value: Iterable[Any], owner: Record | None, key: str, depth: int
    ) -> None:
        items = list(value)
        short = keys.plain(key)
        if key:
            self.facts.sizes.add(len(items))
            if owner is not None:
                owner.sizes.setdefault(short, set()).add(len(items))
        if short == "roots":
            self.facts.roots.add(len(items))
        if short == "chain":
            self._chain(items)
        if owner is not None and short in keys.AFTER | keys.BEFORE:
            self._listed(owner, short, items)
        for item in items:
            if isinstance(item, str) and owner is not None:
                self._link_name(owner, short, item)
            self.visit(item, owner, key, depth + 1)

    def _number(self, value: float, owner: Record | None, key: str) -> None:
        try:
            number = float(value)
        except OverflowError:
            return
        facts, short = self.facts, keys.plain(key)
        facts.numbers.add(number)
        self._tell(f"{value:.15g}")
        seconds = _seconds(short, number)
        if seconds is not None:
            facts.durations.add(abs(seconds))
        if owner is None:
            return
        if short in keys.CODES and _is_whole(value):
            _keep_code(owner, int(value))
        if short in keys.PROPERTIES:
            owner.values.setdefault(keys.PROPERTIES[short], set()).add(number)
        if _is_whole(value) and any(word in short for word in keys.COUNTING):
            owner.sizes.setdefault(short, set()).add(int(value))
        if seconds is not None:
            _keep_duration(owner, short, abs(seconds))

    def _string(self, value: str, owner: Record | None, key: str, depth: int) -> None:
        stripped = value.strip()
        if stripped[:1] in {"{", "["}:
            try:
                parsed = json.loads(stripped)
            except (ValueError, RecursionError):
                pass
            else:
                self.visit(parsed, owner, key, depth + 1)
                return
        text = value[:LONGEST_TEXT]
        self._tell(text)
        short = keys.plain(key)
        if short in {"timezone", "tz"} and (known := zone(value.strip())):
            self.zones.add(known)
        if short in PRINTED:
            for row in printed(text):
                self.visit(row, None, "", depth + 1)
        self._moments(text, owner, short)

    def _moments(self, text: str, owner: Record | None, key: str) -> None:
        if key == "id" or not DIGIT.search(text):
            return
        if (seconds := _iso_seconds(text)) is not None:
            self.facts.durations.add(seconds)
            if owner is not None:
                _keep_duration(owner, key, seconds)
        if (moment := instant(text)) is not None:
            self._moment(text, moment, owner, key)
        else:
            self._prose(text, owner, key)

    def _moment(
        self, text: str, moment: datetime, owner: Record | None, key: str
    ) -> None:
        if key in {"readat", "now"}:
            self.facts.read_at.add(moment)
        elif owner is not None:
            owner.moments.append((keys.ROLE_OF.get(key, key), moment))
            return
        if text not in self.seen:  # thousands of results may be of one moment
            self.seen.add(text)
            self.facts.loose_clocks |= told_as(moment)

    def _prose(self, text: str, owner: Record | None, key: str) -> None:
        told = set(clocks(text))
        spans: set[float] = set()
        if " " in text or MEASURED.search(text):
            spans = {amount[1] for amount in amounts(text[:LONGEST_SENTENCE])}
        if owner is None or key in keys.PROSE:
            self.facts.loose_clocks |= told
        if owner is None:
            self.facts.told |= spans
            return
        owner.clocks |= told
        owner.told |= spans
        if key in keys.PROSE - keys.QUOTING:
            last, _, before = EARLIER_RUNS.sub("\0", text).partition("\0")
            owner.codes |= {int(code) for code in TOLD_CODE.findall(last)}
            owner.earlier |= {int(code) for code in TOLD_CODE.findall(before)}
        if key in keys.ROLE_OF and told:
            owner.roles.setdefault(keys.ROLE_OF[key], set()).update(told)

    # Things of the plan, and how they stand to each other.

    def _record(self, named: Mapping[str, Any], key: str) -> Record | None:
        naming = [named[k] for k in keys.NAMES if isinstance(named.get(k), str)]
        naming = [n.strip() for n in naming if n.strip()]
        if not naming and KEYED_NAME.match(key) and looks_recorded(named):
            naming, named = [key], {"name": key, **named}
        if not naming:
            return None
        record = Record(
            id=naming[0].upper(),
            aliases=frozenset(aliases_of(named)),
            statuses=statuses_of(named),
            codes={
                int(named[k]) for k in keys.CODES if _is_whole(_whole(named.get(k)))
            },
            stations={bare(named[k]) for k in keys.STATIONS if is_text(named.get(k))},
            streams={bare(named[k]) for k in keys.STREAMS if is_text(named.get(k))},
            is_job=is_job(named),
        )
        place_by_key(record, str(named.get("object", "")))
        if naming[0] != naming[0].upper():
            self.facts.written.add(naming[0])
        if record.is_job or named.get("type") == "job":
            self.facts.stations |= record.stations
            self.facts.streams |= record.streams - {record.id}
        self.facts.records.append(record)
        return record

    def _relate(
        self,
        owner: Record | None,
        key: str,
        record: Record,
        named: Mapping[str, Any],
    ) -> None:
        if owner is not None:
            self._link_name(owner, keys.plain(key), record.id)
            if record.is_job and keys.plain(key) in {"joblist", "jobs"}:
                self._belongs(record, owner)
        for short in keys.HOLDERS:
            if isinstance(named.get(short), str):
                holder = re.sub(r"\s*\(\d+\)$", "", named[short].upper())
                self.links.append(("holder", record.id, holder))
        above = named.get("of")
        if isinstance(above, str) and above.strip():
            kind = str(named.get("relation", "")).lower()
            if "predecessor" in kind or kind == "waits for":
                self.links.append(("before", above.strip().upper(), record.id))
            elif kind.startswith("holds "):
                self.links.append(("holder", kind[6:].strip().upper(), record.id))

    def _belongs(self, job: Record, owner: Record) -> None:
        """The jobs listed in a stream are of it, and where it is unless they say."""
        if owner.is_job:
            return
        job.streams |= owner.aliases
        job.stations |= set() if job.stations else owner.stations
        self.facts.streams |= {a for a in owner.aliases if "#" not in a}

    def _link_name(self, owner: Record, short: str, name: str) -> None:
        if short in keys.BEFORE:
            self.links.append(("before", owner.id, name.upper()))
        elif short in keys.AFTER:
            self.links.append(("before", name.upper(), owner.id))
        elif short == "jobs":  # of a stream that waits, in an impact
            return
        elif short in keys.HOLDERS:
            self.links.append(("holder", owner.id, name.upper()))

    def _listed(self, owner: Record, short: str, items: Sequence[Any]) -> None:
        """Remember that these, and no others, come before or after the owner."""
        names = {n.upper() for item in items if (n := _name_of(item))}
        table = (
            self.facts.listed_after if short in keys.AFTER else self.facts.listed_before
        )
        table.setdefault(owner.id, set()).update(names)

    def _chain(self, items: Sequence[Any]) -> None:
        """A chain without ``of`` goes from each to the one that it waits for."""
        links = [item for item in items if isinstance(item, Mapping)]
        for later, earlier in pairwise(links):
            kind = str(earlier.get("relation", "")).lower()
            if "of" not in earlier and ("predecessor" in kind or kind == "waits for"):
                names = _name_of(later), _name_of(earlier)
                if all(names):
                    self.links.append(("before", names[0].upper(), names[1].upper()))


def _link(facts: Facts, kind: str, owner: str, other: str) -> None:
    owners = facts.ids(owner) or {owner}
    others = facts.ids(other) or {other}
    for one in owners:
        if kind == "before":
            facts.before.setdefault(one, set()).update(others - {one})
        else:
            names = facts.holders.setdefault(one, set())
            for name in others | {other}:
                names.update(spellings(name))


def _name_of(item: object) -> str:
    if isinstance(item, str):
        return item.strip()
    if isinstance(item, Mapping):
        named = {keys.plain(str(k)): v for k, v in item.items()}
        for key in keys.NAMES:
            if isinstance(named.get(key), str):
                return str(named[key]).strip()
    return ""


def _keep_code(owner: Record, code: int) -> None:
    """The code of a thing itself is read with its name; any other is of a run of it."""
    if code not in owner.codes:
        (owner.earlier if owner.codes else owner.codes).add(code)


def _keep_duration(owner: Record, short: str, seconds: float) -> None:
    owner.durations.add(seconds)
    if short in keys.ESTIMATES:
        owner.estimates.add(seconds)
    elif short in keys.DELAYS:
        owner.delays.add(seconds)


def _whole(value: object) -> object:
    """A return code may stand in the evidence as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,10}", value.strip()):
        return int(value)
    return value


def _is_whole(value: object) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return abs(value) < LARGEST


def _says_more(key: str, value: object, named: Mapping[str, Any]) -> bool:
    """Whether there is more than what the evidence shows."""
    if "omitted" in key:
        return bool(value)
    shown = named.get(key.removesuffix("total"))
    if not isinstance(shown, list) or not isinstance(value, int):
        return False
    return key.endswith("total") and value > len(shown)


def _iso_seconds(value: str) -> float | None:
    parts = ISO_DURATION.match(value)
    if not parts or value == "P":
        return None
    days, hours, minutes, seconds = (float(p or 0) for p in parts.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _seconds(key: str, value: float) -> float | None:
    for unit, factor in keys.SECONDS.items():
        if key.endswith(unit):
            return value * factor
    return value * 60 if key in keys.MINUTES else None
