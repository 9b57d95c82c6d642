"""What lets a stream open and a job become ready."""

from abc import ABC, abstractmethod

from tws.simulator.judging import count, is_doomed, judge, judge_join
from tws.simulator.model import (
    ENDED,
    WAITING,
    FileNeed,
    Follow,
    Job,
    Join,
    NetworkNeed,
    PromptNeed,
    Resource,
    ResourceNeed,
    Stream,
)
from tws.simulator.timeline import Timeline


class Threshold(Timeline, ABC):
    """Streams that wait to open and jobs that wait to be ready."""

    @abstractmethod
    def enqueue(self, job: Job) -> None:
        """Hand a ready job to its workstation."""

    @abstractmethod
    def settle(self, job: Job, status: str) -> None:
        """Give a job its final status."""

    @abstractmethod
    def complete(self, stream: Stream) -> None:
        """Note that all jobs of a stream have ended."""

    @abstractmethod
    def cancel(self, node: Job | Stream) -> None:
        """Cancel a job or stream."""

    @abstractmethod
    def pass_deadline(self, node: Job | Stream) -> None:
        """Note that a job or stream is late."""

    # --- streams --------------------------------------------------------------

    def admit(self, stream: Stream) -> None:
        """Let a stream and its jobs take part from now on."""
        nodes: list[Job | Stream] = [stream, *stream.jobs]
        for node in nodes:
            count(node)
            self._remind(node)
        self.open(stream)

    def _remind(self, node: Job | Stream) -> None:
        limits = node.limits
        if limits is None:
            return
        for moment in (limits.start, limits.latest):
            if moment is not None and moment > self.now:
                self.at(moment, self.recheck, node)
        if limits.deadline is not None:
            self.at(max(limits.deadline, self.now), self.pass_deadline, node)

    def recheck(self, node: Job | Stream) -> None:
        """Look again whether a node may go on."""
        if isinstance(node, Job):
            self.consider(node)
        else:
            self.open(node)

    def open(self, stream: Stream) -> None:
        """Let a stream's jobs start, if nothing holds the stream itself."""
        if stream.opened or stream.canceled or self.plan.stopped:
            return
        if self._held_back(stream):
            return
        if stream.cancel_pending:
            self.cancel(stream)
        elif stream.doomed:
            for job in stream.jobs:
                self.suppress(job)
        elif self.allocate(stream):
            stream.opened = True
            self.touch(stream)
            for job in stream.jobs:
                self.consider(job)

    # --- jobs -----------------------------------------------------------------

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
            self.enqueue(job)

    def suppress(self, job: Job) -> None:
        """A condition of its predecessors can no longer be met."""
        if job.status in WAITING:
            self.settle(job, "SUPPR")

    def _held_back(self, node: Job | Stream) -> bool:
        """Whether a time, a priority of zero or an unmet dependency holds a node."""
        if self._too_late(node) or node.earliest > self.now:
            return True
        if node.waiting and node.priority:
            self._ask(node)
        return bool(node.waiting) or not node.priority

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
        if isinstance(node, Job) and not node.stream.opened:
            return
        prompts = [
            dep.prompt
            for dep in node.deps
            if isinstance(dep, PromptNeed) and not dep.satisfied
        ]
        if len(prompts) == node.waiting:
            for prompt in prompts:
                if prompt.status == "NOT_ASKED":
                    prompt.status = "ASKED"

    # --- dependencies ---------------------------------------------------------

    def tell(self, node: Job | Stream) -> None:
        """Let everyone who follows a node look at it."""
        for follow in list(node.followers):
            self._rejudge(follow)

    def _rejudge(self, follow: Follow) -> None:
        dep = follow.join or follow
        before = dep.doomed
        if not judge(follow) or (isinstance(dep, Join) and not judge_join(dep)):
            return
        owner = follow.owner
        if not before:
            owner.waiting -= 1
        elif not dep.satisfied:
            owner.waiting += 1
        owner.doomed = is_doomed(owner)
        self.touch(owner)
        self.recheck(owner)

    def meet(self, need: FileNeed | PromptNeed | NetworkNeed) -> None:
        """A file appeared, a prompt was answered with yes, another network is done."""
        if not need.satisfied:
            need.satisfied = True
            need.owner.waiting -= 1
            self.touch(need.owner)
            self.recheck(need.owner)

    # --- resources ------------------------------------------------------------

    def allocate(self, node: Job | Stream) -> bool:
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

    def give_back(self, node: Job | Stream) -> None:
        """Return a node's resources, and wake who waits for them."""
        for need in node.deps:
            if isinstance(need, ResourceNeed) and need.held:
                need.held = 0
                need.resource.held.pop(node, None)
                self.wake_waiters(need.resource)

    def wake_waiters(self, resource: Resource) -> None:
        """Let whoever waits for a resource try again."""
        waiters, resource.waiters = resource.waiters, []
        for waiter in waiters:
            self.recheck(waiter)

    # --- bookkeeping ----------------------------------------------------------

    def put(self, job: Job, status: str) -> None:
        """Write a job's status down."""
        job.status = status
        if job.run is not None and status not in (*WAITING, "CANCL"):
            job.run.status = status
        self.touch(job)
        self.touch(job.stream)

    def touch(self, node: Job | Stream) -> None:
        """Note that a node changed: what was encoded of it is void."""
        node.fragment = None
        self.plan.version += 1

    def is_over(self, node: Job | Stream) -> bool:
        if node.canceled:
            return True
        return node.status in ENDED if isinstance(node, Job) else not node.left
