"""The plan's objects as TWS tells them: immutable, times aware in UTC, durations in seconds.

No object can hold itself, so the garbage collector need not look at them (``gc=False``):
a plan has hundreds of thousands. Statuses are kept as the vendor's internal words in one spelling (see ``tws.statuses``).
``unusable`` names what an object or a list held that could not be understood.
"""

from tws.payloads.answers import (
    Count,
    CriticalJob,
    EngineInfo,
    Issue,
    JobLog,
    Mark,
    Page,
    PlanState,
    Unusable,
)
from tws.payloads.jobs import (
    Job,
    JobRun,
    JobStream,
    OutputCondition,
    StreamStats,
    object_key,
    rooted,
)
from tws.payloads.places import (
    Resource,
    ResourceHolder,
    Workstation,
    WorkstationHealth,
    told_online,
)
from tws.payloads.waiting import (
    NO_RESTRICTIONS,
    Dependency,
    TimeRestrictions,
)

__all__ = [
    "NO_RESTRICTIONS",
    "Count",
    "CriticalJob",
    "Dependency",
    "EngineInfo",
    "Issue",
    "Job",
    "JobLog",
    "JobRun",
    "JobStream",
    "Mark",
    "OutputCondition",
    "Page",
    "PlanState",
    "Resource",
    "ResourceHolder",
    "StreamStats",
    "TimeRestrictions",
    "Unusable",
    "Workstation",
    "WorkstationHealth",
    "object_key",
    "rooted",
    "told_online",
]
