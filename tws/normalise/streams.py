"""Job streams."""

from tws import payloads, wire
from tws.normalise import flow
from tws.normalise.values import Problems, moment, span

NO_DEFINITION_FLAGS = wire.DefinitionFlags()
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
    definition = raw.js_definition_flags or NO_DEFINITION_FLAGS
    flags = raw.js_status_flags or NO_STREAM_FLAGS
    options = raw.js_options or NO_STREAM_OPTIONS
    times = raw.time_info or NO_TIMES
    node = flow.node(raw, problems)
    return payloads.JobStream(
        **node,
        **flow.outcome(raw.composite_status, raw.common_status),
        key=raw.key or f"{node['workstation']}#{node['folder']}{raw.name}",
        original_name=raw.original_job_stream_name or "",
        alias=raw.alias_job_stream_name or "",
        internal_id=raw.internal_identifier or "",
        released=flags.released or False,
        stats=_stream_stats(raw.job_stream_stats),
        limit=raw.limit,
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
    )
