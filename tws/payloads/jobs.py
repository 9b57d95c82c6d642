"""Jobs and job streams."""

from datetime import datetime

from msgspec import Struct

from tws.payloads.waiting import NO_RESTRICTIONS, Dependency, TimeRestrictions

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
    predecessor_count: int | None = None  # of them; None is not told
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
    predecessor_count: int | None = None  # of them; None is not told
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
