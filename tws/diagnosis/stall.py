"""A plan in which nothing runs at all."""

from datetime import datetime, timedelta

from tws.diagnosis.findings import Evidence, Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock
from tws.payloads import PlanState
from tws.plan import JobNode

# A job that may start is launched within a minute or two, however busy the engine is.
PATIENCE = timedelta(minutes=15)
ALIVE = frozenset({"LIVES", "RUNNING", "UP", ""})


def declared(scope: Scope) -> list[Root]:
    """The engine itself says that its plan is not processed."""
    state = scope.state()
    if scope.stalled is None:
        scope.stalled = _declared(state, scope)
    return scope.stalled


def _declared(state: PlanState | None, scope: Scope) -> list[Root]:
    if state is None:
        return []
    if state.found is False:
        return [_root(scope, "The engine has no production plan.", "planFound", "no")]
    if state.batchman.upper() not in ALIVE:
        text = f"The engine does not process the plan: batchman is {state.batchman}."
        return [_root(scope, text, "batchman", state.batchman)]
    # The job stream FINAL takes some minutes to extend it.
    if state.end is not None and scope.now - state.end >= PATIENCE:
        text = f"The plan ended at {clock(state.end, scope.now)} and was not extended."
        return [_root(scope, text, "planEnd", state.end)]
    return []


def silent(job: JobNode, scope: Scope) -> list[Root]:
    """A job that nothing holds has been ready for long, and no other job runs."""
    plan = scope.plan
    if not plan.complete or plan.anything_runs:
        return []
    since = _last_event(scope)
    if since is None or scope.now - since < PATIENCE:
        return []
    text = (
        f"Nothing has run in the whole plan since {clock(since, scope.now)}, though "
        f"{job.key} is ready."
    )
    return [_root(scope, text, "runningJobs", 0)]


def _last_event(scope: Scope) -> datetime | None:
    moments = [
        moment
        for job in scope.plan.jobs.values()
        for moment in (job.ended, job.started)
        if moment is not None and moment <= scope.now
    ]
    return max(moments, default=None)


def _root(scope: Scope, detail: str, field: str, value: object) -> Root:
    name = _master(scope)
    plain = value.isoformat() if isinstance(value, datetime) else value
    shown = plain if isinstance(plain, str | int) else str(plain)
    return Root(
        "plan_stalled",
        name,
        detail,
        "Look at the master: conman status, then conman start; planman showinfo, and "
        "the job stream FINAL if the plan was not extended.",
        (Evidence(name, field, shown, scope.plan.read_at(name)),),
        status="stalled",
    )


def _master(scope: Scope) -> str:
    for key, place in scope.plan.workstations.items():
        if place.is_master:
            return key
    return "the plan"
