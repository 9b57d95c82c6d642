"""The current plan, and the indexes that make finding things in it quick."""

from collections import defaultdict
from dataclasses import dataclass, field

from tws.simulator.formats import identifier
from tws.simulator.model import Job, PlanFile, Prompt, Resource, Stream, Workstation


@dataclass(slots=True, eq=False, repr=False)
class Plan:
    """Everything in the current plan."""

    seed: int
    start: float
    end: float
    jobs: list[Job] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    workstations: list[Workstation] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    files: list[PlanFile] = field(default_factory=list)
    job_ids: dict[str, Job] = field(default_factory=dict)
    stream_ids: dict[str, Stream] = field(default_factory=dict)
    run_ids: dict[str, tuple[Job, int]] = field(default_factory=dict)
    job_names: dict[str, list[Job]] = field(default_factory=lambda: defaultdict(list))
    stream_names: dict[str, list[Stream]] = field(
        default_factory=lambda: defaultdict(list)
    )
    master: str = "MDM1"
    fills_substatus: bool = True
    checks_deadlines: bool = True
    shows_fence: bool = True
    shows_recovery_prompts: bool = True
    stopped: bool = False
    id: str = ""
    version: int = 0
    serial: int = 0
    run_number: int = 412

    def __post_init__(self) -> None:
        self.id = identifier(self.seed, "plan")

    def new_id(self, *parts: object) -> str:
        return identifier(self.seed, *parts)

    def next_serial(self) -> int:
        """Count streams on, those too that have left."""
        self.serial += 1
        return self.serial

    def next_prompt(self) -> int:
        """Count prompts on; number them so."""
        return max((prompt.number for prompt in self.prompts), default=0) + 1

    def add_stream(self, stream: Stream) -> None:
        self.streams.append(stream)
        self.stream_ids[stream.id] = stream
        self.stream_names[stream.name].append(stream)

    def add_job(self, job: Job) -> None:
        job.stream.jobs.append(job)
        job.stream.left += 1
        self._index(job)

    def _index(self, job: Job) -> None:
        self.jobs.append(job)
        self.job_ids[job.id] = job
        self.job_names[job.name].append(job)

    def remove_stream(self, stream: Stream) -> None:
        """Forget a stream and everything of it, as the next plan would."""
        self.streams.remove(stream)
        del self.stream_ids[stream.id]
        self.stream_names[stream.name].remove(stream)
        gone = set(stream.jobs)
        self.jobs = [job for job in self.jobs if job not in gone]
        for job in stream.jobs:
            del self.job_ids[job.id]
            self.job_names[job.name].remove(job)
            for run in job.runs:
                self.run_ids.pop(run.id, None)

    def begin_next(
        self, carried: list[Stream], now: float, seconds: float, *, new_ids: bool
    ) -> None:
        """Be the plan of the next day: of this one only what is carried remains."""
        self.run_number += 1
        self.version += 1
        self.start, self.end = min(now, self.end), self.end + seconds
        for index in (self.job_ids, self.stream_ids, self.run_ids):
            index.clear()
        self.job_names.clear()
        self.stream_names.clear()
        self.streams, self.jobs = [], []
        if new_ids:
            self.id = self.new_id("plan", self.run_number)
        for stream in carried:
            self._carry(stream, new_ids=new_ids)
        self.prompts = [
            prompt
            for prompt in self.prompts
            if any(need.owner.id in self for need in prompt.needs)
        ]

    def _carry(self, stream: Stream, *, new_ids: bool) -> None:
        if new_ids:
            stream.id = self.new_id(self.id, stream.id)
        self.add_stream(stream)
        for job in stream.jobs:
            if new_ids:
                job.id = self.new_id(self.id, job.id)
            self._index(job)
            for run in job.runs:
                run.id = self.run_id(job, run.attempt)

    def __contains__(self, item: object) -> bool:
        return item in self.job_ids or item in self.stream_ids

    def run_id(self, job: Job, attempt: int) -> str:
        """Name a run, also one that has not started: V2 shows it all the same."""
        made = identifier(job.id, "run", attempt)
        self.run_ids[made] = (job, attempt)
        return made
