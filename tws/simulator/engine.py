"""What batchman does: opens streams, launches jobs, ends them, frees what waited."""

import heapq
import random
from collections.abc import Callable
from typing import Any

from tws.simulator.model import (
    ACTIVE,
    ENDED,
    FAILED,
    WAITING,
    Definition,
    Fate,
    FileNeed,
    Follow,
    Job,
    Join,
    Plan,
    Prompt,
    PromptNeed,
    ResourceNeed,
    Run,
    Stream,
    Workstation,
)

GO = 100  # priorities hi (100) and go (101) pass limit 0
LOOK = (1.0, 5.0)  # how long batchman takes to see a change ("bm look")
INTRO = (1.0, 3.0)
SUCCEEDS = Fate()
FRUITFUL = frozenset({"SUCC", "CANCL"})


def releases(node: Job | Stream, follow: Follow) -> bool | None:
    """Tell whether a predecessor frees its follower: yes, never, or not yet (None)."""
    if node.canceled:
        return True
    if isinstance(node, Stream):
        return _stream_releases(node)
    if node.status not in ENDED and not follow.conditional:
        return None
    if follow.conditional:
        return _condition(node, follow)
    if node.status == "SUPPR":
        return False
    if node.status in FAILED:
        return True if node.definition.recovery == "CONTINUE" else None
    return node.status in FRUITFUL


def _stream_releases(stream: Stream) -> bool | None:
    if stream.left or not stream.jobs:
        return None
    return True if not any(blocks_stream(job) for job in stream.jobs) else None


def _condition(job: Job, follow: Follow) -> bool | None:
    if job.status in follow.statuses:
        return True
    if job.status not in ENDED:
        return None
    run = job.run
    return run is not None and any(name in run.fate.outputs for name in follow.outputs)


def blocks_stream(job: Job) -> bool:
    """A failed job keeps its stream from success, unless it may be passed over."""
    return job.status in FAILED and job.definition.recovery != "CONTINUE"


class Engine:
    """Lets a plan live, one event after the other; all chance comes from the seed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = plan.start
        self.chance = random.Random(plan.seed)  # noqa: S311
        self.heals_after = 0.0
        self.failure_rate = 0.0
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._tick = 0
        self._job_number = 1000 + plan.seed % 1000
        self._serial = 0

    # --- time -----------------------------------------------------------------

    def at(self, when: float, what: Callable[[Any], None], subject: object) -> None:
        self._tick += 1
        heapq.heappush(self._events, (when, self._tick, what, subject))

    def advance(self, to: float) -> None:
        """Let everything happen that is due until then."""
        events = self._events
        while events and events[0][0] <= to:
            when, _, what, subject = heapq.heappop(events)
            self.now = max(self.now, when)
            what(subject)
        self.now = max(self.now, to)

    def admit(self, stream: Stream) -> None:
        """Let a stream and its jobs take part from now on."""
        for node in (stream, *stream.jobs):
            self._count(node)
            self._remind(node)
        self.open(stream)

    def _count(self, node: Job | Stream) -> None:
        waiting = 0
        for dep in node.deps:
            if isinstance(dep, Follow):
                self._judge(dep)
            elif isinstance(dep, Join):
                for member in dep.members:
                    self._judge(member)
                self._judge_join(dep)
            if not isinstance(dep, ResourceNeed):
                waiting += not dep.satisfied and not getattr(dep, "doomed", False)
        node.waiting = waiting
        node.doomed = any(getattr(dep, "doomed", False) for dep in node.deps)

    def _remind(self, node: Job | Stream) -> None:
        limits = node.limits
        if limits is None:
            return
        again = self.consider if isinstance(node, Job) else self.open
        for moment in (limits.start, limits.latest):
            if moment is not None and moment > self.now:
                self.at(moment, again, node)
        if limits.deadline is not None:
            self.at(max(limits.deadline, self.now), self._pass_deadline, node)

    def _pass_deadline(self, node: Job | Stream) -> None:
        if not self.plan.checks_deadlines or self.is_over(node):
            return
        node.late = True
        self.touch(node)
        kills = node.limits is not None and node.limits.on_deadline == "kill"
        if kills and isinstance(node, Job) and node.status == "EXEC":
            self.end(node, Fate("ABEND", 143))

    # --- streams --------------------------------------------------------------

    def open(self, stream: Stream) -> None:
        """Let a stream's jobs start, if nothing holds the stream itself."""
        if stream.opened or stream.canceled or self.plan.stopped:
            return
        if self._held_back(stream):
            return
        if stream.cancel_pending:
            self.cancel(stream)
            return
        if stream.doomed:
            for job in stream.jobs:
                self.suppress(job)
            return
        if not self._allocate(stream):
            return
        stream.opened = True
        self.touch(stream)
        for job in stream.jobs:
            self.consider(job)

    def is_over(self, node: Job | Stream) -> bool:
        if node.canceled:
            return True
        return node.status in ENDED if isinstance(node, Job) else not node.left

    # --- jobs waiting ---------------------------------------------------------

    def consider(self, job: Job) -> None:
        """Make a waiting job ready, if nothing holds it."""
        if job.status not in WAITING or job.queued or self.plan.stopped:
            return
        if self._held_back(job) or not job.stream.opened:
            return
        if job.cancel_pending:
            self.cancel(job)
        elif job.doomed or job.workstation.ignore:
            self.suppress(job)
        elif job.noop:
            self.settle(job, "SUCC")
        else:
            self.put(job, "READY")
            self._enqueue(job)

    def _held_back(self, node: Job | Stream) -> bool:
        """Whether a time, a priority of zero or an unmet dependency holds a node."""
        if node.limits is not None and (self._too_late(node) or self._too_early(node)):
            return True
        if node.waiting and node.priority:
            self._ask(node)
        return bool(node.waiting) or not node.priority

    def _too_early(self, node: Job | Stream) -> bool:
        limits = node.limits
        return limits is not None and (limits.start or 0) > self.now

    def _too_late(self, node: Job | Stream) -> bool:
        limits = node.limits
        if limits is None or limits.latest is None or limits.latest > self.now:
            return False
        if isinstance(node, Job):
            node.until_gone = True
        self.touch(node)
        if limits.late_start == "cancel":
            self.cancel(node)
        return limits.late_start != "continue"

    def _ask(self, node: Job | Stream) -> None:
        """Ask the prompts once they are all that is left to wait for."""
        prompts = [
            dep.prompt
            for dep in node.deps
            if isinstance(dep, PromptNeed) and not dep.satisfied
        ]
        if len(prompts) != node.waiting:
            return
        for prompt in prompts:
            if prompt.status == "NOT_ASKED":
                prompt.status = "ASKED"

    def _enqueue(self, job: Job) -> None:
        self._tick += 1
        job.queued = True
        station = job.workstation
        order = (-job.stream.priority, -job.priority, self._tick, job)
        heapq.heappush(station.queue, order)
        self.wake(station)

    def wake(self, station: Workstation) -> None:
        """Look at a workstation's queue shortly."""
        if station.due < self.now and station.queue:
            station.due = self.now + self.chance.uniform(*LOOK)
            self.at(station.due, self._dispatch, station)

    # --- launching ------------------------------------------------------------

    def _dispatch(self, station: Workstation) -> None:
        station.due = -1.0
        fenced = []
        while station.queue and station.usable and not self.plan.stopped:
            entry = heapq.heappop(station.queue)
            job = entry[3]
            if not job.queued or job.status not in WAITING:
                continue
            if job.priority <= station.fence:
                self.put(job, "FENCE")
                fenced.append(entry)
            elif station.running >= station.limit and job.priority < GO:
                fenced.append(entry)
                break
            else:
                self._start_or_park(job)
        for entry in fenced:
            heapq.heappush(station.queue, entry)

    def _start_or_park(self, job: Job) -> None:
        stream = job.stream
        if 0 <= stream.limit <= stream.active:
            stream.parked.append(job)
            job.queued = False
        elif self._allocate(job):
            self.launch(job)
        else:
            job.queued = False
        self.touch(job)

    def _allocate(self, node: Job | Stream) -> bool:
        """Take all the resources that a node needs, or none and wait."""
        needs = [
            dep
            for dep in node.deps
            if isinstance(dep, ResourceNeed) and not dep.satisfied
        ]
        for need in needs:
            if need.resource.available < need.quantity:
                if node not in need.resource.waiters:
                    need.resource.waiters.append(node)
                return False
        for need in needs:
            held = need.resource.held
            held[node] = held.get(node, 0) + need.quantity
            need.held, need.satisfied = need.quantity, True
        return True

    def _give_back(self, node: Job | Stream) -> None:
        for need in node.deps:
            if isinstance(need, ResourceNeed) and need.held:
                need.held = 0
                need.resource.held.pop(node, None)
                waiters, need.resource.waiters = need.resource.waiters, []
                for waiter in waiters:
                    again = self.consider if isinstance(waiter, Job) else self.open
                    again(waiter)

    def launch(self, job: Job) -> None:
        station, stream = job.workstation, job.stream
        job.queued = False
        attempt = len(job.runs)
        self._job_number += 1
        target = station
        if station.members:
            target = next(m for m in station.members if m.usable)
        run = Run(
            id=self.plan.run_id(job, attempt),
            number=self._job_number,
            attempt=attempt,
            submitted=self.now,
            workstation=target.key,
            fate=self._fate(job, attempt),
            kind=job.rerun or "REGULAR",
        )
        job.runs.append(run)
        station.running += 1
        stream.active += 1
        if stream.started is None:
            stream.started = self.now
        self.put(job, "INTRO")
        self.touch(stream)
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
        run = job.run
        if job.status != "INTRO" or run is None:
            return
        run.start = self.now
        self.put(job, "EXEC")
        if run.fate.outcome == "FAIL":
            self.end(job, run.fate)
            return
        for follow in job.followers:
            if follow.conditional:
                self._rejudge(follow)
        if run.fate.ends:
            self.at(self.now + job.estimate * run.fate.factor, self._expire, (job, run))
        self._guard_duration(job, run)

    def _guard_duration(self, job: Job, run: Run) -> None:
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

    # --- ending ---------------------------------------------------------------

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
        self._give_back(job)
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
        for follow in list(job.followers):
            self._rejudge(follow)
        if not job.stream.left:
            self._complete(job.stream)

    def _complete(self, stream: Stream) -> None:
        stream.ended = self.now
        self.touch(stream)
        if any(blocks_stream(job) for job in stream.jobs):
            return
        self._give_back(stream)
        for follow in list(stream.followers):
            self._rejudge(follow)

    def _recover(self, job: Job) -> None:
        definition, attempt = job.definition, len(job.runs)
        if definition.recovery.endswith("_PROMPT"):
            self._ask_recovery(job, definition)
        elif definition.recovery == "RERUN" and attempt < 2:
            self.at(self.now + 60.0, self.rerun, job)
        elif self.heals_after and not (job.run and job.run.fate.lasting):
            self.at(self.now + self.heals_after, self._heal, job)

    def _ask_recovery(self, job: Job, definition: Definition) -> None:
        job.need_message = True
        self._serial += 1
        prompt = Prompt(
            text=definition.recovery_prompt,
            name=definition.recovery_prompt_name,
            number=self._serial,
            id=self.plan.run_id(job, -self._serial),
            status="ASKED",
            type="Restart Prompt",
        )
        need = PromptNeed(job, prompt)
        prompt.needs.append(need)
        job.deps = [*job.deps, need]
        job.waiting += 1
        self.plan.prompts.append(prompt)

    def _heal(self, job: Job) -> None:
        job.healed = True
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
        if job.healed:
            job.fates = (*job.fates[: len(job.runs)], SUCCEEDS)
        self.put(job, "HOLD")
        self.touch(job.stream)
        self.consider(job)

    def cancel(self, node: Job | Stream) -> None:
        """Cancel a job or stream; what waits for it is free at once."""
        node.canceled, node.cancel_pending = True, False
        if isinstance(node, Job):
            node.queued = False
            if node.status not in ACTIVE:
                self.settle(node, "CANCL")
            for follow in list(node.followers):
                self._rejudge(follow)
            return
        for job in node.jobs:
            if job.status in WAITING:
                self.cancel(job)
        self.touch(node)
        for follow in list(node.followers):
            self._rejudge(follow)

    def suppress(self, job: Job) -> None:
        """A condition of its predecessors can no longer be met."""
        if job.status in WAITING:
            self.settle(job, "SUPPR")

    # --- dependencies ---------------------------------------------------------

    def _judge(self, follow: Follow) -> bool:
        """Read a follows dependency anew; tell whether it changed."""
        if follow.on is None or follow.satisfied or follow.pending or follow.zombie:
            return False
        before = follow.doomed
        verdict = releases(follow.on, follow)
        follow.satisfied, follow.doomed = verdict is True, verdict is False
        return follow.satisfied or follow.doomed != before

    def _judge_join(self, join: Join) -> bool:
        if join.satisfied:
            return False
        before = join.doomed
        met = sum(member.satisfied for member in join.members)
        lost = sum(member.doomed for member in join.members)
        join.satisfied = met >= join.needed
        join.doomed = not join.satisfied and len(join.members) - lost < join.needed
        return join.satisfied or join.doomed != before

    def _rejudge(self, follow: Follow) -> None:
        before = follow.doomed
        if not self._judge(follow):
            return
        owner, dep = follow.owner, follow.join or follow
        if isinstance(dep, Join):
            before = dep.doomed
            if not self._judge_join(dep):
                return
        if not before:
            owner.waiting -= 1
        elif not dep.satisfied:
            owner.waiting += 1
        owner.doomed = any(getattr(d, "doomed", False) for d in owner.deps)
        self.satisfied(owner)

    def satisfied(self, owner: Job | Stream) -> None:
        """Go on with a node after one of its dependencies was met."""
        self.touch(owner)
        again = self.consider if isinstance(owner, Job) else self.open
        again(owner)

    def meet(self, need: FileNeed | PromptNeed) -> None:
        """A file appeared, or a prompt was answered with yes."""
        if not need.satisfied:
            need.satisfied = True
            need.owner.waiting -= 1
            self.satisfied(need.owner)

    # --- bookkeeping ----------------------------------------------------------

    def put(self, job: Job, status: str) -> None:
        job.status = status
        if job.run is not None and status not in ("HOLD", "READY", "FENCE", "CANCL"):
            job.run.status = status
        self.touch(job)
        self.touch(job.stream)

    def touch(self, node: Job | Stream) -> None:
        node.fragment = None
        self.plan.version += 1
