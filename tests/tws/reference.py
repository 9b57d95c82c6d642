"""A slow and obvious reference for the smallest set of roots: try every set.

It knows nothing of walks, components or alternatives. It plays: these causes are cured,
everything that may go on goes on, does the target come free? The answer is the smallest
set of causes for which it does.
"""

from collections.abc import Iterator
from itertools import combinations

from tests.tws.plans import NOW
from tws.payloads import ResourceHolder
from tws.plan import (
    FileNeed,
    Follows,
    JobNode,
    Join,
    Plan,
    PromptNeed,
    RemoteNeed,
    ResourceNeed,
    StreamNode,
)

Cause = tuple[str, str]

ENDED = {"ABEND": "job_failed", "PEND": "confirmation_pending", "EXEC": "job_running"}


class Play:
    """One plan with some causes cured and some edges released."""

    def __init__(
        self,
        plan: Plan,
        cured: frozenset[Cause],
        released: frozenset[frozenset[str]] = frozenset(),
    ) -> None:
        self.plan = plan
        self.cured = cured
        self.released = released
        self.done: set[str] = set()

    def frees(self, target: str) -> bool:
        while True:
            before = len(self.done)
            for item in (*self.plan.jobs, *self.plan.streams):
                if self.ends(item):
                    self.done.add(item)
            if len(self.done) == before:
                return target in self.done

    def ends(self, item: str) -> bool:
        if item in self.plan.jobs:
            return self.job_ends(self.plan.jobs[item])
        return self.stream_ends(self.plan.streams[item])

    def job_ends(self, job: JobNode) -> bool:
        if job.status == "SUCC" or job.canceled:
            return True
        if job.status in ENDED:
            return (ENDED[job.status], job.key) in self.cured
        if job.stream in self.plan.streams:
            stream = self.plan.streams[job.stream]
            if not stream.canceled and not self.starts(stream):
                return False
        return self.starts(job)

    def stream_ends(self, stream: StreamNode) -> bool:
        if stream.status == "SUCC" or stream.canceled:
            return True
        jobs = [job for job in self.plan.jobs.values() if job.stream == stream.id]
        if all(job.status == "SUCC" or job.canceled for job in jobs):
            return self.starts(stream)
        return all(job.id in self.done for job in jobs)

    def starts(self, item: JobNode | StreamNode) -> bool:
        return all(cause in self.cured for cause in own_causes(item)) and all(
            self.met(item, need) for need in item.needs
        )

    def met(self, item, need) -> bool:
        if need.satisfied:
            return True
        if isinstance(need, Follows):
            return self.follows_met(item, need)
        if isinstance(need, Join):
            met = sum(self.met(item, member) for member in need.members)
            return met >= need.needed
        if isinstance(need, ResourceNeed):
            return self.units_come(item, need)
        return True  # prompts, files and the like are causes of their own

    def follows_met(self, item, need) -> bool:
        if need.zombie:
            return ("orphan_dependency", need.label) in self.cured
        edge = {item.id, need.target}
        if any(edge <= members for members in self.released):
            return True
        return need.target in self.done

    def units_come(self, item, need: ResourceNeed) -> bool:
        resource = self.plan.resources[need.key]
        short = need.quantity - resource.available
        if short <= 0:
            return True
        others = [one for one in resource.holders if one.job_id != item.id]
        stuck = [one for one in others if self.is_stuck(one)]
        busy = ("resource_busy", need.key) in self.cured
        freed = sum(one.quantity for one in stuck if one.job_id in self.done)
        whole = sum(one.quantity for one in others)
        if busy:
            freed += sum(one.quantity for one in others if one not in stuck)
        return freed >= short or (
            whole < short and busy and all(one.job_id in self.done for one in stuck)
        )

    def is_stuck(self, holder: ResourceHolder) -> bool:
        job = self.plan.jobs[holder.job_id]
        if job.status != "EXEC":
            return job.status != "SUCC"
        elapsed = (NOW - job.started).total_seconds()
        return elapsed > 1.5 * job.estimated and elapsed - job.estimated > 120


def own_causes(item: JobNode | StreamNode) -> Iterator[Cause]:
    """What holds just this one."""
    if item.status == "SUCC":
        return
    if item.priority == 0:
        yield "priority_zero", item.key
    if item.times.start and item.times.start > NOW:
        yield "time_not_reached", item.key
    if item.times.latest_start and item.times.latest_start <= NOW:
        yield "latest_start_passed", item.key
    for need in item.needs:
        if need.satisfied:
            continue
        if isinstance(need, PromptNeed):
            yield "prompt_open", need.object
        elif isinstance(need, FileNeed):
            yield "file_missing", need.name
        elif isinstance(need, RemoteNeed):
            yield "internetwork", need.label


def all_causes(plan: Plan) -> set[Cause]:
    found: set[Cause] = set()
    for job in plan.jobs.values():
        if job.status in ENDED and not job.canceled:
            found.add((ENDED[job.status], job.key))
    for item in (*plan.jobs.values(), *plan.streams.values()):
        found.update(own_causes(item))
        for need in item.needs:
            members = need.members if isinstance(need, Join) else (need,)
            for one in members:
                if isinstance(one, Follows) and one.zombie:
                    found.add(("orphan_dependency", one.label))
                if isinstance(one, ResourceNeed):
                    found.add(("resource_busy", one.key))
    return found


def smaller_set_frees(plan: Plan, target: str, size: int) -> frozenset[Cause] | None:
    """A set with fewer causes than ``size`` that frees the target, if there is one."""
    causes = sorted(all_causes(plan))
    for count in range(size):
        for chosen in combinations(causes, count):
            if Play(plan, frozenset(chosen)).frees(target):
                return frozenset(chosen)
    return None
