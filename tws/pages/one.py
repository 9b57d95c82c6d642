"""One job or job stream: what its page shows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.http import QueryDict

from tws.drawing import Picture, graph_of, picture
from tws.found import Ambiguous, Found, NotFound
from tws.pages.asking import FIRST_SECONDS, LastKnown, Told
from tws.pages.trouble import Trouble, trouble_of
from tws.plan.names import is_id
from tws.quoting import checked_text
from tws.reader import PlanReader

Kind = Literal["job", "stream"]
Answer = Found | Ambiguous | NotFound

LEAST_SECONDS = 0.02
MOST_MINUTES = 10_080
DEFAULT_MINUTES = 30
OTHER: dict[Kind, Kind] = {"job": "stream", "stream": "job"}


@dataclass(frozen=True, slots=True)
class Question:
    """Which object, and what if it took so many minutes longer."""

    kind: Kind
    name: str
    id: str = ""
    minutes: int = DEFAULT_MINUTES


def read_question(kind: Kind, query: QueryDict) -> Question:
    item = query.get("id", "")
    return Question(
        kind,
        query.get("name", "").strip(),
        item if is_id(item) else "",
        _minutes(query.get("minutes", "")),
    )


@dataclass(frozen=True)
class ObjectPage:
    """What was told of the object; parts that were not asked are empty."""

    question: Question
    item: Told[Answer]
    diagnosis: Told[Answer]
    effect: Told[Answer]
    log: Told[Answer]
    trouble: Trouble | None

    @property
    def is_pending(self) -> bool:
        asked = (self.item, self.diagnosis, self.effect, self.log)
        return any(told.late for told in asked)

    @property
    def found(self) -> Found | None:
        return _found(self.item)

    @property
    def record(self) -> dict[str, Any]:
        return self.found.data if self.found else {}

    @property
    def ambiguous(self) -> Ambiguous | None:
        return self.item.value if isinstance(self.item.value, Ambiguous) else None

    @property
    def not_found(self) -> NotFound | None:
        return self.item.value if isinstance(self.item.value, NotFound) else None

    @property
    def is_of_other_kind(self) -> bool:
        """A link that guesses from a name may take a stream for a job."""
        return bool(self.record) and self.record.get("type") != self.question.kind

    @property
    def stream_object(self) -> str:
        """The name of the stream that the job is in."""
        return str(self.record["object"]).removesuffix(f".{self.record.get('name')}")

    @property
    def told(self) -> dict[str, Any]:
        """The diagnosis."""
        found = _found(self.diagnosis)
        return found.data if found else {}

    @property
    def is_healthy(self) -> bool:
        return all(root["kind"] == "none" for root in self.told.get("roots", ()))

    @property
    def impact(self) -> dict[str, Any]:
        """As exact as it is known by now: a diagnosis looks less far."""
        found = _found(self.effect)
        return found.data if found else self.told.get("impact") or {}

    @cached_property
    def picture(self) -> Picture | None:
        """None where a single box would be all."""
        if not self.told:
            return None
        graph = graph_of(self.told["chain"], self.told["roots"], self.impact)
        return picture(graph) if len(graph.knots) > 1 else None

    @property
    def log_data(self) -> dict[str, Any]:
        found = _found(self.log)
        return found.data if found else {}

    @property
    def log_lines(self) -> list[tuple[int, str, bool]]:
        """Number, text, and whether the line tells why."""
        first = self.log_data.get("from_line", 1)
        telling = {line["line"] for line in self.log_data.get("telling", ())}
        lines = enumerate(self.log_data.get("lines", ()), first)
        return [(number, text, number in telling) for number, text in lines]


async def look_at(
    reader: Callable[[], PlanReader],
    known: LastKnown,
    question: Question,
    *,
    seconds: float = FIRST_SECONDS,
) -> ObjectPage:
    """Find the object, then ask all about it side by side, all within the time."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    item = await known.ask(
        ("item", question.kind, question.name, question.id),
        lambda: _item(reader(), question),
        seconds,
    )
    nothing: Told[Answer] = Told()
    diagnosis = effect = log = nothing
    found = _found(item)
    if found is not None:
        name = _exact_name(found)
        left = max(LEAST_SECONDS, until - clock())
        minutes = question.minutes
        diagnosis, effect, log = await asyncio.gather(
            known.ask(("why", name), lambda: reader().diagnose(name), left),
            known.ask(
                ("effect", name, minutes),
                lambda: reader().impact(name, delay_minutes=minutes),
                left,
            ),
            _log(reader, known, found, left),
        )
    trouble = await trouble_of(reader, item, seconds)
    return ObjectPage(question, item, diagnosis, effect, log, trouble)


async def _item(reader: PlanReader, question: Question) -> Answer:
    """By its id, which is exact; once that has left the plan, by its name.

    What TWS itself has named in an impossible way is only found by its id.
    """
    if question.id:
        told = await _of_either_kind(reader, question.kind, question.id)
        if not isinstance(told, NotFound) or not question.name:
            return told
    return await _of_either_kind(reader, question.kind, checked_text(question.name))


async def _of_either_kind(reader: PlanReader, kind: Kind, name: str) -> Answer:
    read = {"job": reader.job, "stream": reader.stream}
    told = await read[kind](name)
    if not isinstance(told, NotFound):
        return told
    other = await read[OTHER[kind]](name)
    return told if isinstance(other, NotFound) else other


def _exact_name(found: Found) -> str:
    item = str(found.data.get("id", ""))
    return item if is_id(item) else str(found.data["object"])


async def _log(
    reader: Callable[[], PlanReader], known: LastKnown, found: Found, seconds: float
) -> Told[Answer]:
    """Only what has run has a log."""
    if found.data.get("type") != "job" or not found.data.get("started"):
        return Told()
    name = _exact_name(found)
    return await known.ask(("log", name), lambda: reader().job_log(name), seconds)


def _found(told: Told[Answer]) -> Found | None:
    return told.value if isinstance(told.value, Found) else None


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        return DEFAULT_MINUTES
    return max(1, min(int(text), MOST_MINUTES))
