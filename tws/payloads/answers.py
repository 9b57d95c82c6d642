"""What an engine tells of itself, and the shapes of its answers."""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class EngineInfo(Struct, frozen=True, kw_only=True, gc=False):
    """Which engine answers."""

    version: str = ""
    full_version: str = ""
    reference_id: str = ""
    license_type: str = ""
    locale: str = ""
    time_zone: str = ""
    capabilities: dict[str, dict[str, str]] = {}


class PlanState(Struct, frozen=True, kw_only=True, gc=False):
    """The production plan as the older API's engine info tells it."""

    found: bool | None = None
    run_number: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    batchman: str = ""  # LIVES, or another word when it is down
    workstation: str = ""


class CriticalJob(Struct, frozen=True, kw_only=True, gc=False):
    """A job that the engine watches for its deadline (workload service assurance)."""

    id: str  # of the older API: not the id that Job has
    name: str
    stream_name: str = ""
    folder: str = "/"  # of its job stream
    workstation: str = ""
    scheduled: datetime | None = None
    status: str = "UNKNOWN"
    common_status: str = ""
    canceled: bool = False
    late: bool = False
    risk: str = ""  # HIGH_RISK | POTENTIAL_RISK | ON_TRACK
    deadline: datetime | None = None
    critical_start: datetime | None = None
    estimated_end: datetime | None = None
    confidence: float | None = None

    unusable: list[str] = []


class Issue(Struct, frozen=True, kw_only=True, gc=False):
    """What the engine itself says is wrong with a job."""

    id: str = ""
    message: str = ""
    type: str = ""


class Count(Struct, frozen=True, kw_only=True, gc=False):
    """How many objects a filter selects, in all and by group."""

    total: int
    groups: dict[str, int] = {}


class Mark(Struct, frozen=True, kw_only=True, gc=False):
    """A line of a log, and where it stands."""

    line: int
    text: str


class JobLog(Struct, frozen=True, kw_only=True, gc=False):
    """Lines of a job log, cleaned of what is not text."""

    text: str
    from_line: int = 1
    to_line: int = 0
    truncated: bool = False  # the log has more than this
    binary: bool = False  # parts were no text, and are left out
    marked: list[Mark] | None = None  # telling lines, found while all of it streamed by


class Unusable(Struct, frozen=True, kw_only=True, gc=False):
    """An element of a list that could not be understood."""

    index: int
    id: str
    name: str
    problem: str


class Page(Struct, Generic[T], frozen=True, kw_only=True, gc=False):
    """A part of a list."""

    items: list[T]
    count: int | None = None  # of the whole list, where the server told it
    next_offset: int | None = None
    unusable: list[Unusable] = []
