"""The JSON of TWS, only the fields we use, all of them optional but the names.

Times and durations stay as they came: ``tws.normalise`` reads them, because releases differ.
Elements of lists may be null: that is how a broken one is taken out (``tws.decoding``).
"""

from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

Moment = str | int | float | None
Span = str | int | float | None
Text = str | None
Flag = bool | None
Whole = int | None


class Wire(Struct, rename="camel", gc=False):
    """Names are camelCase outside and snake_case here."""


class Listing(Wire, Generic[T]):
    """PaginatedResponseV2: a page of a list."""

    results: list[T | None] | None  # null: the list is empty
    count: Whole = None
    next: Text = None


class CompositeStatus(Wire):
    """JobInPlanCompositeStatusV2, JobStreamInPlanCompositeStatusV2."""

    status: Text = None
    substatus: Text = None
    canceled: Flag = None
    cancel_pending: Flag = None
    dont_run: Flag = None


class TimeInfo(Wire):
    """TimeInfoV2."""

    actual_start_time: Moment = None
    actual_end_time: Moment = None
    elapsed_time: Span = None
    estimated_duration: Span = None


class OutputCondition(Wire):
    """OutputConditionInPlanV2; some fields go by two names."""

    condition_name: Text = None
    mapping_expression: Text = None
    is_satisfied: Flag = None
    satisfied: Flag = None
    is_succ_condition: Flag = None
    succ_condition: Flag = None


class JobRun(Wire):
    """JobRunInstanceV2."""

    id: Text = None
    job_number: Whole = None
    composite_status: CompositeStatus | None = None
    common_status: Text = None
    return_code: Whole = None
    rerun_type: Text = None
    actual_workstation: Text = None
    time_info: TimeInfo | None = None
    submitted_time: Moment = None
    last_in_rerun_chain: Flag = None
    run_attempt: Whole = None
    confirmed: Flag = None
    released: Flag = None
    step: Text = None
    max_duration_gone: Flag = None
    min_duration_not_reached: Flag = None
    output_conditions: list[OutputCondition | None] | None = None


class TimeRestrictions(Wire):
    """TimeRestrictionsInPlanV2."""

    time_dependent: Flag = None
    start_time: Moment = None
    start_time_satisfied: Flag = None
    deadline_time: Moment = None
    deadline_satisfied: Flag = None
    late_action: Text = None
    latest_start_time: Moment = None
    latest_start_satisfied: Flag = None
    late_start_action: Text = None
    per_job_latest_start: Flag = None
    max_duration: Span = None
    max_duration_satisfied: Flag = None
    max_duration_action: Text = None
    min_duration: Span = None
    min_duration_satisfied: Flag = None
    min_duration_action: Text = None


class File(Wire):
    """FileInPlanV2."""

    name: Text = None
    qualifier: Text = None
    workstation: Text = None
    status: Text = None


class Dependency(Wire):
    """DependencyInPlanV2 in all its variants."""

    dependency_type: str
    id: Text = None
    dependency_status: Text = None
    satisfied: Flag = None
    mandatory: Flag = None
    dep_sequence: Whole = None
    job_id: Text = None
    job_name: Text = None
    job_workstation_name: Text = None
    job_stream_id: Text = None
    job_stream_name: Text = None
    job_stream_folder: Text = None
    job_stream_workstation: Text = None
    job_stream_sched_time: Moment = None
    predecessor_status: CompositeStatus | None = None
    job_in_plan_composite_status: CompositeStatus | None = None
    job_stream_in_plan_composite_status: CompositeStatus | None = None
    pending: Flag = None
    zombie: Flag = None
    critical: Flag = None
    conditional: Flag = None
    status_conditions: list[Text] | None = None
    output_conditions: list[Text] | None = None
    join_name: Text = None
    join_quantity: Whole = None
    criteria: Text = None
    members: "list[Dependency | None] | None" = None
    file: File | None = None
    time_last_checked: Moment = None
    name: Text = None
    folder: Text = None
    workstation: Text = None
    quantity: Whole = None
    quantity_held: Whole = None
    available: Whole = None
    total_quantity: Whole = None
    action_on_complete: Text = None
    prompt_name: Text = None
    text: Text = None
    prompt_status: Text = None
    prompt_type: Text = None
    number: Whole = None
    network_agent: Text = None
    dependency: Text = None


class DependenciesStats(Wire):
    """DependenciesStatsV2."""

    number_of_dependencies: Whole = None
    number_of_prompt_dependencies: Whole = None
    number_of_resource_dependencies: Whole = None
    number_of_file_dependencies: Whole = None
    number_of_internetwork_dependencies: Whole = None
    number_of_unresolved_dependencies: Whole = None


class JobDefinition(Wire):
    """JobDefinitionInPlanV2."""

    description: Text = None
    task: dict[str, Any] | None = None
    is_command: Flag = None
    command: Flag = None
    estimated_duration: Span = None
    user_logins: list[Text] | None = None
    recovery_option: Text = None
    recovery_job_id: Text = None
    recovery_job: Text = None
    recovery_job_name: Text = None
    recovery_repeat_interval: Span = None
    recovery_repeat_occurrences: Whole = None
    abend_prompt_name: Text = None
    abend_prompt_text: Text = None


class JobFlags(Wire):
    """JobInPlanStatusFlags."""

    job_stream_cancelled: Flag = None
    promoted_to_urgent_queue: Flag = None
    job_late: Flag = None
    restarted: Flag = None
    until_gone: Flag = None
    need_message: Flag = None
    deadline_has_passed: Flag = None


class JobOptions(Wire):
    """JobInPlanOptions."""

    no_operation: Flag = None
    critical: Flag = None
    requires_confirmation: Flag = None
    every: Flag = None


class DefinitionFlags(Wire):
    """JobInPlanDefinitionFlags, JobStreamInPlanDefinitionFlags."""

    monitored: Flag = None
    carried_forward: Flag = None


class Job(Wire):
    """JobInPlanV2."""

    id: str
    name: str
    key: Text = None
    folder: Text = None
    workstation: Text = None
    job_stream_id: Text = None
    job_stream_name: Text = None
    job_stream_workstation: Text = None
    position: Whole = None
    archived: Flag = None
    job_definition_flags: DefinitionFlags | None = None
    job_status_flags: JobFlags | None = None
    job_options: JobOptions | None = None
    last_run_composite_status: CompositeStatus | None = None
    last_run_common_status: Text = None
    job_definition: JobDefinition | None = None
    priority: Whole = None
    orig_priority: Whole = None
    jobruns: list[JobRun | None] | None = None
    sched_time: Moment = None
    time_zone: Text = None
    time_restrictions: TimeRestrictions | None = None
    dependencies: list[Dependency | None] | None = None
    dependencies_stats: DependenciesStats | None = None
    end_time: Moment = None
    critical_start: Moment = None
    repeat_interval: Span = None


class StreamStats(Wire):
    """JobStreamStatsV2; ``numberOfSuccessfullJob`` is the vendor's spelling."""

    number_of_job: Whole = None
    number_of_successfull_job: Whole = None
    number_of_not_running_job: Whole = None
    number_of_executing_job: Whole = None
    number_of_abended_job: Whole = None
    number_of_failed_job: Whole = None
    number_of_undecided_job: Whole = None


class StreamFlags(Wire):
    """JobStreamInPlanStatusFlags."""

    released: Flag = None
    late_job_stream: Flag = None
    pending_predecessor: Flag = None
    has_every_jobs: Flag = None
    in_order: Flag = None


class StreamOptions(Wire):
    """JobStreamInPlanOptions."""

    monitored: Flag = None
    carry_forward: Flag = None


class JobStream(Wire):
    """JobStreamInPlanV2."""

    id: str
    name: str
    key: Text = None
    folder: Text = None
    workstation: Text = None
    original_job_stream_name: Text = None
    alias_job_stream_name: Text = None
    internal_identifier: Text = None
    archived: Flag = None
    js_definition_flags: DefinitionFlags | None = None
    js_status_flags: StreamFlags | None = None
    js_options: StreamOptions | None = None
    composite_status: CompositeStatus | None = None
    common_status: Text = None
    priority: Whole = None
    orig_priority: Whole = None
    limit: Whole = None
    sched_time: Moment = None
    time_zone: Text = None
    time_info: TimeInfo | None = None
    time_restrictions: TimeRestrictions | None = None
    job_stream_stats: StreamStats | None = None
    dependencies: list[Dependency | None] | None = None
    dependencies_stats: DependenciesStats | None = None
    submitter: Text = None


class Workstation(Wire):
    """WorkstationInPlanV2."""

    id: str
    name: str
    key: Text = None
    folder: Text = None
    type: Text = None
    host_type: Text = None
    active_states: list[Text] | None = None
    active_flags: list[Text] | None = None
    limit: Whole = None
    fence: Whole = None
    ignore: Flag = None
    description: Text = None
    node_name: Text = None
    os: Text = None
    domain_name: Text = None
    host: Text = None
    version: Text = None
    agent_id: Text = None
    time_zone: Text = None
    run_number: Whole = None
    time_started: Moment = None
    archived: Flag = None


class ResourceHolder(Wire):
    """ResourceHolderInPlan."""

    job_id: Text = None
    job: Text = None
    job_key: Text = None
    job_stream_id: Text = None
    job_stream: Text = None
    quantity: Whole = None
    shared: Flag = None


class Resource(Wire):
    """ResourceInPlanV2."""

    id: str
    name: str
    key: Text = None
    folder: Text = None
    workstation: Text = None
    description: Text = None
    status: Text = None
    quantity: Whole = None
    quantity_available: Whole = None
    quantity_in_use: Whole = None
    holders: list[ResourceHolder | None] | None = None
    archived: Flag = None


class EngineInfo(Wire):
    """EngineInfoV2."""

    display_version: Text = None
    full_version: Text = None
    reference_id: Text = None
    license_type: Text = None
    locale: Text = None
    timezone: Text = None
    capabilities: dict[str, dict[str, Text] | None] | None = None


class IssueItem(Wire):
    """Issue."""

    id: Text = None
    issue_message: Text = None
    issue_type: Text = None


class Issues(Wire):
    """IssuesResponseV2."""

    issues: list[IssueItem | None] | None = None


class GroupedCount(Wire):
    """GroupedCountResponse."""

    count: int
    grouped_count: dict[str, Whole] | None = None
