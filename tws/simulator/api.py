"""The addresses that the server answers, and nothing that changes the plan."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tws.simulator import logs, statuses, things, v1
from tws.simulator.answers import (
    TEXT_TYPE,
    Answer,
    Refusal,
    bad_filter,
    json_answer,
    not_found,
    wrapped,
)
from tws.simulator.fields import follows
from tws.simulator.listing import Distortions, Listing
from tws.simulator.living import LivingPlan
from tws.simulator.model import FAILED, Job, Run, Stream, Workstation
from tws.simulator.plan import Plan

V2 = "/twsd/api/v2"
DEEPEST = 100
LIGHT_SCOPES = (
    "WHOLE_NO_JOB_DEFINITIONS",
    "WHOLE_NO_JOB_DEFINITIONS_AND_NO_DEPENDENCIES",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the path is as it was sent, the query decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = ""  # scheme, localhost and port, for links


Handler = Callable[["Api", Plan, float, Request, tuple[str, ...]], Answer]


class Api:
    """Reads a living plan for one request after the other."""

    def __init__(self, living: LivingPlan, distortions: Distortions) -> None:
        self.living = living
        self.listing = Listing(distortions)

    def answer(self, request: Request) -> Answer:
        """Answer a request; every error is an answer too."""
        try:
            handler, names = _route(request)
            with self.living.lock:
                plan = self.living.catch_up()
                wanted = request.query.get("plan_id", "current")
                if wanted not in ("current", plan.id):
                    raise not_found(wanted)
                return handler(self, plan, self.living.now, request, names)
        except Refusal as refused:
            return refused.answer


def _route(request: Request) -> tuple[Handler, tuple[str, ...]]:
    allowed = []
    for method, pattern, handler in ROUTES:
        found = pattern.fullmatch(request.path)
        if found and method == request.method:
            return handler, tuple(map(unquote, found.groups()))
        if found:
            allowed.append(method)
    if allowed:
        message = "AWSJCO100E The method is not allowed here."
        raise Refusal(405, message, Allow=", ".join(sorted(set(allowed))))
    raise not_found(request.path)


# --- lists ------------------------------------------------------------------------


def _list(kind: str) -> Handler:
    def answer(
        api: Api, plan: Plan, now: float, request: Request, _: tuple[str, ...]
    ) -> Answer:
        headers = request.headers
        return api.listing.page(
            plan,
            kind,
            now,
            request.query,
            base=request.base + request.path,
            count=headers.get("include-count", "true").lower() != "false",
            definition=headers.get("scope", "") not in LIGHT_SCOPES,
        )

    return answer


def _count(kind: str) -> Handler:
    def answer(
        api: Api, plan: Plan, _now: float, request: Request, _: tuple[str, ...]
    ) -> Answer:
        found = api.listing.select(plan, kind, "", request.query.get("plan_filter", ""))
        groups = [g for g in request.query.get("grouping_filters", "").split(",") if g]
        unknown = [name for name in groups if name not in GROUPS]
        if unknown:
            raise bad_filter(f"there is no grouping by {unknown[0]}")
        made: dict[str, Any] = {"count": len(found)}
        if groups:
            read = [GROUPS[name] for name in groups]
            made["groupedCount"] = Counter(
                ",".join(get(item) for get in read) for item in found
            )
        return json_answer(made)

    return answer


def _status_of(item: Job | Stream) -> str:
    if isinstance(item, Job):
        return statuses.common_status(item)
    return statuses.stream_common_status(item)


GROUPS: dict[str, Callable[[Any], str]] = {
    "status": _status_of,
    "workstation": lambda item: item.workstation.key,
    "folder": lambda item: item.stream.folder if isinstance(item, Job) else item.folder,
}


# --- single objects ---------------------------------------------------------------


def _job(plan: Plan, name: str) -> Job:
    if name not in plan.job_ids:
        raise not_found(name)
    return plan.job_ids[name]


def _stream(plan: Plan, name: str) -> Stream:
    if name not in plan.stream_ids:
        raise not_found(name)
    return plan.stream_ids[name]


def _workstation(plan: Plan, name: str) -> Workstation:
    for item in plan.workstations:
        if item.id == name:
            return item
    raise not_found(name)


def _resource(plan: Plan, name: str) -> Any:  # noqa: ANN401
    for item in plan.resources:
        if item.id == name:
            return item
    raise not_found(name)


def _one(find: Callable[[Plan, str], Any]) -> Handler:
    def answer(
        api: Api, plan: Plan, now: float, _request: Request, names: tuple[str, ...]
    ) -> Answer:
        item = find(plan, names[0])
        return json_answer(api.listing.render(plan, item, now, whole=True))

    return answer


def _health(
    _api: Api, plan: Plan, _now: float, request: Request, names: tuple[str, ...]
) -> Answer:
    station = _workstation(plan, names[0])
    if not station.usable:
        return wrapped(
            "healthStatus",
            f"AWSBCS043W Nodes {plan.master} and {station.name} are not linked.",
        )
    url = request.base + request.path.removesuffix("/action/health-status")
    return json_answer({"id": station.id, "url": url})


# --- the network ------------------------------------------------------------------


def _network(
    find: Callable[[Plan, str], Any],
    step: Callable[[Job | Stream], list[Job | Stream]],
) -> Handler:
    def answer(
        api: Api, plan: Plan, now: float, request: Request, names: tuple[str, ...]
    ) -> Answer:
        start = find(plan, names[0])
        try:
            depth = min(int(request.query.get("depth", 1)), DEEPEST)
        except ValueError as error:
            raise bad_filter(error) from None
        found = _within(start, step, depth)
        made = [api.listing.render(plan, node, now, whole=True) for node in found]
        return json_answer({"count": len(made), "results": made})

    return answer


def _within(
    start: Job | Stream,
    step: Callable[[Job | Stream], list[Job | Stream]],
    depth: int,
) -> list[Job | Stream]:
    seen: dict[Job | Stream, None] = {}
    edge: list[Job | Stream] = [start]
    for _ in range(depth):
        edge = [
            node
            for node in dict.fromkeys(n for item in edge for n in step(item))
            if node not in seen and node is not start
        ]
        seen.update(dict.fromkeys(edge))
    return list(seen)


def _before(node: Job | Stream) -> list[Job | Stream]:
    return [dep.on for dep in follows(node) if dep.on is not None]


def _after(node: Job | Stream) -> list[Job | Stream]:
    return [follow.owner for follow in node.followers]


# --- logs and issues --------------------------------------------------------------


def _run_log(
    api: Api, plan: Plan, now: float, request: Request, names: tuple[str, ...]
) -> Answer:
    if names[0] not in plan.run_ids:
        raise not_found(names[0])
    job, attempt = plan.run_ids[names[0]]
    if not 0 <= attempt < len(job.runs):
        message = (
            f"AWSJCO126E The log of job {job.name} is not available: it has not run."
        )
        raise Refusal(404, message)
    return _log(api, job, job.runs[attempt], now, request.query)


def _job_log(
    api: Api, plan: Plan, now: float, request: Request, _: tuple[str, ...]
) -> Answer:
    oql, plan_filter = (request.query.get(name, "") for name in ("oql", "plan_filter"))
    if not oql and not plan_filter:
        raise bad_filter("oql or plan_filter is needed")
    ran = [job for job in api.listing.select(plan, "job", oql, plan_filter) if job.runs]
    if not ran:
        raise not_found(oql or plan_filter)
    return _log(api, ran[0], ran[0].runs[-1], now, request.query)


def _log(api: Api, job: Job, run: Run, now: float, query: Mapping[str, str]) -> Answer:
    if run.start is None or not logs.is_kept(run, now):
        message = f"AWSJCO126E The log of job {job.name} is not available on its agent."
        raise Refusal(404, message)
    try:
        part = logs.Part.of(query)
    except ValueError as error:
        raise bad_filter(error) from None
    more = None
    if query.get("follow", "false") == "true" and run.end is None:
        more = logs.Growing(job, run, part, api.living.moment).more
    return Answer(200, part.of_log(job, run, now), TEXT_TYPE, more=more)


def _issues(
    api: Api, plan: Plan, _now: float, request: Request, _: tuple[str, ...]
) -> Answer:
    oql, plan_filter = (request.query.get(name, "") for name in ("oql", "plan_filter"))
    issues = [
        {"id": job.id, "issueMessage": message, "issueType": kind}
        for job in api.listing.select(plan, "job", oql, plan_filter)
        for kind, message in _issues_of(job)
    ]
    return json_answer({"issues": issues})


def _issues_of(job: Job) -> list[tuple[str, str]]:
    found = []
    if job.status in FAILED and job.run is not None:
        told = f"The job {job.name} ended in error, return code {job.run.code}."
        found.append(("ERROR", told))
    if job.late:
        found.append(("WARNING", f"The job {job.name} is late."))
    if job.run is not None and job.run.overrun:
        found.append(("WARNING", f"The job {job.name} passed its maximum duration."))
    return found


# --- engine, V1, model, actions ---------------------------------------------------


def _engine(
    _api: Api, plan: Plan, _now: float, _request: Request, _: tuple[str, ...]
) -> Answer:
    return json_answer(things.engine_info(plan))


def _engine_v1(
    _api: Api, plan: Plan, _now: float, _request: Request, _: tuple[str, ...]
) -> Answer:
    return json_answer(things.engine_info_v1(plan))


def _critical(
    _api: Api, plan: Plan, now: float, request: Request, _: tuple[str, ...]
) -> Answer:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise bad_filter(error) from None
    if not isinstance(body, dict):
        raise bad_filter("an object is expected")
    return json_answer(v1.critical_jobs(plan, now, body))


def _description(
    _api: Api, plan: Plan, _now: float, _request: Request, names: tuple[str, ...]
) -> Answer:
    job = _job(plan, names[0])
    return json_answer({job.key: {"description": job.definition.description}})


def _refuse_action(
    _api: Api, _plan: Plan, _now: float, request: Request, _: tuple[str, ...]
) -> Answer:
    """Record and refuse: nothing changes this plan from outside."""
    message = f"AWSBEI007E You are not authorized to run this command: {request.path}"
    raise Refusal(403, message)


def _routes() -> list[tuple[str, re.Pattern[str], Handler]]:
    one = "([^/]+)"
    table: list[tuple[str, str, Handler]] = [
        ("GET", f"{V2}/engine/info", _engine),
        ("GET", "/twsd/engine/info", _engine_v1),
        ("POST", f"/twsd/plan/{one}/criticaljob/query", _critical),
        ("GET", f"{V2}/plan/job", _list("job")),
        ("GET", f"{V2}/plan/job/count", _count("job")),
        ("GET", f"{V2}/plan/job/issues", _issues),
        ("GET", f"{V2}/plan/job/joblog", _job_log),
        ("GET", f"{V2}/plan/job/run/{one}/joblog", _run_log),
        ("GET", f"{V2}/plan/job/{one}", _one(_job)),
        ("GET", f"{V2}/plan/job/{one}/predecessors", _network(_job, _before)),
        ("GET", f"{V2}/plan/job/{one}/successors", _network(_job, _after)),
        ("GET", f"{V2}/plan/job/{one}/model/description", _description),
        ("GET", f"{V2}/plan/jobstream", _list("jobstream")),
        ("GET", f"{V2}/plan/jobstream/count", _count("jobstream")),
        ("GET", f"{V2}/plan/jobstream/{one}", _one(_stream)),
        ("GET", f"{V2}/plan/jobstream/{one}/predecessors", _network(_stream, _before)),
        ("GET", f"{V2}/plan/jobstream/{one}/successors", _network(_stream, _after)),
        ("GET", f"{V2}/plan/resource", _list("resource")),
        ("GET", f"{V2}/plan/resource/{one}", _one(_resource)),
        ("GET", f"{V2}/plan/workstation", _list("workstation")),
        ("GET", f"{V2}/plan/workstation/{one}", _one(_workstation)),
        ("GET", f"{V2}/plan/workstation/{one}/action/health-status", _health),
        ("PUT", f"{V2}/plan/.+/action/.+", _refuse_action),
        ("PATCH", f"{V2}/plan/.+", _refuse_action),
        ("POST", f"{V2}/plan/.+/submit(?:-ad-hoc-job)?", _refuse_action),
        ("POST", f"{V2}/plan/.+/submit-ad-hoc-job", _refuse_action),
        ("PUT", "/twsd/plan/.+/action/.+", _refuse_action),
    ]
    return [(method, re.compile(path), handler) for method, path, handler in table]


ROUTES = _routes()
