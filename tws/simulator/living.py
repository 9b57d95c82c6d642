"""The plan that a server shows: virtual time, and what a test may do to it."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from tws.simulator.clock import Clock
from tws.simulator.engine import Engine
from tws.simulator.model import (
    ACTIVE,
    ENDED,
    Fate,
    Job,
    Prompt,
    Resource,
    Stream,
    Workstation,
)
from tws.simulator.plan import Plan
from tws.simulator.rollover import Rollover, plan_draft

DOWN = {
    "unlinked": ("LINKED", "FULLY_LINKED"),
    "stopped": ("JOBMAN_UP", "RUNNING"),
    "jobman": ("JOBMAN_UP",),
    "offline": ("ONLINE",),
}
KEPT = 12 * 3600.0  # finished streams leave a plan that renews itself


P = ParamSpec("P")


def change(
    verb: Callable[Concatenate["LivingPlan", P], None],
) -> Callable[Concatenate["LivingPlan", P], None]:
    """Make a verb act on the plan of now, under the lock; it shows after the delay."""

    @wraps(verb)
    def act(living: "LivingPlan", /, *args: P.args, **kwargs: P.kwargs) -> None:
        with living.lock:
            living.catch_up()
            living.plan.version += 1
            if living.mirror_delay:
                moment = living.clock.now()
                living.engine.at(moment, lambda _: verb(living, *args, **kwargs), None)
            else:
                verb(living, *args, **kwargs)

    return act


class LivingPlan:
    """One plan under one lock: requests read it, tests change it, time moves it."""

    def __init__(self, engine: Engine, clock: Clock, mirror_delay: float = 0.0) -> None:
        self.engine = engine
        self.clock = clock
        self.mirror_delay = mirror_delay
        self.lock = threading.RLock()
        self.rollover = Rollover(engine)

    @property
    def plan(self) -> Plan:
        return self.engine.plan

    @property
    def now(self) -> float:
        """The instant that the answers show: the clock, less the mirroring delay."""
        return self.clock.now() - self.mirror_delay

    def moment(self) -> float:
        """Let the plan come to its now, and tell when that is."""
        self.catch_up()
        return self.now

    def catch_up(self) -> Plan:
        """Let everything happen that is due by now."""
        with self.lock:
            self.engine.advance(self.now)
            return self.plan

    def skip(self, seconds: float) -> None:
        """Let virtual time pass at once."""
        self.clock.skip(seconds)
        self.catch_up()

    # --- finding --------------------------------------------------------------

    def job(self, name: str) -> Job:
        """Find a job by name, key or id."""
        if name in self.plan.job_ids:
            return self.plan.job_ids[name]
        for job in self.plan.jobs:
            if name in (job.name, job.key, f"{job.stream.name}.{job.name}"):
                return job
        msg = f"The plan has no job {name}."
        raise KeyError(msg)

    def stream(self, name: str) -> Stream:
        """Find a stream by name, key or id."""
        for stream in self.plan.streams:
            if name in (stream.name, stream.key, stream.id):
                return stream
        msg = f"The plan has no job stream {name}."
        raise KeyError(msg)

    def workstation(self, name: str) -> Workstation:
        """Find a workstation by name, key or id."""
        for station in self.plan.workstations:
            if name in (station.name, station.key, station.id):
                return station
        msg = f"The plan has no workstation {name}."
        raise KeyError(msg)

    def resource(self, name: str) -> Resource:
        """Find a resource by name, key or id."""
        for resource in self.plan.resources:
            if name in (resource.name, resource.key, resource.id):
                return resource
        msg = f"The plan has no resource {name}."
        raise KeyError(msg)

    def prompt(self, label: str) -> Prompt:
        """Find a prompt by name, text or number."""
        for prompt in self.plan.prompts:
            if label in (prompt.name, prompt.text, str(prompt.number)):
                return prompt
        msg = f"The plan has no prompt {label}."
        raise KeyError(msg)

    # --- changing -------------------------------------------------------------

    @change
    def set_status(
        self, name: str, status: str, *, return_code: int | None = None
    ) -> None:
        """Give a job a status, with what follows from it for others."""
        job = self.job(name)
        if status in ("SUCC", "ABEND", "FAIL", "PEND"):
            self._end(job, status, return_code)
        elif status in ("HOLD", "READY") and job.status in ENDED:
            self.engine.rerun(job)
        else:
            self._force(job, status)

    def _end(self, job: Job, status: str, return_code: int | None) -> None:
        code = return_code if return_code is not None else 8 * (status == "ABEND")
        if job.status == "PEND" and status != "PEND":
            self.engine.settle(job, status)
            return
        if job.status not in ACTIVE:
            self._force(job, "EXEC")
        job.confirm = status == "PEND"
        outcome = "SUCC" if status == "PEND" else status
        self.engine.end(job, Fate(outcome, code, lasting=True), forced=True)

    def _force(self, job: Job, status: str) -> None:
        """Put a job into a status by hand; a running one gets a run."""
        if job.status in ENDED:
            self.engine.rerun(job)
        if status in ACTIVE and job.status not in ACTIVE:
            self.engine.launch(job)
            if status == "EXEC":
                self.engine.begin(job)
            return
        if job.status in ACTIVE:
            job.workstation.running -= 1
            job.stream.active -= 1
        job.queued = False
        self.engine.put(job, status)

    @change
    def rerun(self, name: str) -> None:
        self.engine.rerun(self.job(name))

    @change
    def cancel(self, name: str) -> None:
        self.engine.cancel(self.job(name))

    @change
    def cancel_stream(self, name: str) -> None:
        self.engine.cancel(self.stream(name))

    @change
    def confirm(self, name: str) -> None:
        """Confirm a job as successful."""
        self.engine.settle(self.job(name), "SUCC")

    @change
    def answer(self, label: str, *, yes: bool) -> None:
        """Answer a prompt."""
        prompt = self.prompt(label)
        prompt.status = "ANSWERED_YES" if yes else "ANSWERED_NO"
        for need in prompt.needs if yes else ():
            self.engine.meet(need)
            if isinstance(need.owner, Job):
                self.engine.answered(need.owner)

    @change
    def set_priority(self, name: str, priority: int) -> None:
        """Change the priority of a job or stream; 0 holds it."""
        node = self._node(name)
        node.priority = priority
        self.engine.touch(node)
        self.engine.recheck(node)

    def _node(self, name: str) -> Job | Stream:
        try:
            return self.job(name)
        except KeyError:
            return self.stream(name)

    @change
    def take_down(self, name: str, how: str = "unlinked") -> None:
        """Make a workstation unusable: unlinked, stopped, jobman or offline."""
        station = self.workstation(name)
        station.states.difference_update(DOWN[how])
        self._refresh_pools()

    @change
    def bring_up(self, name: str) -> None:
        station = self.workstation(name)
        station.states.update(("LINKED", "JOBMAN_UP", "ONLINE"))
        self._refresh_pools()
        self.engine.wake(station)

    def _refresh_pools(self) -> None:
        for pool in self.plan.workstations:
            if pool.members and not any(m.usable for m in pool.members):
                pool.states.discard("JOBMAN_UP")
            elif pool.members:
                pool.states.add("JOBMAN_UP")
                self.engine.wake(pool)

    @change
    def set_limit(self, name: str, limit: int) -> None:
        """Change how many jobs a workstation, or else a stream, may run at once."""
        try:
            station = self.workstation(name)
        except KeyError:
            self._limit_stream(self.stream(name), limit)
            return
        station.limit = limit
        self.engine.wake(station)

    def _limit_stream(self, stream: Stream, limit: int) -> None:
        stream.limit = limit
        self.engine.touch(stream)
        parked, stream.parked = stream.parked, []
        for job in parked:
            self.engine.consider(job)

    @change
    def set_fence(self, name: str, fence: int) -> None:
        station = self.workstation(name)
        station.fence = fence
        self.engine.wake(station)

    @change
    def set_quantity(self, name: str, quantity: int) -> None:
        """Change how much there is of a resource."""
        resource = self.resource(name)
        resource.quantity = quantity
        self.engine.wake_waiters(resource)

    @change
    def release(self, name: str) -> None:
        """Release a job or stream from its times and from all that it depends on."""
        node = self._node(name)
        node.limits = None
        node.waiting, node.doomed = 0, False
        for dep in node.deps:
            dep.satisfied = True
        self.engine.touch(node)
        self.engine.recheck(node)

    @change
    def create_file(self, path: str) -> None:
        """Let a file appear."""
        for file in self.plan.files:
            if file.path == path:
                file.exists = True
                for need in file.needs:
                    self.engine.meet(need)

    @change
    def stop(self) -> None:
        """Stop batchman: what runs ends, nothing starts any more."""
        self.plan.stopped = True

    @change
    def start(self) -> None:
        """Start batchman again."""
        self.plan.stopped = False
        for stream in self.plan.streams:
            self.engine.open(stream)
            for job in stream.jobs:
                self.engine.consider(job)
        for station in self.plan.workstations:
            self.engine.wake(station)

    @change
    def submit(
        self, name: str, on: str, *jobs: str, minutes: float = 5.0, after: str = ""
    ) -> None:
        """Submit a stream of jobs, one after the other, as an operator does."""
        draft = plan_draft(self.engine)
        stream = draft.stream(name, self.workstation(on), submitter="operator")
        draft.chain(stream, jobs or (name,), minutes)
        if after:
            draft.follow(stream.jobs[0], self._node(after))
        self.engine.admit(stream)

    @change
    def roll_over(self, *, new_ids: bool = True) -> None:
        """End this plan now and begin the next, as SWITCHPLAN does."""
        self.rollover.now(new_ids=new_ids)

    # --- renewal --------------------------------------------------------------

    def repeat(
        self, first: float, every: float, make: Callable[[float], Stream]
    ) -> None:
        """Add a new instance of a stream at intervals, so that the plan never dries out."""

        def again(_: object) -> None:
            self.engine.admit(make(self.engine.now))
            self._forget_old()
            self.engine.at(self.engine.now + every, again, None)

        self.engine.at(first, again, None)

    def _forget_old(self) -> None:
        old = self.engine.now - KEPT
        for stream in list(self.plan.streams):
            done = not stream.left and 0 < (stream.ended or 0) < old
            if done and not self._is_awaited(stream):
                self.plan.remove_stream(stream)

    def _is_awaited(self, stream: Stream) -> bool:
        nodes: list[Job | Stream] = [stream, *stream.jobs]
        return any(
            not self.engine.is_over(follow.owner)
            for node in nodes
            for follow in node.followers
        )
