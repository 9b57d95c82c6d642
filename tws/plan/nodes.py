"""What the graph is made of: the fields that some rule reads, and no others.

The records are immutable and refer to each other by id, never directly: so the
collector need not watch them (``gc=False``), which keeps its pauses short with
400 000 of them in memory.
"""

from datetime import datetime

from msgspec import Struct

from tws.payloads import NO_RESTRICTIONS, TimeRestrictions


class Follows(Struct, frozen=True, kw_only=True, gc=False):
    """A predecessor: a job, or a whole job stream."""

    target: str  # its id; "" when the engine gives none
    label: str  # the name that the dependency gives
    scheduled: datetime | None = None  # told where there is no id: a name recurs daily
    to_stream: bool = False
    satisfied: bool = False
    status: str = ""  # SATISFIED | UNSATISFIED | UNDECIDED | UNBOUND
    predecessor_status: str = ""
    pending: bool = False
    zombie: bool = False
    conditional: bool = False
    conditions: tuple[str, ...] = ()


class Join(Struct, frozen=True, kw_only=True, gc=False):
    """So many of the members must be satisfied."""

    name: str
    needed: int
    members: tuple[Follows, ...]
    satisfied: bool = False


class PromptNeed(Struct, frozen=True, kw_only=True, gc=False):
    """A question that a person must answer with yes."""

    name: str
    text: str = ""
    number: int | None = None
    status: str = ""
    type: str = ""
    satisfied: bool = False

    @property
    def object(self) -> str:
        return self.name or self.text or f"prompt {self.number}"


class FileNeed(Struct, frozen=True, kw_only=True, gc=False):
    """A file that must be there."""

    name: str
    workstation: str = ""
    qualifier: str = ""
    status: str = ""
    last_checked: datetime | None = None
    satisfied: bool = False


class ResourceNeed(Struct, frozen=True, kw_only=True, gc=False):
    """Units of a resource that must be free."""

    key: str
    name: str
    quantity: int = 1
    held: int = 0
    available: int | None = None
    total: int | None = None
    satisfied: bool = False


class RemoteNeed(Struct, frozen=True, kw_only=True, gc=False):
    """A job on another network's engine."""

    label: str
    agent: str = ""
    remote_status: str = ""
    status: str = ""
    satisfied: bool = False


Need = Follows | Join | PromptNeed | FileNeed | ResourceNeed | RemoteNeed


class Run(Struct, frozen=True, kw_only=True, gc=False):
    """One run of a rerun chain."""

    id: str
    status: str
    return_code: int | None = None
    rerun_type: str = ""
    job_number: int | None = None
    started: datetime | None = None
    ended: datetime | None = None


class JobNode(Struct, frozen=True, kw_only=True, gc=False):
    """A job; ``whole`` is false while only a list has told of it, without its needs."""

    id: str
    name: str
    key: str
    stream: str = ""
    stream_name: str = ""
    folder: str = "/"
    workstation: str = ""
    runs_on: str = ""
    position: int = 0
    status: str = "UNKNOWN"
    substatus: str = ""
    common_status: str = ""
    canceled: bool = False
    cancel_pending: bool = False
    priority: int | None = None
    original_priority: int | None = None
    scheduled: datetime | None = None
    times: TimeRestrictions = NO_RESTRICTIONS
    needs: tuple[Need, ...] = ()
    whole: bool = True
    need_count: int = 0
    predecessor_count: int | None = None  # of the needs; None is not told
    unresolved: int = 0
    run: str = ""
    return_code: int | None = None
    job_number: int | None = None
    submitted: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    estimated: float | None = None
    earlier: tuple[Run, ...] = ()  # the runs before the last, oldest first
    late: bool = False
    until_gone: bool = False
    need_message: bool = False
    max_duration_gone: bool = False
    critical: bool = False
    requires_confirmation: bool = False
    no_operation: bool = False
    every: bool = False
    recovery: str = ""
    recovery_prompt: str = ""
    read_at: datetime
    unusable: tuple[str, ...] = ()

    @property
    def may_wait(self) -> bool:
        """Whether something of its needs is open; engines may leave that out of lists."""
        return self.unresolved > 0 or (
            not self.whole and self.predecessor_count is None
        )


class StreamNode(Struct, frozen=True, kw_only=True, gc=False):
    """A job stream; its own needs hold back all of its jobs."""

    id: str
    name: str
    key: str
    folder: str = "/"
    workstation: str = ""
    status: str = "UNKNOWN"
    substatus: str = ""
    common_status: str = ""
    canceled: bool = False
    cancel_pending: bool = False
    priority: int | None = None
    original_priority: int | None = None
    limit: int | None = None
    scheduled: datetime | None = None
    times: TimeRestrictions = NO_RESTRICTIONS
    needs: tuple[Need, ...] = ()
    whole: bool = True
    need_count: int = 0
    predecessor_count: int | None = None  # of the needs; None is not told
    unresolved: int = 0
    job_count: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    estimated: float | None = None
    late: bool = False
    carried_forward: bool = False
    read_at: datetime
    unusable: tuple[str, ...] = ()

    @property
    def may_wait(self) -> bool:
        """Whether something of its needs is open; engines may leave that out of lists."""
        return self.unresolved > 0 or (
            not self.whole and self.predecessor_count is None
        )
