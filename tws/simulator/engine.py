"""What batchman and jobman do: launch jobs within the limits, and end them."""

import heapq
from collections.abc import Callable
from typing import Any

from tws.simulator.judging import blocks_stream
from tws.simulator.model import (
    ACTIVE,
    ENDED,
    FAILED,
    WAITING,
    Fate,
    Job,
    Run,
    Stream,
    Workstation,
)
from tws.simulator.plan import Plan
from tws.simulator.recovery import Recovery

GO = 100  # priorities hi (100) and go (101) pass limit 0
LOOK = (1.0, 5.0)  # how long batchman takes to see a change ("bm look")
INTRO = (1.0, 3.0)
KILLED = Fate("ABEND", 143)


class Engine(Recovery):
    """Lets a plan live, one event after the other."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.failure_rate = 0.0
        self.after_success: dict[Job, list[Callable[[Any], None]]] = {}
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
        if job.run is not run or job.status != "EXEC":
            return
        run.overrun = True
        self.touch(job)
        if job.limits is not None and job.limits.on_max == "kill":
            self.end(job, KILLED)

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
            self.end(node, KILLED)

    # --- ends -----------------------------------------------------------------

    def end(self, job: Job, fate: Fate, *, forced: bool = False) -> None:
        """End the current run of a job; when forced, however long it took."""
        run = job.run
        if run is None:
            return
        if job.status in ACTIVE:
            job.workstation.running -= 1
            job.stream.active -= 1
        run.end, run.code = self.now, fate.code
        run.start = run.start or self.now
        self.give_back(job)
        outcome = self._outcome(job, run, fate, forced=forced)
        if outcome == "PEND":
            self.put(job, outcome)
        else:
            self.settle(job, outcome)
        self.wake(job.workstation)
        parked, job.stream.parked = job.stream.parked, []
        for other in parked:
            self.consider(other)

    def _outcome(self, job: Job, run: Run, fate: Fate, *, forced: bool) -> str:
        """What a run comes to, beyond its return code."""
        if fate.outcome != "SUCC":
            return fate.outcome
        least = job.limits.min_duration if job.limits else None
        took = self.now - (run.start or self.now)
        run.short = least is not None and took < least and not forced
        if run.short and job.limits is not None and job.limits.on_min != "continue":
            return "ABEND" if job.limits.on_min == "abend" else "PEND"
        return "PEND" if job.confirm else "SUCC"

    def settle(self, job: Job, status: str) -> None:
        """Give a job its final status, and tell whoever waited for it."""
        if status == "SUCC" and self.take_turn(job):
            return
        if job.status not in ENDED:
            job.stream.left -= 1
        self.put(job, status)
        if status in FAILED:
            self.recover(job)
        elif status == "SUCC":
            self.helped(job)
        self.tell(job)
        if not job.stream.left:
            self.complete(job.stream)
        for happen in self.after_success.pop(job, ()) if status == "SUCC" else ():
            self.at(self.now, happen, job)

    def complete(self, stream: Stream) -> None:
        """Note that all jobs of a stream have ended, however."""
        stream.ended = self.now
        self.touch(stream)
        if not any(blocks_stream(job) for job in stream.jobs):
            self.give_back(stream)
            self.tell(stream)

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
