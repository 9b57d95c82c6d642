"""Jobs and their runs."""

from datetime import UTC, datetime
from typing import Any

from tws import payloads, statuses, wire
from tws.normalise import flow
from tws.normalise.values import (
    Problems,
    each,
    flag,
    moment,
    shared,
    span,
    texts,
    word,
    workstation_name,
)

NO_COMPOSITE = wire.CompositeStatus()
NO_DEFINITION = wire.JobDefinition()
NO_DEFINITION_FLAGS = wire.DefinitionFlags()
NO_JOB_FLAGS = wire.JobFlags()
NO_JOB_OPTIONS = wire.JobOptions()
NO_TIMES = wire.TimeInfo()

LONGEST_TASK = 2000


def _output_condition(
    raw: wire.OutputCondition, _problems: Problems
) -> payloads.OutputCondition:
    return payloads.OutputCondition(
        name=raw.condition_name or "",
        expression=raw.mapping_expression or "",
        satisfied=flag(raw.is_satisfied, raw.satisfied),
        success=flag(raw.is_succ_condition, raw.succ_condition),
    )


def job_run(raw: wire.JobRun, problems: Problems) -> payloads.JobRun:
    composite = raw.composite_status or NO_COMPOSITE
    times = raw.time_info or NO_TIMES
    status = statuses.internal(composite.status)
    canceled = flag(composite.canceled)
    return payloads.JobRun(
        id=raw.id or "",
        job_number=raw.job_number,
        status=status,
        substatus=word(composite.substatus),
        common_status=statuses.common(raw.common_status, status, canceled=canceled),
        canceled=canceled,
        return_code=raw.return_code,
        rerun_type=word(raw.rerun_type),
        workstation=workstation_name(raw.actual_workstation),
        started=moment(times.actual_start_time, "timeInfo.actualStartTime", problems),
        ended=moment(times.actual_end_time, "timeInfo.actualEndTime", problems),
        submitted=moment(raw.submitted_time, "submittedTime", problems),
        elapsed_seconds=span(times.elapsed_time, "timeInfo.elapsedTime", problems),
        estimated_seconds=span(
            times.estimated_duration, "timeInfo.estimatedDuration", problems
        ),
        last_in_chain=raw.last_in_rerun_chain or False,
        attempt=raw.run_attempt or 0,
        confirmed=raw.confirmed or False,
        released=raw.released or False,
        step=raw.step or "",
        max_duration_gone=raw.max_duration_gone or False,
        min_duration_not_reached=raw.min_duration_not_reached or False,
        output_conditions=each(
            raw.output_conditions, _output_condition, "outputConditions", problems
        ),
    )


def _newest_last(runs: list[payloads.JobRun]) -> list[payloads.JobRun]:
    if len(runs) > 1:
        long_ago = datetime.min.replace(tzinfo=UTC)
        runs.sort(
            key=lambda run: (
                run.last_in_chain,
                run.submitted or run.started or long_ago,
            )
        )
    return runs


def _task(definition: wire.JobDefinition) -> tuple[str, dict[str, str]]:
    """The kind of task, and those of its fields that are text."""
    for kind, content in (definition.task or {}).items():
        fields: dict[str, Any] = content if isinstance(content, dict) else {}
        return kind, {k: v for k, v in fields.items() if isinstance(v, str)}
    return "", {}


def job(raw: wire.Job, problems: Problems) -> payloads.Job:
    runs = _newest_last(each(raw.jobruns, job_run, "jobruns", problems))
    last = runs[-1] if runs else None
    definition = raw.job_definition or NO_DEFINITION
    task_type, task = _task(definition)
    flags = raw.job_status_flags or NO_JOB_FLAGS
    options = raw.job_options or NO_JOB_OPTIONS
    estimate = span(
        definition.estimated_duration, "jobDefinition.estimatedDuration", problems
    )
    users = texts(definition.user_logins)
    node = flow.node(raw, problems)
    stream = shared(raw.job_stream_name)
    place = workstation_name(raw.job_stream_workstation) or node["workstation"]
    return payloads.Job(
        **node,
        **flow.outcome(raw.last_run_composite_status, raw.last_run_common_status, last),
        key=raw.key or f"{place}#{node['folder']}{stream}.{raw.name}",
        description=definition.description or "",
        stream_id=shared(raw.job_stream_id),
        stream_name=stream,
        stream_workstation=place,
        position=raw.position,
        stream_canceled=flags.job_stream_cancelled or False,
        released=last.released if last else False,
        runs=runs,
        late=flags.job_late or False,
        deadline_passed=flags.deadline_has_passed or False,
        until_gone=flags.until_gone or False,
        need_message=flags.need_message or False,
        restarted=flags.restarted or False,
        promoted=flags.promoted_to_urgent_queue or False,
        critical=options.critical or False,
        critical_start=moment(raw.critical_start, "criticalStart", problems),
        requires_confirmation=options.requires_confirmation or False,
        no_operation=options.no_operation or False,
        every=options.every or False,
        repeat_seconds=span(raw.repeat_interval, "repeatInterval", problems),
        monitored=(raw.job_definition_flags or NO_DEFINITION_FLAGS).monitored or False,
        task=task.get("taskString", "")[:LONGEST_TASK],
        task_type=task_type,
        is_command=flag(
            definition.is_command,
            definition.command,
            task.get("isCommand", "").lower() == "true",
        ),
        user=users[0] if users else task.get("userName", ""),
        estimated_seconds=(
            last.estimated_seconds if estimate is None and last else estimate
        ),
        estimated_end=moment(raw.end_time, "endTime", problems),
        recovery_option=word(definition.recovery_option),
        recovery_job=definition.recovery_job or definition.recovery_job_name or "",
        recovery_job_id=definition.recovery_job_id or "",
        recovery_prompt=definition.abend_prompt_name or "",
        recovery_prompt_text=definition.abend_prompt_text or "",
        recovery_repeat_seconds=span(
            definition.recovery_repeat_interval,
            "jobDefinition.recoveryRepeatInterval",
            problems,
        ),
        recovery_repeats=definition.recovery_repeat_occurrences,
    )
