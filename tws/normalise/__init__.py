"""Turns the JSON of TWS into the plan's objects.

What cannot be right (a negative duration, a time in 1970) is left out and named in
``problems``, so that no conclusion rests on it.
"""

from tws.normalise.engine import (
    critical_job,
    engine_info,
    issue,
    plan_state,
    resource,
    workstation,
)
from tws.normalise.jobs import job
from tws.normalise.streams import jobstream

__all__ = [
    "critical_job",
    "engine_info",
    "issue",
    "job",
    "jobstream",
    "plan_state",
    "resource",
    "workstation",
]
