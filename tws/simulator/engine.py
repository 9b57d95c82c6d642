"""What batchman and jobman do: launch jobs within the limits, end them, recover."""

import heapq

from tws.simulator.judging import blocks_stream
from tws.simulator.model import (
    ACTIVE,
    ENDED,
    FAILED,
    WAITING,
    Definition,
    Fate,
    Job,
    Prompt,
    PromptNeed,
    ResourceNeed,
    Run,
    Stream,
    Workstation,
)
from tws.simulator.plan import Plan
from tws.simulator.waiting import Threshold

GO = 100  # priorities hi (100) and go (101) pass limit 0
LOOK = (1.0, 5.0)  # how long batchman takes to see a change ("bm look")
INTRO = (1.0, 3.0)
SUCCEEDS = Fate()


class Engine(Threshold):
    """Lets a plan live, one event after the other."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heals_after = 0.0  # seconds until an operator reruns what failed
        self.failure_rate = 0.0
        self._job_number = 1000 + plan.seed % 1000

    # --- queues ---------------------------------------------------------------

    def enqueue(self, job: Job) -> None:
        job.queued = True
        station = job.workstation
        order = (-job.stream.priority, -job.priority, self.tick(), job)
        heapq.heappush(station.queue, order)
        self.wake(station)

    def wake(self, station: Workstation) -> None:
        """Look at a workstation's queue shortly."""
        if station.due < self.now and station.queue:
            station.due = self.now + self.chance.uniform(*LOOK)
            self.at(station.due, self._dispatch, station)

    def _dispatch(self, station: Workstation) -> None:
        station.due = -1.0
        kept = []
        while station.queue and station.usable and not self.plan.stopped:
            entry = heapq.heappop(station.queue)
            job = entry[3]
            if not job.queued or job.status not in WAITING:
                continue
            if job.priority <= station.fence:
                self.put(job, "FENCE" if self.plan.shows_fence else "READY")
                kept.append(entry)
            elif station.running >= station.limit and job.priority < GO:
                kept.append(entry)
                break
            else:
                self._start_or_park(job)
        for entry in kept:
            heapq.heappush(station.queue, entry)

    def _start_or_park(self, job: Job) -> None:
        job.queued = False
        stream = job.stream
        if 0 <= stream.limit <= stream.active:
            stream.parked.append(job)
        elif self.allocate(job):
            self.launch(job)
        self.touch(job)

    # --- runs -----------------------------------------------------------------

    def launch(self, job: Job) -> None:
        """Introduce a job on its workstation, or on a member of its pool."""
        station, stream, attempt = job.workstation, job.stream, len(job.runs)
        target = next((m for m in station.members if m.usable), station)
        self._job_number += 1
        run = Run(
            id=self.plan.run_id(job, attempt),
            number=self._job_number,
            attempt=attempt,
            submitted=self.now,
            workstation=target.key,
            fate=self._fate(job, attempt),
            kind=job.rerun or "REGULAR",
        )
        job.queued = False
        job.runs.append(run)
        station.running += 1
        stream.active += 1
        if stream.started is None:
            stream.started = self.now
        self.put(job, "INTRO")
        if run.fate.leaves_intro:
            self.at(self.now + self.chance.uniform(*INTRO), self.begin, job)

    def _fate(self, job: Job, attempt: int) -> Fate:
        if attempt < len(job.fates):
            return job.fates[attempt]
        if job.fates and job.fates[-1].lasting:
            return job.fates[-1]
        if self.failure_rate and self.chance.random() < self.failure_rate:
            return Fate("ABEND", self.chance.choice((1, 2, 4, 8, 12, 16)), 0.6)
        return Fate(factor=self.chance.uniform(0.75, 1.15))

    def begin(self, job: Job) -> None:
        """Let an introduced job run."""
        run = job.run
        if job.status != "INTRO" or run is None:
            return
        run.start = self.now
        self.put(job, "EXEC")
        if run.fate.outcome == "FAIL":
            self.end(job, run.fate)
            return
        self.tell(job)
        if run.fate.ends:
            self.at(self.now + job.estimate * run.fate.factor, self._expire, (job, run))
        most = job.limits.max_duration if job.limits else None
        if most is not None:
            self.at(self.now + most, self._overrun, (job, run))

    def _overrun(self, what: tuple[Job, Run]) -> None:
        job, run = what
        if job.run is run and job.status == "EXEC":
            run.overrun = True
            self.touch(job)

    def _expire(self, what: tuple[Job, Run]) -> None:
        job, run = what
        if job.run is run and job.status == "EXEC":
            self.end(job, run.fate)

    def pass_deadline(self, node: Job | Stream) -> None:
        if not self.plan.checks_deadlines or self.is_over(node):
            return
        node.late = True
        self.touch(node)
        kills = node.limits is not None and node.limits.on_deadline == "kill"
        if kills and isinstance(node, Job) and node.status == "EXEC":
            self.end(node, Fate("ABEND", 143))

    # --- ends -----------------------------------------------------------------

    def end(self, job: Job, fate: Fate) -> None:
        """End the current run of a job."""
        run = job.run
        if run is None:
            return
        if job.status in ACTIVE:
            job.workstation.running -= 1
            job.stream.active -= 1
        run.end, run.code = self.now, fate.code
        run.start = run.start or self.now
        self.give_back(job)
        if job.confirm and fate.outcome == "SUCC":
            self.put(job, "PEND")
        else:
            self.settle(job, fate.outcome)
        self.wake(job.workstation)
        parked, job.stream.parked = job.stream.parked, []
        for other in parked:
            self.consider(other)

    def settle(self, job: Job, status: str) -> None:
        """Give a job its final status, and tell whoever waited for it."""
        if job.status not in ENDED:
            job.stream.left -= 1
        self.put(job, status)
        if status in FAILED:
            self._recover(job)
        self.tell(job)
        if not job.stream.left:
            self._complete(job.stream)

    def _complete(self, stream: Stream) -> None:
        stream.ended = self.now
        self.touch(stream)
        if not any(blocks_stream(job) for job in stream.jobs):
            self.give_back(stream)
            self.tell(stream)

    # --- recovery -------------------------------------------------------------

    def _recover(self, job: Job) -> None:
        definition, attempt = job.definition, len(job.runs)
        if definition.recovery.endswith("_PROMPT"):
            self._ask_recovery(job, definition)
        elif definition.recovery == "RERUN" and attempt < 2:
            self.at(self.now + 60.0, self.rerun, job)
        elif self.heals_after and not (job.run and job.run.fate.lasting):
            self.at(self.now + self.heals_after, self._heal, job)

    def _ask_recovery(self, job: Job, definition: Definition) -> None:
        """Ask the operator how to go on after a failure."""
        job.need_message = True
        if not self.plan.shows_recovery_prompts:
            return
        number = len(self.plan.prompts) + 1
        prompt = Prompt(
            text=definition.recovery_prompt,
            name=definition.recovery_prompt_name,
            number=number,
            id=self.plan.new_id("recovery", number),
            status="ASKED",
            type="Restart Prompt",
        )
        need = PromptNeed(job, prompt)
        prompt.needs.append(need)
        job.deps.append(need)
        job.waiting += 1
        self.plan.prompts.append(prompt)

    def _heal(self, job: Job) -> None:
        if job.status in FAILED:
            job.fates = (*(run.fate for run in job.runs), SUCCEEDS)
            self.rerun(job)

    def rerun(self, job: Job) -> None:
        """Run a job again, as an operator would."""
        if job.status not in ENDED:
            return
        job.stream.left += 1
        job.stream.ended = None
        job.rerun = "RERUN"
        job.canceled = job.need_message = False
        for need in job.deps:
            if isinstance(need, ResourceNeed):
                need.satisfied = False
        self.put(job, "HOLD")
        self.consider(job)

    def cancel(self, node: Job | Stream) -> None:
        """Cancel a job or stream; what waits for it is free at once."""
        node.canceled, node.cancel_pending = True, False
        if isinstance(node, Stream):
            for job in node.jobs:
                self.touch(job)
                if job.status in WAITING:
                    self.cancel(job)
            self.touch(node)
        else:
            node.queued = False
            if node.status not in ACTIVE:
                self.settle(node, "CANCL")
        self.tell(node)
