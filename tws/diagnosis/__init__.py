"""Why a job or job stream does not run, or failed: computed from the plan, pure."""

from tws.diagnosis.engine import Outcome, diagnose, examine
from tws.diagnosis.findings import Diagnosis, Evidence, Kind, Root, Step

__all__ = [
    "Diagnosis",
    "Evidence",
    "Kind",
    "Outcome",
    "Root",
    "Step",
    "diagnose",
    "examine",
]
