"""Job streams."""

from tws import payloads, statuses, wire
from tws.normalise.values import (
    Problems,
    each,
    flag,
    folder_path,
    moment,
    shared,
    span,
    workstation_name,
)
from tws.normalise.waiting import dependency, restrictions

NO_COMPOSITE = wire.CompositeStatus()
NO_DEFINITION_FLAGS = wire.DefinitionFlags()
NO_STATS = wire.DependenciesStats()
NO_STREAM_FLAGS = wire.StreamFlags()
NO_STREAM_OPTIONS = wire.StreamOptions()
NO_TIMES = wire.TimeInfo()


def _stream_stats(raw: wire.StreamStats | None) -> payloads.StreamStats:
    if raw is None:
        return payloads.StreamStats()
    return payloads.StreamStats(
        jobs=raw.number_of_job or 0,
        successful=raw.number_of_successfull_job or 0,
        not_running=raw.number_of_not_running_job or 0,
        executing=raw.number_of_executing_job or 0,
        abended=raw.number_of_abended_job or 0,
        failed=raw.number_of_failed_job or 0,
        undecided=raw.number_of_undecided_job or 0,
    )


def jobstream(raw: wire.JobStream, problems: Problems) -> payloads.JobStream:
    composite = raw.composite_status or NO_COMPOSITE
    status = statuses.internal(composite.status)
    canceled = flag(composite.canceled)
    definition = raw.js_definition_flags or NO_DEFINITION_FLAGS
    flags = raw.js_status_flags or NO_STREAM_FLAGS
    options = raw.js_options or NO_STREAM_OPTIONS
    stats = raw.dependencies_stats or NO_STATS
    times = raw.time_info or NO_TIMES
    folder = folder_path(raw.folder)
    workstation = workstation_name(raw.workstation)
    return payloads.JobStream(
        id=raw.id,
        name=raw.name,
        key=raw.key or f"{workstation}#{folder}{raw.name}",
        folder=folder,
        workstation=workstation,
        original_name=raw.original_job_stream_name or "",
        alias=raw.alias_job_stream_name or "",
        internal_id=raw.internal_identifier or "",
        archived=raw.archived or False,
        status=status,
        substatus=composite.substatus or "",
        common_status=statuses.common(raw.common_status, status, canceled=canceled),
        canceled=canceled,
        cancel_pending=composite.cancel_pending or False,
        dont_run=composite.dont_run or False,
        released=flags.released or False,
        stats=_stream_stats(raw.job_stream_stats),
        priority=raw.priority,
        original_priority=raw.orig_priority,
        limit=raw.limit,
        scheduled=moment(raw.sched_time, "schedTime", problems),
        time_zone=shared(raw.time_zone),
        restrictions=restrictions(raw.time_restrictions, problems),
        dependencies=each(raw.dependencies, dependency, "dependencies", problems),
        dependency_count=stats.number_of_dependencies or 0,
        unresolved=stats.number_of_unresolved_dependencies or 0,
        started=moment(times.actual_start_time, "timeInfo.actualStartTime", problems),
        ended=moment(times.actual_end_time, "timeInfo.actualEndTime", problems),
        elapsed_seconds=span(times.elapsed_time, "timeInfo.elapsedTime", problems),
        estimated_seconds=span(
            times.estimated_duration, "timeInfo.estimatedDuration", problems
        ),
        late=flags.late_job_stream or False,
        pending_predecessor=flags.pending_predecessor or False,
        carried_forward=definition.carried_forward or False,
        carry_forward=options.carry_forward or False,
        in_order=flags.in_order or False,
        every=flags.has_every_jobs or False,
        monitored=options.monitored or False,
        submitter=raw.submitter or "",
        unusable=problems,
    )
