"""The vendor's statuses, sorted by what they mean for somebody who waits."""

from enum import Enum

from tws.plan import JobNode, StreamNode


class State(Enum):
    """Where a job or job stream stands in its life."""

    DONE = "done"
    CANCELED = "canceled"
    CANCELING = "canceling"  # once its dependencies resolve
    FAILED = "failed"
    RUNNING = "running"
    LAUNCHING = "launching"
    CONFIRMING = "confirming"
    SUPPRESSED = "suppressed"
    WAITING = "waiting"
    UNKNOWN = "unknown"


_JOB = {
    "SUCC": State.DONE,
    "COMPLT": State.DONE,
    "CANCL": State.CANCELED,
    "CANCLP": State.CANCELING,
    "ABEND": State.FAILED,
    "FAIL": State.FAILED,
    "EXEC": State.RUNNING,
    "SUCCP": State.RUNNING,  # confirmed while it still runs
    "ABENP": State.RUNNING,
    "STARTED": State.RUNNING,
    "BOUND": State.RUNNING,  # a shadow job, matched to its remote instance
    "INTRO": State.LAUNCHING,
    "WAIT": State.LAUNCHING,
    "WAITD": State.LAUNCHING,
    "PEND": State.CONFIRMING,
    "SUPPR": State.SUPPRESSED,
    "HOLD": State.WAITING,
    "READY": State.WAITING,
    "FENCE": State.WAITING,
    "ADD": State.WAITING,
    "SCHED": State.WAITING,
    "SUSP": State.WAITING,
    "STUCK": State.WAITING,
    "PENDPRED": State.WAITING,
    "ARRVING": State.WAITING,
    "USER STAT": State.WAITING,
}

_STREAM = {
    "SUCC": State.DONE,
    "COMPLETE": State.DONE,
    "CANCL": State.CANCELED,
    "CANCLP": State.CANCELING,
    "DELETED": State.CANCELED,
    "ABEND": State.FAILED,
    "FAIL": State.FAILED,
    "STUCK": State.FAILED,
    "EXEC": State.RUNNING,
    "STARTED": State.RUNNING,
    "SUCCP": State.RUNNING,
    "ABENP": State.RUNNING,
    "INTRO": State.RUNNING,
    "SUPPR": State.SUPPRESSED,
    "SUPPRBYCOND": State.SUPPRESSED,
    "HOLD": State.WAITING,
    "READY": State.WAITING,
    "ADD": State.WAITING,
    "WAIT": State.WAITING,
    "SUSP": State.WAITING,
    "PENDINGPRED": State.WAITING,
}

FINISHED = frozenset({State.DONE, State.CANCELED})


def state_of(item: JobNode | StreamNode) -> State:
    """A status that is new to this program is ``UNKNOWN``, never a guess."""
    if item.canceled:
        return State.CANCELED
    table = _JOB if isinstance(item, JobNode) else _STREAM
    state = table.get(item.status, State.UNKNOWN)
    if state is State.WAITING and item.cancel_pending:
        return State.CANCELING
    return state
