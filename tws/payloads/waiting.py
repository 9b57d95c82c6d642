"""What an object waits for: its times and its dependencies."""

from datetime import datetime

from msgspec import Struct


class TimeRestrictions(Struct, frozen=True, kw_only=True, gc=False):
    """When a job or job stream may start, and what happens when it is late."""

    time_dependent: bool = False
    start: datetime | None = None
    start_satisfied: bool | None = None
    deadline: datetime | None = None
    deadline_satisfied: bool | None = None
    late_action: str = ""  # continue | kill
    latest_start: datetime | None = None
    latest_start_satisfied: bool | None = None
    late_start_action: str = ""  # doNotRun | continue | cancel
    per_job_latest_start: bool = False
    max_duration_seconds: float | None = None
    max_duration_satisfied: bool | None = None
    max_duration_action: str = ""  # continue | kill
    min_duration_seconds: float | None = None
    min_duration_satisfied: bool | None = None
    min_duration_action: str = ""  # continue | abend | confirmed


NO_RESTRICTIONS = TimeRestrictions()


class Dependency(Struct, frozen=True, kw_only=True, gc=False):
    """What an object waits for; which fields are filled depends on ``type``.

    INTERNAL, EXTERNAL_JOB, EXTERNAL_JOBSTREAM: ``job_*``, ``stream_*``, ``predecessor_*``.
    JOIN: ``join_*`` and ``members``. FILE: ``file*``. RESOURCE: ``resource``,
    ``quantity*``. PROMPT: ``prompt*``. INTERNETWORK: ``network_*``, ``predecessor_*``.
    """

    type: str
    id: str = ""
    status: str = ""  # SATISFIED | UNSATISFIED | UNDECIDED | UNBOUND
    satisfied: bool = False
    mandatory: bool = False
    sequence: int | None = None

    job_id: str = ""
    job_name: str = ""
    job_workstation: str = ""
    stream_id: str = ""
    stream_name: str = ""
    stream_folder: str = ""
    stream_workstation: str = ""
    stream_scheduled: datetime | None = None
    predecessor_status: str = ""
    predecessor_substatus: str = ""
    predecessor_canceled: bool = False
    pending: bool = False  # the predecessor is not in the plan yet
    zombie: bool = False  # an orphan: it can no longer be resolved
    critical: bool = False
    conditional: bool = False
    status_conditions: list[str] = []
    output_conditions: list[str] = []

    join_name: str = ""
    join_quantity: int | None = None
    join_criteria: str = ""  # ALL | AT_LEAST
    members: "list[Dependency]" = []

    file: str = ""
    file_qualifier: str = ""
    file_status: str = ""  # Not Checked | Checking | Exists | Unavailable | Resync
    file_last_checked: datetime | None = None

    resource: str = ""
    quantity: int | None = None
    quantity_held: int | None = None
    available: int | None = None
    total_quantity: int | None = None
    action_on_complete: str = ""

    prompt: str = ""
    prompt_text: str = ""
    prompt_status: str = ""  # NOT_ASKED | ASKED | ANSWERED_YES | ANSWERED_NO
    prompt_type: str = ""
    prompt_number: int | None = None

    network_agent: str = ""
    network_dependency: str = ""

    # Of the file, prompt or resource.
    folder: str = ""
    workstation: str = ""
