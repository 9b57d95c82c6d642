"""What evidence holds: things of the plan, how they stand to each other, every value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final

from tws.grounding.lexicon import LINK_STATES, is_status
from tws.grounding.moments import told_as

LONGEST_TEXT: Final = 400_000
MOST_READINGS: Final = 20
TOTALS: Final = re.compile(r"TOTAL|COUNT|JOBS|WAITING|STREAMS|MISSED|SIZE|MEMBERS")
TOLD_PROMPT: Final = re.compile(r"(?:PROMPT|REPLY)\s+(?:NUMBER\s+|#)?(\d{1,9})\b")
MOST_MOMENTS: Final = 40
MOST_STEPS: Final = 5_000
LONGEST_RUN: Final = 30 * 86400


@dataclass(slots=True)
class Record:
    """One thing of the plan as one piece of evidence shows it."""

    id: str
    aliases: frozenset[str] = frozenset()
    statuses: set[str] = field(default_factory=set)
    codes: set[int] = field(default_factory=set)
    earlier: set[int] = field(default_factory=set)  # codes of runs before the last
    stations: set[str] = field(default_factory=set)
    streams: set[str] = field(default_factory=set)
    roles: dict[str, set[str]] = field(default_factory=dict)  # clock times by role
    clocks: set[str] = field(default_factory=set)
    moments: list[tuple[str, datetime]] = field(default_factory=list)  # role or key
    values: dict[str, set[float]] = field(default_factory=dict)  # by property
    durations: set[float] = field(default_factory=set)
    estimates: set[float] = field(default_factory=set)
    delays: set[float] = field(default_factory=set)
    told: set[float] = field(default_factory=set)  # durations in words
    sizes: dict[str, set[int]] = field(default_factory=dict)  # lengths and totals
    is_job: bool = False
    spans: set[float] = field(default_factory=set)  # between its own moments
    ages: set[float] = field(default_factory=set)  # of its moments when it was read
    settled: bool = False

    def settle(self, read_at: Iterable[datetime] = ()) -> None:
        """Work out how its moments may be told; few records are ever asked."""
        if self.settled:
            return
        self.settled = True
        for role, moment in self.moments:
            told = told_as(moment)
            self.clocks |= told
            self.roles.setdefault(role, set()).update(told)
        starts = [m for role, m in self.moments if role == "start"]
        ends = [
            s + timedelta(seconds=e)
            for s in starts
            for e in self.estimates
            if e < LONGEST_RUN
        ]
        for moment in ends:
            self.clocks |= told_as(moment)
        self._measure(read_at)

    def _measure(self, read_at: Iterable[datetime]) -> None:
        begun, over = self.roles.get("start", ()), self.roles.get("end", ())
        ran = {(minutes(e) - minutes(s)) % 1440 * 60.0 for s in begun for e in over}
        self.spans = ran | apart(moment for _, moment in self.moments)
        for read in read_at:
            of_day = minutes(f"{read:%H:%M}")
            self.ages |= {abs((read - m).total_seconds()) for _, m in self.moments}
            self.ages |= {(of_day - minutes(c)) % 1440 * 60.0 for c in self.clocks}

    @property
    def lengths(self) -> set[float]:
        """Every duration that is told of it or follows from its moments."""
        return self.durations | self.spans | self.ages


@dataclass
class Facts:
    """The evidence, ready to be asked."""

    records: list[Record] = field(default_factory=list)
    names: dict[str, list[Record]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)  # names not in capitals
    stations: set[str] = field(default_factory=set)
    streams: set[str] = field(default_factory=set)
    before: dict[str, set[str]] = field(default_factory=dict)  # id: its predecessors
    listed_after: dict[str, set[str]] = field(default_factory=dict)
    listed_before: dict[str, set[str]] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)  # resource: names
    numbers: set[float] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)
    counts: list[dict[str, int]] = field(default_factory=list)
    stream_counts: list[dict[str, int]] = field(default_factory=list)
    loose_clocks: set[str] = field(default_factory=set)  # of no thing of the plan
    durations: set[float] = field(default_factory=set)
    told: set[float] = field(default_factory=set)
    roots: set[int] = field(default_factory=set)  # how many roots a diagnosis has
    read_at: set[datetime] = field(default_factory=set)
    zones: set[tzinfo] = field(default_factory=set)
    near: list[Record] = field(default_factory=list)  # what the answer speaks of
    possible: dict[tuple[str, str, bool], set[int]] = field(default_factory=dict)
    denied: dict[str, bool] = field(default_factory=dict)
    is_partial: bool = False  # only some of what was found is shown
    text: str = ""

    def mentions(self, name: str) -> bool:
        """Whether the name stands anywhere in the evidence's text, as a whole word."""
        upper = name.upper()
        if upper not in self.text:
            return False
        return bool(re.search(rf"(?<![\w-]){re.escape(upper)}(?![\w-])", self.text))

    def of(self, names: Iterable[str]) -> list[Record]:
        return [r for name in names for r in self.names.get(name, ())]

    def ids(self, name: str) -> set[str]:
        return {r.id for r in self.names.get(name, ())}

    def precedes(self, first: str, second: str) -> bool:
        """Whether what ``second`` names comes, over any steps, after ``first``."""
        wanted, seen = self.ids(first), set(self.ids(second))
        queue = list(seen)
        while queue and len(seen) < MOST_STEPS:
            for earlier in self.before.get(queue.pop(), ()):
                if earlier in wanted:
                    return True
                if earlier not in seen:
                    seen.add(earlier)
                    queue.append(earlier)
        return False

    def look_at(self, names: Iterable[str]) -> None:
        """Say of which things the answer speaks; asked for what is near to it."""
        self.near = list({id(r): r for r in self.of(names)}.values())
        moments = sorted(self.read_at)[-MOST_READINGS:]
        for record in self.near:
            record.settle(moments)

    @cached_property
    def near_clocks(self) -> set[str]:
        return set().union(*(r.clocks for r in self.near))

    @cached_property
    def near_codes(self) -> set[int]:
        return set().union(*(r.codes for r in self.near))

    @cached_property
    def near_lengths(self) -> set[float]:
        return set().union(*(r.lengths for r in self.near))

    @cached_property
    def near_told(self) -> set[float]:
        return self.told.union(*(r.told for r in self.near))

    @cached_property
    def near_apart(self) -> set[float]:
        return apart(m for r in self.near for _, m in r.moments)

    @cached_property
    def codes(self) -> set[int]:
        return set().union(*(r.codes for r in self.records))

    @cached_property
    def jobs(self) -> list[Record]:
        return [r for r in self.records if r.is_job]

    @cached_property
    def everywhere(self) -> set[str]:
        """The names of all workstations."""
        named = {bare(r.id) for r in self.records if r.statuses & LINK_STATES}
        return named.union(*(r.stations for r in self.records))

    @cached_property
    def prompt_numbers(self) -> set[float]:
        told = {float(n) for n in TOLD_PROMPT.findall(self.text)}
        return told.union(*(r.values.get("number", ()) for r in self.records))

    @cached_property
    def totals(self) -> set[int]:
        """Every number that may be one of jobs."""
        told = {
            n
            for table in self.counts
            for key, n in table.items()
            if TOTALS.search(key) or is_status(key)
        }
        ids = {r.id for r in self.jobs}
        return told | self.sizes | {len(ids), len(self.records)}

    @cached_property
    def clocks(self) -> set[str]:
        for record in self.records:
            record.settle()
        return self.loose_clocks.union(*(r.clocks for r in self.records))

    def is_place(self, name: str) -> bool:
        """Whether the name is one of a workstation or stream, and of no job."""
        if bare(name) not in self.stations and name not in self.streams:
            return False
        return not any(r.is_job for r in self.names.get(name, ()))

    def denies(self, name: str) -> bool:
        """Whether the evidence says that there is no such thing."""
        if name not in self.denied:
            quoted = re.escape(name)
            missing = (
                rf"(?:\bNO|NOT FIND|NOT FOUND|NENHUM\w*)\b[^.\n]{{0,60}}(?<!\w){quoted}(?!\w)"
                rf"|(?<!\w){quoted}(?!\w)[^.\n]{{0,30}}(?:NOT FOUND|UNKNOWN)"
            )
            found = name in self.text and re.search(missing, self.text)
            self.denied[name] = bool(found)
        return self.denied[name]

    def index(self) -> None:
        """Make every record be found by each of its names."""
        for record in self.records:
            for alias in record.aliases:
                self.names.setdefault(alias, []).append(record)
        for place in sorted(self.stations | self.streams):
            if place not in self.names:
                self.names[place] = [Record(place, frozenset([place]))]


def minutes(clock: str) -> int:
    """The minute of the day."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def apart(moments: Iterable[datetime]) -> set[float]:
    """The seconds between any two of the moments, when they are few."""
    few = sorted(set(moments))[:MOST_MOMENTS]
    return {(b - a).total_seconds() for n, a in enumerate(few) for b in few[n + 1 :]}


def spellings(name: str) -> Iterator[str]:
    """``/WS#/F/STREAM.JOB`` is also ``WS#STREAM.JOB``, ``STREAM.JOB`` and ``JOB``."""
    upper = name.upper()
    yield upper
    yield bare(upper)
    if "#" not in upper:
        return
    station, _, rest = upper.partition("#")
    last = rest.rsplit("/", 1)[-1]
    yield last
    yield f"{bare(station)}#{last}"
    yield f"{bare(station)}#{rest}"
    if "." in last:
        yield last.rsplit(".", 1)[-1]


def bare(name: str) -> str:
    return name.upper().strip().strip("/").rsplit("/", 1)[-1]
