"""From what TWS tells to what the graph keeps."""

from collections.abc import Iterable
from datetime import datetime
from sys import intern

from tws.payloads import (
    Dependency,
    Job,
    JobRun,
    JobStream,
    object_key,
    rooted,
)
from tws.plan.nodes import (
    FileNeed,
    Follows,
    JobNode,
    Join,
    Need,
    PromptNeed,
    RemoteNeed,
    ResourceNeed,
    Run,
    StreamNode,
)


def job_node(job: Job, read_at: datetime, *, whole: bool) -> JobNode:
    """Names and ids are interned: the same text occurs in every dependency on it.

    ``whole`` says that it was read by its id or as a neighbour, not in a list.
    """
    run = job.last_run
    needs = tuple(_needs(job.dependencies))
    key = intern(object_key(job))
    return JobNode(
        id=intern(job.id),
        name=intern(job.name),
        key=key,
        stream=intern(job.stream_id),
        stream_name=intern(job.stream_name),
        folder=intern(job.folder),
        workstation=intern(rooted(job.workstation)),
        runs_on=intern(rooted(run.workstation)) if run and run.workstation else "",
        position=job.position or 0,
        status=intern(job.status),
        substatus=intern(job.substatus),
        common_status=intern(job.common_status),
        canceled=job.canceled or job.stream_canceled,
        cancel_pending=job.cancel_pending,
        priority=job.priority,
        original_priority=job.original_priority,
        scheduled=job.scheduled,
        times=job.restrictions,
        needs=needs,
        whole=whole,
        need_count=max(job.dependency_count, len(needs)),
        predecessor_count=job.predecessor_count,
        unresolved=job.unresolved,
        run=run.id if run else "",
        return_code=job.return_code,
        job_number=job.job_number,
        submitted=run.submitted if run else None,
        started=job.started,
        ended=job.ended,
        estimated=_estimate(job, run),
        earlier=tuple(_run(item) for item in job.runs[:-1]),
        late=job.late,
        until_gone=job.until_gone,
        need_message=job.need_message,
        max_duration_gone=run.max_duration_gone if run else False,
        critical=job.critical,
        requires_confirmation=job.requires_confirmation,
        no_operation=job.no_operation,
        every=job.every,
        recovery=intern(job.recovery_option),
        recovery_prompt=job.recovery_prompt or job.recovery_prompt_text,
        read_at=read_at,
        unusable=tuple(job.unusable),
    )


def stream_node(stream: JobStream, read_at: datetime, *, whole: bool) -> StreamNode:
    """As ``job_node``."""
    needs = tuple(_needs(stream.dependencies))
    return StreamNode(
        id=intern(stream.id),
        name=intern(stream.name),
        key=intern(object_key(stream)),
        folder=intern(stream.folder),
        workstation=intern(rooted(stream.workstation)),
        status=intern(stream.status),
        substatus=intern(stream.substatus),
        common_status=intern(stream.common_status),
        canceled=stream.canceled,
        cancel_pending=stream.cancel_pending,
        priority=stream.priority,
        original_priority=stream.original_priority,
        limit=stream.limit,
        scheduled=stream.scheduled,
        times=stream.restrictions,
        needs=needs,
        whole=whole,
        need_count=max(stream.dependency_count, len(needs)),
        predecessor_count=stream.predecessor_count,
        unresolved=stream.unresolved,
        job_count=stream.stats.jobs,
        started=stream.started,
        ended=stream.ended,
        estimated=stream.estimated_seconds,
        late=stream.late,
        carried_forward=stream.carried_forward,
        read_at=read_at,
        unusable=tuple(stream.unusable),
    )


def resource_key(name: str, *, workstation: str, folder: str) -> str:
    """``/WS#/FOLDER/NAME``: the same for a resource and for what needs it."""
    where = "/".join(("", *filter(None, folder.split("/")), ""))
    return intern(f"{rooted(workstation)}#{where}{name}")


def _estimate(job: Job, run: JobRun | None) -> float | None:
    seconds = run.estimated_seconds if run else None
    seconds = job.estimated_seconds if seconds is None else seconds
    return seconds if seconds is not None and seconds >= 0 else None


def _run(run: JobRun) -> Run:
    return Run(
        id=run.id,
        status=intern(run.status),
        return_code=run.return_code,
        rerun_type=intern(run.rerun_type),
        job_number=run.job_number,
        started=run.started,
        ended=run.ended,
    )


def _needs(dependencies: Iterable[Dependency]) -> Iterable[Need]:
    for dependency in dependencies:
        match dependency.type:
            case "JOIN":
                yield _join(dependency)
            case "PROMPT":
                yield _prompt(dependency)
            case "FILE":
                yield _file(dependency)
            case "RESOURCE":
                yield _resource(dependency)
            case "INTERNETWORK":
                yield _remote(dependency)
            case _:
                yield _follows(dependency)


def _follows(given: Dependency) -> Follows:
    to_stream = given.type == "EXTERNAL_JOBSTREAM"
    target = given.stream_id if to_stream else given.job_id
    return Follows(
        target=intern(target),
        label=intern(_label(given)),
        scheduled=None if target else given.stream_scheduled,
        to_stream=to_stream,
        satisfied=_satisfied(given),
        status=intern(given.status),
        predecessor_status=intern(given.predecessor_status),
        pending=given.pending,
        zombie=given.zombie,
        conditional=given.conditional,
        conditions=(*given.status_conditions, *given.output_conditions),
    )


def _label(given: Dependency) -> str:
    name = f".{given.job_name}" if given.job_name else ""
    if not given.stream_name:
        return given.job_name or given.job_id or given.stream_id or given.id
    if not given.stream_workstation:
        return f"{given.stream_name}{name}"
    where = "/".join(("", *filter(None, given.stream_folder.split("/")), ""))
    return f"{rooted(given.stream_workstation)}#{where}{given.stream_name}{name}"


def _join(given: Dependency) -> Join:
    members = tuple(_follows(member) for member in given.members)
    needed = given.join_quantity
    if given.join_criteria == "ALL" or needed is None:
        needed = len(members)
    return Join(
        name=given.join_name,
        needed=needed,
        members=members,
        satisfied=_satisfied(given),
    )


def _prompt(given: Dependency) -> PromptNeed:
    return PromptNeed(
        name=given.prompt,
        text=given.prompt_text,
        number=given.prompt_number,
        status=intern(given.prompt_status),
        type=intern(given.prompt_type),
        satisfied=_satisfied(given),
    )


def _file(given: Dependency) -> FileNeed:
    return FileNeed(
        name=given.file or given.id,
        workstation=rooted(given.workstation) if given.workstation else "",
        qualifier=given.file_qualifier,
        status=intern(given.file_status),
        last_checked=given.file_last_checked,
        satisfied=_satisfied(given),
    )


def _resource(given: Dependency) -> ResourceNeed:
    return ResourceNeed(
        key=resource_key(
            given.resource, workstation=given.workstation, folder=given.folder
        ),
        name=intern(given.resource),
        quantity=1 if given.quantity is None else given.quantity,
        held=given.quantity_held or 0,
        available=given.available,
        total=given.total_quantity,
        satisfied=_satisfied(given),
    )


def _remote(given: Dependency) -> RemoteNeed:
    return RemoteNeed(
        label=given.network_dependency or _label(given),
        agent=given.network_agent,
        remote_status=given.predecessor_status,
        status=intern(given.status),
        satisfied=_satisfied(given),
    )


def _satisfied(given: Dependency) -> bool:
    return given.satisfied or given.status == "SATISFIED"
