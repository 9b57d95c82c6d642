"""Every request the client can make is one of the vendor's API; none can change a plan."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.contract import answer_problems, request_problems
from tests.fakes.http import Reply, Request, fake_http
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import TwsBadName
from tws.oql import field, job_filter, stream_filter
from tws.reads import PlanReads
from tws.simulator import Simulator, serve

ID = "ca15f24a-0e6b-3f1b-9251-854d8d0d3639"
WHO = field("name").like("PAY@") & (field("folder") == "/HR/")

CALLS: dict[str, Callable[[TwsClient], Awaitable[object]]] = {
    "engine_info": lambda tws: tws.engine_info(),
    "plan_state": lambda tws: tws.plan_state(),
    "critical_jobs": lambda tws: tws.critical_jobs(),
    "ping": lambda tws: tws.ping(),
    "jobs": lambda tws: tws.jobs(oql=WHO, limit=10, offset=20, scope="WHOLE"),
    "jobs by filter": lambda tws: tws.jobs(plan_filter=job_filter(stream="PAY@")),
    "job_pages": lambda tws: anext(tws.job_pages(oql=WHO.order_by("name"))),
    "job_count": lambda tws: tws.job_count(job_filter(), ("status", "folder")),
    "job_issues": lambda tws: tws.job_issues(oql=WHO),
    "job": lambda tws: tws.job(ID),
    "job_predecessors": lambda tws: tws.job_predecessors(ID, 3),
    "job_successors": lambda tws: tws.job_successors(ID, 3),
    "job_log": lambda tws: tws.job_log(ID, 1, 20),
    "jobstreams": lambda tws: tws.jobstreams(oql=WHO),
    "jobstream_pages": lambda tws: anext(tws.jobstream_pages()),
    "jobstream_count": lambda tws: tws.jobstream_count(stream_filter(), ["status"]),
    "jobstream": lambda tws: tws.jobstream(ID),
    "jobstream_predecessors": lambda tws: tws.jobstream_predecessors(ID, 1),
    "jobstream_successors": lambda tws: tws.jobstream_successors(ID, 1),
    "workstations": lambda tws: tws.workstations(oql=field("jobmanUp") == True),  # noqa: E712 (OQL)
    "workstation": lambda tws: tws.workstation(ID),
    "workstation_health": lambda tws: tws.workstation_health(ID),
    "resources": lambda tws: tws.resources(oql=field("name") == "DB"),
    "resource": lambda tws: tws.resource(ID),
}
PLUMBING = {"read", "aclose"}


def anything(request: Request) -> Reply:
    """An answer that fits every call."""
    if request.path.endswith("/joblog"):
        return Reply.text("one line")
    return Reply.json({"id": ID, "name": "X", "count": 0, "results": [], "issues": []})


def problems(requests: list[Request]) -> list[str]:
    return [
        problem
        for r in requests
        for problem in request_problems(r.method, r.path, r.query, r.headers, r.body)
    ]


def test_every_call_of_the_client_is_listed_here():
    methods = {
        name
        for kind in (PlanReads, TwsClient)
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }

    assert methods - PLUMBING == {name.split()[0] for name in CALLS}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_every_request_is_in_the_contract(call):
    with fake_http(anything) as server:
        async with TwsClient(make_config([server.url])) as tws:
            await call(tws)

    assert server.requests
    assert problems(server.requests) == []


async def test_the_client_only_ever_reads():
    with fake_http(anything) as server:
        async with TwsClient(make_config([server.url])) as tws:
            for call in CALLS.values():
                await call(tws)

    written = {(r.method, r.path) for r in server.requests if r.method != "GET"}
    assert written == {("POST", "/twsd/plan/current/criticaljob/query")}


async def test_the_simulator_answers_every_call_as_the_contract_has_it():
    """The client's calls against a living plan, its answers held to the contract."""
    answers: list[tuple[str, bytes]] = []

    class Listening(TwsClient):
        async def read(self, request, decode):
            def kept(body: bytes) -> object:
                answers.append((f"/twsd{request.path}", body))
                return decode(body)

            return await super().read(request, kept)

    with serve("night", speed=0) as simulator:
        async with Listening(make_config([simulator.url])) as tws:
            await _read_everything(tws)

    found = [
        problem for path, body in answers for problem in answer_problems(path, body)
    ]
    assert found == []
    assert len(answers) > 20
    assert [p for call in simulator.requests for p in request_problems(*call)] == []


async def _read_everything(tws: TwsClient) -> None:
    jobs = [job async for page in tws.job_pages(limit=10) for job in page.items]
    ran = next(job for job in jobs if job.runs and job.return_code == 0)
    held = next(job for job in jobs if job.unresolved)
    stream = (await tws.jobstreams()).items[0]
    station = (await tws.workstations()).items[0]
    resource = (await tws.resources()).items[0]
    await tws.engine_info()
    await tws.plan_state()
    await tws.critical_jobs()
    await tws.job_count(group_by=("status",))
    await tws.jobstream_count(group_by=("status",))
    await tws.job_issues(oql=field("id") == held.id)
    for job in (ran, held):
        assert (await tws.job(job.id)).id == job.id
        await tws.job_predecessors(job.id, 3)
        await tws.job_successors(job.id, 3)
    assert (await tws.job(held.id)).dependencies
    assert (await tws.job_log(ran.runs[-1].id)).text.startswith("===")
    assert (await tws.jobstream(stream.id)).key == stream.key
    await tws.jobstream_predecessors(stream.id)
    await tws.jobstream_successors(stream.id)
    assert (await tws.workstation(station.id)).key == station.key
    assert (await tws.workstation_health(station.id)).healthy
    assert (await tws.resource(resource.id)).key == resource.key


@pytest.mark.parametrize(
    "name",
    [
        "X' OR name LIKE '@",
        "A#B",
        "A.B",
        "A/B",
        "A@B",
        "A?B",
        "A B",
        'A"B',
        "A&oql=B",
        "A+B%20",
        "ÇÃO",
        "日本",
    ],
)
async def test_a_name_arrives_as_it_was_given(name):
    with fake_http(anything) as server:
        async with TwsClient(make_config([server.url])) as tws:
            await tws.jobs(oql=field("name") == name)

    (request,) = server.requests
    literal = request.params["oql"].removeprefix("name = ")
    assert literal[0] == literal[-1] == "'"
    assert literal[1:-1].replace("''", "'") == name
    assert set(request.params) == {"limit", "offset", "oql"}


async def test_a_name_that_looks_like_a_condition_selects_nothing_more(
    simulator: Simulator,
):
    async with TwsClient(make_config([simulator.url])) as tws:
        everything = await tws.jobs()
        nothing = await tws.jobs(oql=field("name") == "X' OR name LIKE '@")
        one = await tws.jobs(oql=field("name") == everything.items[0].name)

    assert nothing.items == []
    assert {job.name for job in one.items} == {everything.items[0].name}


async def test_odd_names_select_exactly_their_jobs_or_are_refused():
    refused = set()
    with serve("name-odd", speed=0) as odd:
        async with TwsClient(make_config([odd.url])) as tws:
            jobs = [job async for page in tws.job_pages() for job in page.items]
            for job in jobs:
                try:
                    found = await tws.jobs(oql=field("name") == job.name)
                except TwsBadName:
                    refused.add(job.name)
                else:
                    assert {item.name for item in found.items} == {job.name}

    assert len(jobs) > len(refused) + 6
    assert refused == {job.name for job in jobs if not job.name.isprintable()} != set()


async def test_times_and_booleans_are_understood_by_the_server(simulator: Simulator):
    past = datetime(2000, 1, 1, tzinfo=UTC)
    async with TwsClient(make_config([simulator.url])) as tws:
        all_streams = await tws.jobstreams()
        since = await tws.jobstreams(oql=field("schedTime") >= past)
        before = await tws.jobstreams(oql=field("schedTime") < past)

    assert len(since.items) == len(all_streams.items) > 0
    assert before.items == []


async def test_critical_jobs_of_the_older_api_are_read(simulator: Simulator):
    async with TwsClient(make_config([simulator.url])) as tws:
        critical = await tws.critical_jobs()
        jobs = [job async for page in tws.job_pages() for job in page.items]

    assert {job.name for job in critical} == {job.name for job in jobs if job.critical}
    assert all(
        job.risk in {"HIGH_RISK", "POTENTIAL_RISK", "ON_TRACK"} for job in critical
    )
    assert all(job.deadline and job.stream_name for job in critical)
