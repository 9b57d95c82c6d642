"""Where a job would run: ignored, down, fenced off, or full."""

from tws.diagnosis.findings import Evidence, Kind, Root
from tws.diagnosis.priority import HI, effective
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import several
from tws.payloads import Workstation
from tws.plan import JobNode

UNLIMITED = frozenset({None, -1})


def holds(job: JobNode, scope: Scope) -> list[Root]:
    """What holds the job there for good, until somebody changes it."""
    place = scope.workstation(job.workstation)
    if place is None:
        return []
    if place.ignore:
        return [_ignored(job, scope)]
    found = [*_down(job, place, scope)]
    priority = effective(job)
    if priority is not None and place.fence and 0 < priority <= place.fence:
        found.append(_fenced(job, place, scope))
    if place.limit == 0 and (priority is None or priority < HI):
        found.append(_closed(job, scope))
    return found


def unusable(job: JobNode, scope: Scope) -> list[Root]:
    """Only what keeps a launch from coming through."""
    place = scope.workstation(job.workstation)
    if place is None:
        return []
    return [_ignored(job, scope)] if place.ignore else _down(job, place, scope)


def ignored(job: JobNode, scope: Scope) -> list[Root]:
    place = scope.workstation(job.workstation)
    return [_ignored(job, scope)] if place is not None and place.ignore else []


def full(job: JobNode, scope: Scope) -> list[Root]:
    """The limit is taken up by jobs that run: it passes when one of them ends."""
    place = scope.workstation(job.workstation)
    if place is None or place.limit in UNLIMITED or place.limit == 0:
        return []
    if (job.priority or 0) >= HI:
        return []
    running = scope.running_on(job.workstation)
    if place.limit is None or len(running) < place.limit:
        return []
    names = several(sorted(other.key for other in running))
    return [
        Root(
            "workstation_limit",
            job.workstation,
            f"Its limit of {place.limit} is taken up by running jobs: {names}.",
            "Nothing: it goes on when one of them ends. To make room now: "
            f"conman limit cpu={job.workstation};{len(running) + 1}.",
            (
                scope.seen_at(job.workstation, "limit", place.limit),
                scope.seen_at(job.workstation, "running", len(running)),
                *(scope.seen(other, "status", other.status) for other in running[:5]),
            ),
            job.id,
            self_curing=True,
            status=f"busy {len(running)} of {place.limit}",
        )
    ]


def hinted(job: JobNode, scope: Scope) -> list[Root]:
    """What the substatus says of a place that looks well, or is not in the plan."""
    key = job.workstation
    if job.substatus == "READY_WAITING_FOR_AGENT":
        kind: Kind = "workstation_down"
        state = "no answer"
        detail = f"The engine waits for the agent of {key}, though {key} looks well."
    elif scope.workstation(key) is None:
        kind = "fence" if job.status == "FENCE" else "unknown"
        state = "not shown"
        detail = f"The plan does not show {key}, where {job.key} would run."
    elif job.substatus == "READY_WAITING_FOR_USER_INTERVENTION":
        kind, key, state = "unknown", job.key, job.status
        detail = "The engine waits for somebody to do something, and names nothing."
    else:
        return []
    return [
        Root(
            kind,
            key,
            detail,
            f"Look at both: conman sc {job.workstation}; conman sj {job.key};props.",
            (
                scope.seen(job, "status", job.status),
                scope.seen(job, "substatus", job.substatus),
            ),
            job.id,
            status=state,
        )
    ]


def trouble(place: Workstation) -> str:
    """What is wrong with a workstation, in a few words; or ``""``."""
    wrong = []
    if not _reachable(place):
        wrong.append("unlinked")
    if not _launches(place):
        wrong.append("stopped (its job manager is down)")
    if not place.online:
        wrong.append("offline")
    return " and ".join(wrong)


def _reachable(place: Workstation) -> bool:
    """A pool has no link of its own: its members have."""
    return place.linked or place.type in {"POOL", "D-POOL"}


def _launches(place: Workstation) -> bool:
    """A dynamic pool chooses among agents when it runs, and has no job manager."""
    return place.jobman_up or place.type == "D-POOL"


def _down(job: JobNode, place: Workstation, scope: Scope) -> list[Root]:
    wrong = trouble(place)
    if not wrong:
        return []
    key = job.workstation
    pool = " No member of the pool can take a job." if place.type == "POOL" else ""
    return [
        Root(
            "workstation_down",
            key,
            f"{key} is {wrong}; nothing can be launched there.{pool}",
            _recovery(key, place),
            _states(key, place, scope),
            job.id,
            status=wrong,
        )
    ]


def _recovery(key: str, place: Workstation) -> str:
    steps = []
    if not _reachable(place):
        steps.append(f"conman link {key}")
    if not _launches(place):
        steps.append(f"conman start {key}")
    if not place.online:
        steps.append("set it online in the console")
    return (
        f"See whether the machine and its agent are up (conman checkhealthstatus "
        f"{key}), then {', then '.join(steps)}."
    )


def _states(key: str, place: Workstation, scope: Scope) -> tuple[Evidence, ...]:
    states = ", ".join(sorted(place.states)) or "none"
    return (
        scope.seen_at(key, "activeStates", states),
        scope.seen_at(key, "type", place.type),
    )


def _ignored(job: JobNode, scope: Scope) -> Root:
    key = job.workstation
    return Root(
        "workstation_ignored",
        key,
        f"{key} is marked to be ignored: the plan launches nothing there.",
        "Take the ignore flag off its definition (composer modify ws "
        f"{key}); it counts from the next plan on. Meanwhile run the job elsewhere.",
        (scope.seen_at(key, "ignore", value=True),),
        job.id,
        status="ignored",
    )


def _fenced(job: JobNode, place: Workstation, scope: Scope) -> Root:
    key = job.workstation
    priority = effective(job)
    return Root(
        "fence",
        key,
        f"Its fence is {place.fence}: jobs of priority {place.fence} and less are not "
        f"launched, and {job.key} has {priority}.",
        f"Lower the fence, which frees every job above it: conman fence {key};0. Or "
        f"lift the one job over it: conman altpri {job.key};{(place.fence or 0) + 1}.",
        (
            scope.seen_at(key, "fence", place.fence),
            scope.seen(job, "priority", priority),
        ),
        job.id,
        status=f"fence {place.fence}",
    )


def _closed(job: JobNode, scope: Scope) -> Root:
    key = job.workstation
    return Root(
        "workstation_limit",
        key,
        "Its limit is 0: it launches nothing but jobs of priority hi and go.",
        f"Raise the limit: conman limit cpu={key};10.",
        (scope.seen_at(key, "limit", 0), scope.seen(job, "priority", job.priority)),
        job.id,
        status="limit 0",
    )
