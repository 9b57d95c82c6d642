"""The requests to TWS that this program knows: reading, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tws.exceptions import TwsBadName
from tws.oql import Condition, Ordered, PlanFilter
from tws.quoting import path_segment

Oql = Condition | Ordered
Kind = Literal["job", "jobstream", "workstation", "resource"]
Direction = Literal["predecessors", "successors"]
Group = Literal["workstation", "status", "folder"]
Scope = Literal[
    "WHOLE",
    "WHOLE_NO_JOB_DEFINITIONS_AND_NO_DEPENDENCIES",
    "WHOLE_NO_JOB_DEFINITIONS",
    "WHOLE_NO_DEPENDENCIES",
]

V2 = "/api/v2"
V1_CRITICAL_JOBS = "/plan/current/criticaljob/query"
# The older API reads by POST what the newer one does not offer at all.
READ_QUERIES = frozenset({V1_CRITICAL_JOBS})

PAGE = 500  # objects, where nothing else is asked for
MOST_PER_PAGE = 10_000
MOST_DEEP = 1000
LONGEST_FILTER = 6000  # servers refuse addresses beyond 8 kB
NOUNS = {
    "job": "job",
    "jobstream": "job stream",
    "workstation": "workstation",
    "resource": "resource",
}
JSON = "application/json"
PLAIN_TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What to ask; ``what`` names it in sentences for people."""

    path: str  # percent-encoded, after /twsd
    what: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    method: Literal["GET", "POST"] = "GET"
    body: bytes = b""
    names_an_object: bool = False  # which may be gone; lists are always there

    @property
    def is_read(self) -> bool:
        """Whether this can change nothing on the server."""
        return self.method == "GET" or self.path in READ_QUERIES


def engine_info() -> ReadRequest:
    return ReadRequest(f"{V2}/engine/info", "the engine's description")


def plan_state() -> ReadRequest:
    return ReadRequest("/engine/info", "the state of the plan")


def listing(
    kind: Kind,
    *,
    oql: Oql | None = None,
    plan_filter: PlanFilter | None = None,
    limit: int = PAGE,
    offset: int = 0,
    scope: Scope = "WHOLE_NO_DEPENDENCIES",
) -> ReadRequest:
    """A page of a list. The defaults of releases differ, so all is said."""
    if not 1 <= limit <= MOST_PER_PAGE or offset < 0:
        msg = f"limit={limit}, offset={offset}: out of range."
        raise ValueError(msg)
    headers = [("Include-Count", "true")]
    if kind in {"job", "jobstream"}:
        if scope not in get_args(Scope):
            msg = f"{scope!r} is no scope."
            raise ValueError(msg)
        headers.append(("scope", scope))
    return ReadRequest(
        f"{V2}/plan/{kind}",
        f"the list of {NOUNS[kind]}s",
        (
            ("limit", str(limit)),
            ("offset", str(offset)),
            *_filters(oql, plan_filter),
        ),
        tuple(headers),
    )


def counting(
    kind: Literal["job", "jobstream"],
    plan_filter: PlanFilter,
    group_by: Sequence[Group] = (),
) -> ReadRequest:
    groups = [("grouping_filters", ",".join(group_by))] if group_by else []
    return ReadRequest(
        f"{V2}/plan/{kind}/count",
        f"the count of {NOUNS[kind]}s",
        (*_filters(None, plan_filter), *groups),
    )


def job_issues(
    oql: Oql | None = None, plan_filter: PlanFilter | None = None
) -> ReadRequest:
    return ReadRequest(
        f"{V2}/plan/job/issues", "the issues of jobs", _filters(oql, plan_filter)
    )


def one(kind: Kind, object_id: str) -> ReadRequest:
    noun = NOUNS[kind]
    return ReadRequest(
        f"{V2}/plan/{kind}/{path_segment(object_id, f'{noun} id')}",
        f"the {noun} with id {object_id}",
        names_an_object=True,
    )


def neighbours(
    kind: Literal["job", "jobstream"], object_id: str, way: Direction, depth: int
) -> ReadRequest:
    if not 1 <= depth <= MOST_DEEP:
        msg = f"depth={depth}: out of range."
        raise ValueError(msg)
    noun = NOUNS[kind]
    return ReadRequest(
        f"{V2}/plan/{kind}/{path_segment(object_id, f'{noun} id')}/{way}",
        f"the {way} of the {noun} with id {object_id}",
        (("depth", str(depth)),),
        names_an_object=True,
    )


def job_log(
    run_id: str, from_line: int | None = None, to_line: int | None = None
) -> ReadRequest:
    first = 1 if from_line is None else from_line
    if first < 1 or (to_line is not None and to_line < first):
        msg = f"from_line={from_line}, to_line={to_line}: out of range."
        raise ValueError(msg)
    lines = [("from_line", from_line), ("to_line", to_line)]
    return ReadRequest(
        f"{V2}/plan/job/run/{path_segment(run_id, 'run id')}/joblog",
        f"the log of the job run with id {run_id}",
        tuple((name, str(line)) for name, line in lines if line is not None),
        accept=PLAIN_TEXT,
        names_an_object=True,
    )


def workstation_health(workstation_id: str) -> ReadRequest:
    segment = path_segment(workstation_id, "workstation id")
    return ReadRequest(
        f"{V2}/plan/workstation/{segment}/action/health-status",
        f"the health of the workstation with id {workstation_id}",
        names_an_object=True,
    )


def critical_jobs(limit: int = 500) -> ReadRequest:
    return ReadRequest(
        V1_CRITICAL_JOBS,
        "the list of critical jobs",
        headers=(("How-Many", str(limit)), ("Content-Type", JSON)),
        method="POST",
        body=b'{"filters": {"criticalJobInPlanFilter": {}}}',
    )


def _filters(
    oql: Oql | None, plan_filter: PlanFilter | None
) -> tuple[tuple[str, str], ...]:
    given = (("oql", oql), ("plan_filter", plan_filter))
    pairs = tuple((name, str(value)) for name, value in given if value is not None)
    if any(len(value) > LONGEST_FILTER for _, value in pairs):
        msg = "The filter is too long for TWS."
        raise TwsBadName(msg, action="Ask for fewer names at once.")
    return pairs
