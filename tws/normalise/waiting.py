"""What jobs and job streams wait for: times and dependencies."""

from tws import payloads, statuses, wire
from tws.normalise.values import (
    Problems,
    each,
    folder_path,
    moment,
    shared,
    span,
    texts,
    word,
    words,
    workstation_name,
)

NO_COMPOSITE = wire.CompositeStatus()
NO_FILE = wire.File()


def restrictions(
    raw: wire.TimeRestrictions | None, problems: Problems
) -> payloads.TimeRestrictions:
    if raw is None:
        return payloads.NO_RESTRICTIONS
    return payloads.TimeRestrictions(
        time_dependent=raw.time_dependent or False,
        start=moment(raw.start_time, "timeRestrictions.startTime", problems),
        start_satisfied=raw.start_time_satisfied,
        deadline=moment(raw.deadline_time, "timeRestrictions.deadlineTime", problems),
        deadline_satisfied=raw.deadline_satisfied,
        late_action=raw.late_action or "",
        latest_start=moment(
            raw.latest_start_time, "timeRestrictions.latestStartTime", problems
        ),
        latest_start_satisfied=raw.latest_start_satisfied,
        late_start_action=raw.late_start_action or "",
        per_job_latest_start=raw.per_job_latest_start or False,
        max_duration_seconds=span(
            raw.max_duration, "timeRestrictions.maxDuration", problems
        ),
        max_duration_satisfied=raw.max_duration_satisfied,
        max_duration_action=raw.max_duration_action or "",
        min_duration_seconds=span(
            raw.min_duration, "timeRestrictions.minDuration", problems
        ),
        min_duration_satisfied=raw.min_duration_satisfied,
        min_duration_action=raw.min_duration_action or "",
    )


def dependency(raw: wire.Dependency, problems: Problems) -> payloads.Dependency:
    kind = word(raw.dependency_type)
    predecessor = (
        raw.predecessor_status
        or raw.job_in_plan_composite_status
        or raw.job_stream_in_plan_composite_status
        or NO_COMPOSITE
    )
    status = word(raw.dependency_status)
    file = raw.file or NO_FILE
    return payloads.Dependency(
        type=kind,
        id=raw.id or "",
        status=status,
        satisfied=status == "SATISFIED" if raw.satisfied is None else raw.satisfied,
        mandatory=raw.mandatory or False,
        sequence=raw.dep_sequence,
        job_id=raw.job_id or "",
        job_name=raw.job_name or "",
        job_workstation=workstation_name(raw.job_workstation_name),
        stream_id=raw.job_stream_id or "",
        stream_name=shared(raw.job_stream_name),
        stream_folder=folder_path(raw.job_stream_folder)
        if raw.job_stream_folder
        else "",
        stream_workstation=workstation_name(raw.job_stream_workstation),
        stream_scheduled=moment(
            raw.job_stream_sched_time, "jobStreamSchedTime", problems
        ),
        predecessor_status=(
            statuses.internal(predecessor.status) if predecessor.status else ""
        ),
        predecessor_substatus=word(predecessor.substatus),
        predecessor_canceled=predecessor.canceled or False,
        pending=raw.pending or False,
        zombie=raw.zombie or False,
        critical=raw.critical or False,
        conditional=raw.conditional or False,
        status_conditions=words(raw.status_conditions),
        output_conditions=texts(raw.output_conditions),
        join_name=raw.join_name or "",
        join_quantity=raw.join_quantity,
        join_criteria=word(raw.criteria),
        members=each(raw.members, dependency, "members", problems),
        file=file.name or "",
        file_qualifier=file.qualifier or "",
        file_status=file.status or "",
        file_last_checked=moment(raw.time_last_checked, "timeLastChecked", problems),
        resource=raw.name or "" if kind == "RESOURCE" else "",
        quantity=raw.quantity,
        quantity_held=raw.quantity_held,
        available=raw.available,
        total_quantity=raw.total_quantity,
        action_on_complete=raw.action_on_complete or "",
        prompt=raw.prompt_name or "",
        prompt_text=raw.text or "",
        prompt_status=word(raw.prompt_status),
        prompt_type=raw.prompt_type or "",
        prompt_number=raw.number,
        network_agent=raw.network_agent or "",
        network_dependency=raw.dependency or "",
        folder=folder_path(raw.folder) if raw.folder else "",
        workstation=workstation_name(file.workstation or raw.workstation),
    )
