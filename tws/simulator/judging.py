"""When a dependency is met, and when it never can be; pure."""

from tws.simulator.model import (
    ENDED,
    FAILED,
    Follow,
    Job,
    Join,
    ResourceNeed,
    Stream,
)


def releases(node: Job | Stream, follow: Follow) -> bool | None:
    """Tell whether a predecessor frees its follower: yes, never, or not yet (None)."""
    if node.canceled:
        return True
    if isinstance(node, Stream):
        return _stream_releases(node)
    return _condition(node, follow) if follow.conditional else _job_releases(node)


def _stream_releases(stream: Stream) -> bool | None:
    if stream.left or not stream.jobs:
        return None
    return None if any(blocks_stream(job) for job in stream.jobs) else True


def _job_releases(job: Job) -> bool | None:
    if job.status == "SUPPR":
        return False
    if job.status in FAILED:
        return None if blocks_stream(job) else True
    return True if job.status in ENDED else None


def _condition(job: Job, follow: Follow) -> bool | None:
    if job.status in follow.statuses:
        return True
    if job.status not in ENDED:
        return None
    run = job.run
    return run is not None and any(name in run.fate.outputs for name in follow.outputs)


def blocks_stream(job: Job) -> bool:
    """A failed job keeps its stream from success, unless it may be passed over."""
    return job.status in FAILED and not job.passed_over


def judge(follow: Follow) -> bool:
    """Read a follows dependency anew; tell whether it changed."""
    if follow.on is None or follow.satisfied or follow.pending or follow.zombie:
        return False
    before = follow.doomed
    verdict = releases(follow.on, follow)
    follow.satisfied, follow.doomed = verdict is True, verdict is False
    return follow.satisfied or follow.doomed != before


def judge_join(join: Join) -> bool:
    """Read a join anew from its members; tell whether it changed."""
    if join.satisfied:
        return False
    before = join.doomed
    met = sum(member.satisfied for member in join.members)
    lost = sum(member.doomed for member in join.members)
    join.satisfied = met >= join.needed
    join.doomed = not join.satisfied and len(join.members) - lost < join.needed
    return join.satisfied or join.doomed != before


def count(node: Job | Stream) -> None:
    """Judge all dependencies of a node, and count what it waits for."""
    node.waiting = 0
    for dep in node.deps:
        if isinstance(dep, Follow):
            judge(dep)
        elif isinstance(dep, Join):
            for member in dep.members:
                judge(member)
            judge_join(dep)
        if not isinstance(dep, ResourceNeed):
            node.waiting += not dep.satisfied and not getattr(dep, "doomed", False)
    node.doomed = is_doomed(node)


def is_doomed(node: Job | Stream) -> bool:
    """Whether a condition of its predecessors can no longer be met."""
    return any(getattr(dep, "doomed", False) for dep in node.deps)
