"""What a plan is made of: streams, jobs, runs and what they depend on."""

from dataclasses import dataclass, field

HEALTHY = ("LINKED", "JOBMAN_UP", "IS_INITED", "ONLINE")
MASTER = (
    "MASTER",
    "MANAGER",
    "RUNNING",
    "JOBMAN_UP",
    "IS_INITED",
    "ONLINE",
    "SERVER_STARTED",
    "MONMAN",
    "EVT_PROC_RUNNING",
)
ENDED = frozenset({"SUCC", "ABEND", "FAIL", "CANCL", "SUPPR"})
FAILED = frozenset({"ABEND", "FAIL"})
ACTIVE = frozenset({"INTRO", "EXEC"})
WAITING = frozenset({"HOLD", "READY", "FENCE", "CANCLP"})


@dataclass(slots=True, eq=False, repr=False)
class Workstation:
    """A machine, a pool, or the master."""

    name: str
    id: str
    folder: str = "/"
    type: str = "AGENT"
    os: str = "UNIX"
    limit: int = 20
    fence: int = 0
    states: set[str] = field(default_factory=lambda: set(HEALTHY))
    flags: set[str] = field(default_factory=lambda: {"AUTO_LINK"})
    ignore: bool = False
    host: str = ""
    members: tuple["Workstation", ...] = ()
    running: int = 0
    queue: list[tuple[int, int, int, "Job"]] = field(default_factory=list)
    due: float = -1.0

    @property
    def key(self) -> str:
        return f"{self.folder}{self.name}"

    def __repr__(self) -> str:
        return f"<Workstation {self.key}>"

    @property
    def usable(self) -> bool:
        """Whether a job can be launched there now."""
        linked = self.type == "MANAGER" or not self.states.isdisjoint(
            ("LINKED", "FULLY_LINKED")
        )
        return linked and "JOBMAN_UP" in self.states and "ONLINE" in self.states


@dataclass(slots=True, eq=False, repr=False)
class Resource:
    """A counted thing that jobs and streams need."""

    name: str
    id: str
    workstation: Workstation
    folder: str = "/"
    quantity: int = 1
    held: dict["Job | Stream", int] = field(default_factory=dict)
    waiters: list["Job | Stream"] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.workstation.key}#{self.folder}{self.name}"

    @property
    def in_use(self) -> int:
        return sum(self.held.values())

    @property
    def available(self) -> int:
        return self.quantity - self.in_use


@dataclass(slots=True, eq=False, repr=False)
class Prompt:
    """A question to the operator."""

    text: str
    number: int
    id: str
    name: str = ""
    folder: str = "/"
    status: str = "NOT_ASKED"
    type: str = "Predefined Prompt"
    needs: list["PromptNeed"] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name or self.text


@dataclass(slots=True, eq=False, repr=False)
class PlanFile:
    """A file that must exist on a workstation."""

    path: str
    workstation: Workstation
    id: str
    exists: bool = False
    needs: list["FileNeed"] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Named:
    """What a dependency says of a predecessor that the plan does not hold."""

    stream: str
    workstation: str
    folder: str = "/"
    job: str = ""
    job_id: str = ""
    stream_id: str = ""
    sched: float | None = None

    @property
    def key(self) -> str:
        tail = f".{self.job}" if self.job else ""
        return f"{self.workstation}#{self.folder}{self.stream}{tail}"


@dataclass(slots=True, eq=False, repr=False)
class Follow:
    """Wait for another job or stream; conditional when statuses or outputs are given."""

    owner: "Job | Stream"
    on: "Job | Stream | None" = None
    named: Named | None = None
    statuses: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    pending: bool = False
    zombie: bool = False
    join: "Join | None" = None
    satisfied: bool = False
    doomed: bool = False

    @property
    def conditional(self) -> bool:
        return bool(self.statuses or self.outputs)


@dataclass(slots=True, eq=False, repr=False)
class Join:
    """Wait for some or all of several predecessors."""

    owner: "Job | Stream"
    name: str
    quantity: int = 0
    members: list[Follow] = field(default_factory=list)
    satisfied: bool = False
    doomed: bool = False

    @property
    def needed(self) -> int:
        return self.quantity or len(self.members)


@dataclass(slots=True, eq=False, repr=False)
class FileNeed:
    """Wait for a file."""

    owner: "Job | Stream"
    file: PlanFile
    satisfied: bool = False
    checked: float | None = None


@dataclass(slots=True, eq=False, repr=False)
class PromptNeed:
    """Wait for an operator's yes."""

    owner: "Job | Stream"
    prompt: Prompt
    satisfied: bool = False


@dataclass(slots=True, eq=False, repr=False)
class ResourceNeed:
    """Need units of a resource while running."""

    owner: "Job | Stream"
    resource: Resource
    quantity: int = 1
    held: int = 0
    satisfied: bool = False


@dataclass(slots=True, eq=False, repr=False)
class NetworkNeed:
    """Wait for a job of another network."""

    owner: "Job | Stream"
    agent: str
    text: str
    status: str = "EXTRN"
    satisfied: bool = False


Dependency = Follow | Join | FileNeed | PromptNeed | ResourceNeed | NetworkNeed


@dataclass(slots=True)
class Restrictions:
    """When a job or stream may start and must end."""

    start: float | None = None
    latest: float | None = None
    late_start: str = "doNotRun"
    deadline: float | None = None
    on_deadline: str = "continue"
    max_duration: float | None = None
    on_max: str = "continue"
    min_duration: float | None = None
    on_min: str = "continue"


@dataclass(slots=True, frozen=True)
class Definition:
    """What a job runs, and what happens when it fails."""

    task: str = "/opt/batch/bin/run.sh"
    user: str = "batch"
    command: bool = False
    recovery: str = "STOP"
    recovery_prompt: str = ""
    recovery_prompt_name: str = ""
    recovery_job: str = ""
    repeat_every: float = 0.0  # seconds between the reruns of the option RERUN
    repeat_for: int = 0  # how many; 0 is one, and then a question
    description: str = ""


@dataclass(slots=True, frozen=True)
class Fate:
    """What becomes of one run."""

    outcome: str = "SUCC"
    code: int = 0
    factor: float = 1.0
    log: tuple[str, ...] = ()
    ends: bool = True
    leaves_intro: bool = True
    lasting: bool = False
    outputs: tuple[str, ...] = ()
    raw_log: bytes | None = None


@dataclass(slots=True, eq=False, repr=False)
class Run:
    """One attempt to run a job."""

    id: str
    number: int
    attempt: int
    submitted: float
    workstation: str
    fate: Fate
    kind: str = "REGULAR"
    status: str = "INTRO"
    start: float | None = None
    end: float | None = None
    code: int | None = None
    overrun: bool = False
    short: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """What jobs and streams have in common."""

    id: str
    name: str
    workstation: Workstation
    priority: int = 10
    orig_priority: int = 10
    deps: list[Dependency] = field(default_factory=list)
    followers: list[Follow] = field(default_factory=list)
    limits: Restrictions | None = None
    waiting: int = 0
    doomed: bool = False
    canceled: bool = False
    cancel_pending: bool = False
    late: bool = False
    due: float = 0.0  # when a job that repeats itself is to run again
    fragment: bytes | None = None

    @property
    def earliest(self) -> float:
        """When it may start at all."""
        return max((self.limits and self.limits.start) or 0.0, self.due)


@dataclass(slots=True, eq=False, repr=False)
class Stream(Node):
    """A job stream instance."""

    folder: str = "/"
    sched: float = 0.0
    limit: int = -1
    jobs: list["Job"] = field(default_factory=list)
    carried_forward: bool = False
    internal: str = ""
    submitter: str = "twsuser"
    opened: bool = False
    started: float | None = None
    ended: float | None = None
    left: int = 0
    active: int = 0
    parked: list["Job"] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Stream {self.key}>"

    @property
    def key(self) -> str:
        return f"{self.workstation.key}#{self.folder}{self.name}"


@dataclass(slots=True, eq=False, repr=False)
class Job(Node):
    """A job instance in a stream."""

    stream: Stream = field(kw_only=True)
    position: int = 1
    definition: Definition = field(default_factory=Definition)
    estimate: float = 300.0
    critical: bool = False
    confirm: bool = False
    noop: bool = False
    every: float = 0.0  # seconds between the starts of a job that repeats itself
    every_end: float | None = None
    fates: tuple[Fate, ...] = ()
    recovery_fate: Fate = Fate()
    recovers: "Job | None" = None
    recovery: "Job | None" = None
    passed_over: bool = False  # failed, and what follows may go on all the same
    status: str = "HOLD"
    runs: list[Run] = field(default_factory=list)
    rerun: str = ""
    until_gone: bool = False
    need_message: bool = False
    queued: bool = False

    def __repr__(self) -> str:
        return f"<Job {self.key} {self.status}>"

    @property
    def key(self) -> str:
        # The vendor's key names the workstation of the stream.
        return f"{self.stream.key}.{self.name}"

    @property
    def run(self) -> Run | None:
        return self.runs[-1] if self.runs else None
