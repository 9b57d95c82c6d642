"""When a whole job stream is done: its jobs, and what its own status says."""

from tws.diagnosis import running, suppression, waiting
from tws.diagnosis.findings import Evidence, Root
from tws.diagnosis.scope import Assessment, Edge, Ref, Scope
from tws.diagnosis.states import FINISHED, State, state_of
from tws.plan import JobNode, StreamNode

OVER = FINISHED | {State.SUPPRESSED}


def completion(stream: StreamNode, scope: Scope) -> Assessment:
    state = state_of(stream)
    if state in FINISHED:
        return Assessment()
    if state is State.CANCELING:
        return waiting.canceling(stream, scope)
    if state is State.SUPPRESSED:
        return suppression.hold(stream, scope)
    jobs = [job for job in scope.jobs_of(stream.id) if state_of(job) not in OVER]
    if state is not State.FAILED:
        jobs = [job for job in jobs if not _forgiven(job)] or jobs
    if jobs:
        edges = [Edge(Ref("job", job.id), "job") for job in jobs]
        return Assessment(edges=edges)
    return _by_status(stream, state, scope)


def _forgiven(job: JobNode) -> bool:
    """It failed, and its definition says to go on regardless."""
    return state_of(job) is State.FAILED and job.recovery == "CONTINUE"


def _by_status(stream: StreamNode, state: State, scope: Scope) -> Assessment:
    """No job of it is left that could explain it."""
    start = waiting.stream_start(stream.id, scope)
    if not start.is_free():
        return Assessment(edges=[Edge(Ref("start", stream.id), "job stream")])
    evidence = (
        scope.seen(stream, "status", stream.status),
        scope.seen(stream, "numberOfJob", stream.job_count),
    )
    match state:
        case State.WAITING:
            root = Root(
                "waiting_turn",
                stream.key,
                f"Nothing holds it ({stream.status}): the engine starts it by itself.",
                "Nothing: it starts within moments.",
                evidence,
                stream.id,
                self_curing=True,
            )
        case State.RUNNING:
            root = Root(
                "job_running",
                stream.key,
                "It runs, and none of its jobs is left waiting.",
                "Nothing: wait until it ends.",
                evidence,
                stream.id,
                self_curing=True,
            )
        case State.FAILED:
            root = Root(
                "job_failed",
                stream.key,
                f"It ended in {stream.status}; the plan shows no job that explains it.",
                f"Look at its jobs: conman sj {stream.key}.@.",
                evidence,
                stream.id,
            )
        case _:
            root = waiting.strange(stream, scope)
    return Assessment(roots=[root])


def summary(stream: StreamNode, scope: Scope) -> str:
    """As in: it is EXEC: 3 of 6 jobs are done."""
    jobs = scope.jobs_of(stream.id)
    done = sum(state_of(job) is State.DONE for job in jobs)
    active = _active(jobs)
    text = f"It is {stream.status}: {done} of {len(jobs)} jobs are done"
    if active:
        text += f"; {active[0].name}: {running.story(active[0], scope.now)}"
        return text
    return f"{text}."


def summary_evidence(stream: StreamNode, scope: Scope) -> tuple[Evidence, ...]:
    """What the summary rests on."""
    jobs = scope.jobs_of(stream.id)
    return (
        scope.seen(stream, "status", stream.status),
        scope.seen(stream, "numberOfJob", len(jobs)),
        *(found for job in _active(jobs)[:1] for found in running.evidence(job, scope)),
    )


def _active(jobs: list[JobNode]) -> list[JobNode]:
    return [job for job in jobs if state_of(job) is State.RUNNING]
