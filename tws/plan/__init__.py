"""The plan as a graph in memory, compact enough for the largest, and pure."""

from tws.plan.graph import Missing, Plan
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

__all__ = [
    "FileNeed",
    "Follows",
    "JobNode",
    "Join",
    "Missing",
    "Need",
    "Plan",
    "PromptNeed",
    "RemoteNeed",
    "ResourceNeed",
    "Run",
    "StreamNode",
]
