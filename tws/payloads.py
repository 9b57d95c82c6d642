"""The plan's objects as TWS tells them: immutable, times aware in UTC, durations in seconds.

No object can hold itself, so the garbage collector need not look at them (``gc=False``):
a plan has hundreds of thousands. Statuses are kept as the vendor's internal words in one spelling (see ``tws.statuses``).
``unusable`` names what an object or a list held that could not be understood.
"""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

LINKED_STATES = frozenset({"LINKED", "FULLY_LINKED"})
MASTER_TYPES = frozenset({"MANAGER", "DOMAIN_MANAGER"})
# Workstations behind the workload broker, the only ones that are set on- and offline.
BROKER_TYPES = frozenset({"AGENT", "POOL", "D-POOL", "REM-ENG"})
FAILED_STATUSES = frozenset({"ABEND", "FAIL", "ERROR"})


class OutputCondition(Struct, frozen=True, kw_only=True, gc=False):
    """A named condition on the outcome of a run, and whether it came true."""

    name: str
    expression: str = ""
    satisfied: bool = False
    success: bool = False  # it counts as a success of the job


class JobRun(Struct, frozen=True, kw_only=True, gc=False):
    """One run of a job; a rerun adds another."""

    id: str
    job_number: int | None = None
    status: str = "UNKNOWN"
    substatus: str = ""
    common_status: str = ""
    canceled: bool = False
    return_code: int | None = None
    rerun_type: str = ""
    workstation: str = ""  # where it really ran
    started: datetime | None = None
    ended: datetime | None = None
    submitted: datetime | None = None
    elapsed_seconds: float | None = None
    estimated_seconds: float | None = None
    last_in_chain: bool = False
    attempt: int = 0
    confirmed: bool = False
    released: bool = False
    step: str = ""
    max_duration_gone: bool = False
    min_duration_not_reached: bool = False
    output_conditions: list[OutputCondition] = []


class TimeRestrictions(Struct, frozen=True, kw_only=True, gc=False):
    """When a job or job stream may start, and what happens when it is late."""

    time_dependent: bool = False
    start: datetime | None = None
    start_satisfied: bool | None = None
    deadline: datetime | None = None
    deadline_satisfied: bool | None = None
    late_action: str = ""  # continue | kill
    latest_start: datetime | None = None
    latest_start_satisfied: bool | None = None
    late_start_action: str = ""  # doNotRun | continue | cancel
    per_job_latest_start: bool = False
    max_duration_seconds: float | None = None
    max_duration_satisfied: bool | None = None
    max_duration_action: str = ""  # continue | kill
    min_duration_seconds: float | None = None
    min_duration_satisfied: bool | None = None
    min_duration_action: str = ""  # continue | abend | confirmed


NO_RESTRICTIONS = TimeRestrictions()


class Dependency(Struct, frozen=True, kw_only=True, gc=False):
    """What an object waits for; which fields are filled depends on ``type``.

    INTERNAL, EXTERNAL_JOB, EXTERNAL_JOBSTREAM: ``job_*``, ``stream_*``, ``predecessor_*``.
    JOIN: ``join_*`` and ``members``. FILE: ``file*``. RESOURCE: ``resource``,
    ``quantity*``. PROMPT: ``prompt*``. INTERNETWORK: ``network_*``, ``predecessor_*``.
    """

    type: str
    id: str = ""
    status: str = ""  # SATISFIED | UNSATISFIED | UNDECIDED | UNBOUND
    satisfied: bool = False
    mandatory: bool = False
    sequence: int | None = None

    job_id: str = ""
    job_name: str = ""
    job_workstation: str = ""
    stream_id: str = ""
    stream_name: str = ""
    stream_folder: str = ""
    stream_workstation: str = ""
    stream_scheduled: datetime | None = None
    predecessor_status: str = ""
    predecessor_substatus: str = ""
    predecessor_canceled: bool = False
    pending: bool = False  # the predecessor is not in the plan yet
    zombie: bool = False  # an orphan: it can no longer be resolved
    critical: bool = False
    conditional: bool = False
    status_conditions: list[str] = []
    output_conditions: list[str] = []

    join_name: str = ""
    join_quantity: int | None = None
    join_criteria: str = ""  # ALL | AT_LEAST
    members: "list[Dependency]" = []

    file: str = ""
    file_qualifier: str = ""
    file_status: str = ""  # Not Checked | Checking | Exists | Unavailable | Resync
    file_last_checked: datetime | None = None

    resource: str = ""
    quantity: int | None = None
    quantity_held: int | None = None
    available: int | None = None
    total_quantity: int | None = None
    action_on_complete: str = ""

    prompt: str = ""
    prompt_text: str = ""
    prompt_status: str = ""  # NOT_ASKED | ASKED | ANSWERED_YES | ANSWERED_NO
    prompt_type: str = ""
    prompt_number: int | None = None

    network_agent: str = ""
    network_dependency: str = ""

    # Of the file, prompt or resource.
    folder: str = ""
    workstation: str = ""


class Job(Struct, frozen=True, kw_only=True, gc=False):
    """A job in the plan. Lists leave ``dependencies`` empty; reading it by id fills it."""

    id: str
    name: str
    key: str = ""
    description: str = ""
    folder: str = "/"  # of its job stream
    workstation: str = ""
    stream_id: str = ""
    stream_name: str = ""
    stream_workstation: str = ""
    position: int | None = None
    archived: bool = False

    status: str = "UNKNOWN"
    substatus: str = ""
    common_status: str = ""
    canceled: bool = False
    cancel_pending: bool = False
    dont_run: bool = False
    stream_canceled: bool = False
    released: bool = False
    runs: list[JobRun] = []  # the newest last

    priority: int | None = None
    original_priority: int | None = None
    scheduled: datetime | None = None
    time_zone: str = ""
    restrictions: TimeRestrictions = NO_RESTRICTIONS
    dependencies: list[Dependency] = []
    dependency_count: int = 0
    unresolved: int = 0

    late: bool = False
    deadline_passed: bool = False
    until_gone: bool = False
    need_message: bool = False
    restarted: bool = False
    promoted: bool = False
    critical: bool = False
    critical_start: datetime | None = None
    requires_confirmation: bool = False
    no_operation: bool = False
    every: bool = False
    repeat_seconds: float | None = None
    monitored: bool = False

    task: str = ""  # the script or command
    task_type: str = ""
    is_command: bool = False
    user: str = ""
    estimated_seconds: float | None = None
    estimated_end: datetime | None = None
    recovery_option: str = ""  # STOP | CONTINUE | RERUN | …_PROMPT
    recovery_job: str = ""
    recovery_job_id: str = ""
    recovery_prompt: str = ""
    recovery_prompt_text: str = ""
    recovery_repeat_seconds: float | None = None
    recovery_repeats: int | None = None

    unusable: list[str] = []

    @property
    def last_run(self) -> JobRun | None:
        return self.runs[-1] if self.runs else None

    @property
    def return_code(self) -> int | None:
        return self.runs[-1].return_code if self.runs else None

    @property
    def job_number(self) -> int | None:
        return self.runs[-1].job_number if self.runs else None

    @property
    def started(self) -> datetime | None:
        return self.runs[-1].started if self.runs else None

    @property
    def ended(self) -> datetime | None:
        return self.runs[-1].ended if self.runs else None

    @property
    def elapsed_seconds(self) -> float | None:
        return self.runs[-1].elapsed_seconds if self.runs else None

    @property
    def deadline(self) -> datetime | None:
        return self.restrictions.deadline

    @property
    def failed(self) -> bool:
        return self.status in FAILED_STATUSES


class StreamStats(Struct, frozen=True, kw_only=True, gc=False):
    """How many jobs of a stream are in which state."""

    jobs: int = 0
    successful: int = 0
    not_running: int = 0
    executing: int = 0
    abended: int = 0
    failed: int = 0
    undecided: int = 0


class JobStream(Struct, frozen=True, kw_only=True, gc=False):
    """A job stream in the plan. Lists leave ``dependencies`` empty."""

    id: str
    name: str
    key: str = ""
    folder: str = "/"
    workstation: str = ""
    original_name: str = ""
    alias: str = ""
    internal_id: str = ""
    archived: bool = False

    status: str = "UNKNOWN"
    substatus: str = ""
    common_status: str = ""
    canceled: bool = False
    cancel_pending: bool = False
    dont_run: bool = False
    released: bool = False
    stats: StreamStats = StreamStats()

    priority: int | None = None
    original_priority: int | None = None
    limit: int | None = None  # -1: no limit
    scheduled: datetime | None = None
    time_zone: str = ""
    restrictions: TimeRestrictions = NO_RESTRICTIONS
    dependencies: list[Dependency] = []
    dependency_count: int = 0
    unresolved: int = 0

    started: datetime | None = None
    ended: datetime | None = None
    elapsed_seconds: float | None = None
    estimated_seconds: float | None = None
    late: bool = False
    pending_predecessor: bool = False
    carried_forward: bool = False
    carry_forward: bool = False
    in_order: bool = False
    every: bool = False  # it holds jobs that repeat
    monitored: bool = False
    submitter: str = ""

    unusable: list[str] = []

    @property
    def deadline(self) -> datetime | None:
        return self.restrictions.deadline

    @property
    def failed(self) -> bool:
        return self.status in FAILED_STATUSES


class Workstation(Struct, frozen=True, kw_only=True, gc=False):
    """A workstation in the plan."""

    id: str
    name: str
    folder: str = "/"
    key: str = ""
    type: str = ""
    host_type: str = ""
    states: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    limit: int | None = None
    fence: int | None = None
    ignore: bool = False
    description: str = ""
    node: str = ""
    os: str = ""
    domain: str = ""
    host: str = ""
    version: str = ""
    agent_id: str = ""
    time_zone: str = ""
    run_number: int | None = None
    time_started: datetime | None = None
    archived: bool = False

    unusable: list[str] = []

    @property
    def is_master(self) -> bool:
        return "MASTER" in self.states or self.host_type == "MASTER"

    @property
    def linked(self) -> bool:
        """The master has nobody to link to."""
        return self.is_master or not LINKED_STATES.isdisjoint(self.states)

    @property
    def jobman_up(self) -> bool:
        return "JOBMAN_UP" in self.states

    @property
    def online(self) -> bool:
        """Only workstations of the broker are ever set offline."""
        return self.type not in BROKER_TYPES or "ONLINE" in self.states


class ResourceHolder(Struct, frozen=True, kw_only=True, gc=False):
    """A job or job stream that has units of a resource."""

    job_id: str = ""
    job: str = ""
    job_key: str = ""
    stream_id: str = ""
    stream: str = ""
    quantity: int | None = None
    shared: bool = False


class Resource(Struct, frozen=True, kw_only=True, gc=False):
    """A resource in the plan, and who has it."""

    id: str
    name: str
    folder: str = "/"
    key: str = ""
    workstation: str = ""
    description: str = ""
    status: str = ""  # AVAILABLE | NOT_AVAILABLE | UNDECIDED
    quantity: int | None = None
    available: int | None = None  # negative after a forced release
    in_use: int | None = None
    holders: list[ResourceHolder] = []
    archived: bool = False

    unusable: list[str] = []


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


class WorkstationHealth(Struct, frozen=True, kw_only=True, gc=False):
    """The outcome of the engine's own health check."""

    healthy: bool
    detail: str = ""
    code: str = ""


class JobLog(Struct, frozen=True, kw_only=True, gc=False):
    """Lines of a job log, cleaned of what is not text."""

    text: str
    from_line: int = 1
    to_line: int = 0
    truncated: bool = False  # the log has more than this
    binary: bool = False  # parts were no text, and are left out


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


def object_key(item: Job | JobStream) -> str:
    """``/FOLDER/WORKSTATION#/FOLDER/STREAM.JOB``, the vendor's own where it gave one."""
    if item.key:
        return item.key
    folder = "/".join(("", *filter(None, item.folder.split("/")), ""))
    if isinstance(item, JobStream):
        return f"{rooted(item.workstation)}#{folder}{item.name}"
    workstation = rooted(item.stream_workstation or item.workstation)
    return f"{workstation}#{folder}{item.stream_name}.{item.name}"


def rooted(name: str) -> str:
    """The name with its folder: the root's, when it gives none."""
    return name if name.startswith("/") else f"/{name}"
