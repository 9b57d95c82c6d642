"""Workstations, resources, the engine itself."""

from tws import payloads, statuses, wire, wire_v1
from tws.normalise.values import (
    Problems,
    each,
    flag,
    folder_path,
    moment,
    word,
    words,
    workstation_name,
)

NO_NETWORK = wire_v1.CriticalNetwork()
NO_CRITICAL = wire_v1.CriticalInfo()
NO_STREAM_KEY = wire_v1.StreamKey()
NO_NODE_STATUS = wire_v1.NodeStatus()


def workstation(raw: wire.Workstation, problems: Problems) -> payloads.Workstation:
    folder = folder_path(raw.folder)
    return payloads.Workstation(
        id=raw.id,
        name=raw.name,
        folder=folder,
        key=raw.key or f"{folder}{raw.name}",
        type=word(raw.type),
        host_type=word(raw.host_type),
        states=frozenset(words(raw.active_states)),
        flags=frozenset(words(raw.active_flags)),
        limit=raw.limit,
        fence=raw.fence,
        ignore=raw.ignore or False,
        description=raw.description or "",
        node=raw.node_name or "",
        os=raw.os or "",
        domain=raw.domain_name or "",
        host=raw.host or "",
        version=raw.version or "",
        agent_id=raw.agent_id or "",
        time_zone=raw.time_zone or "",
        run_number=raw.run_number,
        time_started=moment(raw.time_started, "timeStarted", problems),
        archived=raw.archived or False,
        unusable=problems,
    )


def _holder(raw: wire.ResourceHolder, _problems: Problems) -> payloads.ResourceHolder:
    return payloads.ResourceHolder(
        job_id=raw.job_id or "",
        job=raw.job or "",
        job_key=raw.job_key or "",
        stream_id=raw.job_stream_id or "",
        stream=raw.job_stream or "",
        quantity=raw.quantity,
        shared=raw.shared or False,
    )


def resource(raw: wire.Resource, problems: Problems) -> payloads.Resource:
    folder = folder_path(raw.folder)
    on = workstation_name(raw.workstation)
    return payloads.Resource(
        id=raw.id,
        name=raw.name,
        folder=folder,
        key=raw.key or f"{on}#{folder}{raw.name}",
        workstation=on,
        description=raw.description or "",
        status=raw.status or "",
        quantity=raw.quantity,
        available=raw.quantity_available,
        in_use=raw.quantity_in_use,
        holders=each(raw.holders, _holder, "holders", problems),
        archived=raw.archived or False,
        unusable=problems,
    )


def engine_info(raw: wire.EngineInfo) -> payloads.EngineInfo:
    return payloads.EngineInfo(
        version=raw.display_version or raw.full_version or "",
        full_version=raw.full_version or "",
        reference_id=raw.reference_id or "",
        license_type=raw.license_type or "",
        locale=raw.locale or "",
        time_zone=raw.timezone or "",
        capabilities={
            name: {k: v or "" for k, v in (values or {}).items()}
            for name, values in (raw.capabilities or {}).items()
        },
    )


def plan_state(raw: wire_v1.PlanState, problems: Problems) -> payloads.PlanState:
    return payloads.PlanState(
        found=raw.synphony_found,
        run_number=raw.synphony_run_number,
        start=moment(raw.synphony_plan_start, "synphonyPlanStart", problems),
        end=moment(raw.synphony_plan_end, "synphonyPlanEnd", problems),
        batchman=raw.synphony_batch_man_status or "",
        workstation=workstation_name(raw.master_workstation),
    )


def critical_job(raw: wire_v1.CriticalJob, problems: Problems) -> payloads.CriticalJob:
    stream = raw.key.job_stream_in_plan_key or NO_STREAM_KEY
    state = raw.status or NO_NODE_STATUS
    network = raw.critical_network_info or NO_NETWORK
    info = network.critical_job_info or NO_CRITICAL
    status = statuses.internal(state.internal_status)
    canceled = flag(state.canceled)
    return payloads.CriticalJob(
        id=raw.id,
        name=raw.key.name,
        stream_name=stream.name or "",
        folder=folder_path(stream.folder_key.name if stream.folder_key else None),
        workstation=workstation_name(
            stream.workstation_key.name if stream.workstation_key else None
        ),
        scheduled=moment(stream.start_time, "key.startTime", problems),
        status=status,
        common_status=statuses.common(state.common_status, status, canceled=canceled),
        canceled=canceled,
        late=network.late or False,
        risk=info.alert_level or "",
        deadline=moment(
            info.applied_deadline_time,
            "criticalNetworkInfo.appliedDeadlineTime",
            problems,
        ),
        critical_start=moment(
            network.critical_start, "criticalNetworkInfo.criticalStart", problems
        ),
        estimated_end=moment(
            network.estimated_end_time, "criticalNetworkInfo.estimatedEndTime", problems
        ),
        confidence=info.confidence_factor,
        unusable=problems,
    )


def issue(raw: wire.IssueItem) -> payloads.Issue:
    return payloads.Issue(
        id=raw.id or "", message=raw.issue_message or "", type=raw.issue_type or ""
    )
