"""The JSON of version 1 of the API, where version 2 has no such call."""

from tws.wire import Flag, Moment, Text, Whole, Wire


class PlanState(Wire):
    """EngineInfo; ``synphony`` is the vendor's spelling."""

    synphony_found: Flag = None
    synphony_run_number: Whole = None
    synphony_plan_start: Moment = None
    synphony_plan_end: Moment = None
    synphony_batch_man_status: Text = None
    master_workstation: Text = None


class FolderKey(Wire):
    """FolderKey."""

    name: Text = None


class WorkstationKey(Wire):
    """WorkstationInPlanKey."""

    name: Text = None
    folder_key: FolderKey | None = None


class StreamKey(Wire):
    """JobStreamInPlanKey."""

    name: Text = None
    start_time: Moment = None
    folder_key: FolderKey | None = None
    workstation_key: WorkstationKey | None = None


class JobKey(Wire):
    """JobInPlanKey."""

    name: str
    job_stream_in_plan_key: StreamKey | None = None


class NodeStatus(Wire):
    """NodeStatus."""

    common_status: Text = None
    internal_status: Text = None
    canceled: Flag = None


class CriticalInfo(Wire):
    """CriticalJobInfo."""

    alert_level: Text = None
    applied_deadline_time: Moment = None
    confidence_factor: float | None = None


class CriticalNetwork(Wire):
    """JobOnCriticalNetworkInfo."""

    critical_job_info: CriticalInfo | None = None
    critical_start: Moment = None
    estimated_end_time: Moment = None
    late: Flag = None


class CriticalJob(Wire):
    """JobInPlanOnCriticalNetwork."""

    id: str
    key: JobKey
    status: NodeStatus | None = None
    critical_network_info: CriticalNetwork | None = None
