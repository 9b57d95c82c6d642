"""Servers that tell as little as a release may: what can be told without it is told."""

from dataclasses import replace

import pytest

from tests.fakes.http import Reply, fake_http
from tests.fakes.small_tws import (
    UP,
    SmallTws,
    follows,
    follows_by_name,
    job,
    small_tws,
    stream,
    workstation,
)
from tws import objects
from tws.client import TwsClient
from tws.config import make_config
from tws.exceptions import (
    TwsForbidden,
    TwsPayloadError,
    TwsUnauthorized,
    TwsUnavailable,
)
from tws.found import Found, NotFound
from tws.loader import PlanLoader
from tws.reader import reader_from_settings
from tws.simulator import serve

Z = "/AGT1#/PAY.Z"
A = "/AGT1#/PAY.A"
CHAIN = (
    stream("PAY", "STUCK"),
    workstation(),
    job("A", "ABEND", position=1),
    job("B", "HOLD", follows("A"), position=2),
    job("Z", "HOLD", follows("B"), position=3),
)
TAPE = {
    "id": "id-TAPE",
    "name": "TAPE",
    "folder": "/",
    "workstation": "/AGT1",
    "quantity": 1,
    "quantityAvailable": 0,
    "quantityInUse": 1,
}
NEEDS_TAPE = {
    "dependencyType": "RESOURCE",
    "id": "on-TAPE",
    "name": "TAPE",
    "workstation": "/AGT1",
    "quantity": 1,
    "available": 0,
    "dependencyStatus": "UNSATISFIED",
}


async def read(url: str, name: str = Z):
    reader = reader_from_settings(url=url)
    try:
        return await reader.diagnose(name)
    finally:
        await reader.aclose()


async def roots(*objects, name: str = Z, **how) -> list[tuple[str, str]]:
    with small_tws(*objects, **how) as server:
        found = await read(f"{server.origin}/twsd", name)
    assert isinstance(found, Found), found
    return [(root["kind"], root["object"]) for root in found.data["roots"]]


# --- What a release lacks, or a user may not read ----------------------------------


@pytest.mark.parametrize("status", [403, 404, 405, 500, 501])
@pytest.mark.parametrize(
    "endings",
    [
        ("/predecessors",),
        ("/successors",),
        ("/predecessors", "/successors"),
        ("/joblog",),
        ("/twsd/engine/info",),
        ("/plan/workstation",),
    ],
)
async def test_the_cause_is_told_without_what_is_declined(endings, status):
    declines = dict.fromkeys(endings, status)

    assert await roots(*CHAIN, declines=declines) == [("job_failed", A)]


async def test_a_note_says_what_was_declined():
    with small_tws(*CHAIN, declines={"/predecessors": 403}) as server:
        found = await read(f"{server.origin}/twsd")

    assert any("may not read the predecessors" in note for note in found.data["notes"])


async def test_a_long_stream_is_read_one_by_one_where_neighbours_are_not_told():
    jobs = [job("J0", "ABEND", position=0)]
    jobs += [
        job(f"J{n}", "HOLD", follows(f"J{n - 1}"), position=n) for n in range(1, 60)
    ]
    declines = {"/predecessors": 501, "/successors": 501}
    plan = (stream("PAY", "STUCK"), workstation(), *jobs)

    found = await roots(*plan, name="/AGT1#/PAY.J59", declines=declines)

    assert found == [("job_failed", "/AGT1#/PAY.J0")]


async def test_a_workstation_that_may_not_be_read_leaves_it_open_why_a_job_waits():
    plan = (stream("PAY"), job("Z", "READY"), workstation())

    found = await roots(*plan, declines={"/plan/workstation": 403})

    assert found == [("unknown", "/AGT1")]


async def test_a_resource_that_may_not_be_read_is_known_from_what_needs_it():
    plan = (stream("PAY"), workstation(), job("Z", "READY", NEEDS_TAPE))

    found = await roots(*plan, declines={"/plan/resource": 403})

    assert found == [("resource_busy", "/AGT1#/TAPE")]


@pytest.mark.parametrize("status", [403, 500, 504])
async def test_a_log_that_does_not_come_keeps_nothing_back(status):
    assert await roots(*CHAIN, declines={"/joblog": status}) == [("job_failed", A)]


async def test_a_log_is_not_waited_for_long(monkeypatch):
    """The agent that has it may be down."""
    monkeypatch.setattr(objects, "LOG_SECONDS", 0.2)
    told = SmallTws(*CHAIN)

    def answer(request):
        delay = 30.0 if request.path.endswith("/joblog") else 0.0
        return replace(told(request), delay=delay)

    with fake_http(answer) as server:
        found = await read(f"{server.origin}/twsd")

    assert [root["object"] for root in found.data["roots"]] == [A]


async def test_being_asked_too_often_is_no_answer():
    with (
        small_tws(*CHAIN, declines={"/predecessors": 429}) as server,
        pytest.raises(TwsUnavailable, match="asked too often"),
    ):
        await read(f"{server.origin}/twsd")


async def test_wrong_credentials_are_not_gone_without():
    with (
        small_tws(*CHAIN, declines={"/predecessors": 401}) as server,
        pytest.raises(TwsUnauthorized),
    ):
        await read(f"{server.origin}/twsd")


# --- What lists leave out ----------------------------------------------------------


async def test_dependencies_that_lists_do_not_count_are_read():
    """Another cause that is already known does not end the search."""
    late = {"startTime": "2199-12-31T00:00:00Z", "timeDependent": True}
    plan = (
        stream("PAY", "STUCK"),
        workstation(),
        job("A", "ABEND"),
        job("Z", "HOLD", follows("A"), timeRestrictions=late),
    )

    found = await roots(*plan, only_whole=("dependencies", "dependenciesStats"))

    assert set(found) == {("job_failed", A), ("time_not_reached", Z)}


@pytest.mark.parametrize(
    "holder",
    [
        {"jobKey": "/AGT1#/PAY.H", "quantity": 1},
        {"jobStream": "PAY", "job": "H", "quantity": 1},
        {"jobId": "id-H", "quantity": 1},
    ],
)
async def test_a_holder_is_followed_by_what_the_engine_gives_of_it(holder):
    plan = (
        stream("PAY"),
        workstation(),
        job("H", "ABEND"),
        job("Z", "READY", NEEDS_TAPE),
        TAPE | {"holders": [holder]},
    )

    assert await roots(*plan) == [("job_failed", "/AGT1#/PAY.H")]


async def test_holders_that_the_list_leaves_out_are_read():
    plan = (
        stream("PAY"),
        workstation(),
        job("H", "ABEND"),
        job("Z", "READY", NEEDS_TAPE),
        TAPE | {"holders": [{"jobId": "id-H", "quantity": 1}]},
    )

    found = await roots(*plan, only_whole=("dependencies", "holders"))

    assert found == [("job_failed", "/AGT1#/PAY.H")]


async def test_workstations_on_later_pages_are_found():
    others = [workstation(f"AGT{n}") for n in range(2, 9)]
    plan = (stream("PAY"), job("Z", "READY"), *others, workstation(limit=0))

    assert await roots(*plan, page=3) == [("workstation_limit", "/AGT1")]


async def test_running_jobs_are_asked_for_by_both_names_of_a_workstation():
    plan = (stream("PAY"), job("R", "EXEC"), job("Z", "READY"), workstation(limit=1))
    with small_tws(*plan) as server:
        found = await read(f"{server.origin}/twsd")
        asked = [request.params.get("oql", "") for request in server.requests]

    assert found.data["roots"][0]["kind"] == "workstation_limit"
    assert any("workstation IN ['/AGT1', 'AGT1']" in oql for oql in asked)


# --- Dependencies by name ----------------------------------------------------------


OTHER = {"jobStreamId": "id-LOAD", "jobStreamName": "LOAD"}


async def test_a_dependency_without_an_id_is_followed_by_its_name():
    plan = (
        stream("PAY"),
        stream("LOAD", "ABEND"),
        workstation(),
        job("L", "ABEND", **OTHER),
        job("Z", "HOLD", follows_by_name("LOAD", "L")),
    )

    assert await roots(*plan) == [("job_failed", "/AGT1#/LOAD.L")]


async def test_a_stream_without_an_id_is_followed_by_its_name():
    plan = (
        stream("PAY"),
        stream("LOAD", "STUCK"),
        workstation(),
        job("L", "ABEND", **OTHER),
        job("Z", "HOLD", follows_by_name("LOAD")),
    )

    assert await roots(*plan) == [("job_failed", "/AGT1#/LOAD.L")]


async def test_of_two_days_the_name_means_the_one_it_is_scheduled_for():
    yesterday = {"schedTime": "2026-03-03T18:00:00Z"}
    old = OTHER | yesterday | {"jobStreamId": "id-OLD"}
    plan = (
        stream("PAY"),
        stream("LOAD", "EXEC"),
        stream("LOAD", "STUCK", id="id-OLD", **yesterday),
        workstation(),
        job("L", "EXEC", **OTHER),
        job("L", "ABEND", id="id-OLD-L", **old),
        job("Z", "HOLD", follows_by_name("LOAD", "L")),
    )

    assert await roots(*plan) == [("job_running", "/AGT1#/LOAD.L")]


async def test_a_name_that_the_plan_does_not_have_is_an_orphan():
    plan = (
        stream("PAY"),
        workstation(),
        job("Z", "HOLD", follows_by_name("GONE", "X")),
    )

    assert await roots(*plan) == [("orphan_dependency", "/AGT1#/GONE.X")]


async def test_many_names_are_asked_for_together():
    many = range(50)
    plan = (
        stream("PAY"),
        workstation(),
        *(stream(f"O{n}", "ABEND") for n in many),
        *(
            job("X", "ABEND", id=f"x{n}", jobStreamId=f"id-O{n}", jobStreamName=f"O{n}")
            for n in many
        ),
        job("Z", "HOLD", *(follows_by_name(f"O{n}", "X") for n in many)),
    )
    with small_tws(*plan) as server:
        found = await read(f"{server.origin}/twsd")
        asked = len(server.requests)

    objects = {root["object"] for root in found.data["roots"]}
    assert objects == {f"/AGT1#/O{n}.X" for n in many}
    assert asked <= 12


@pytest.mark.parametrize(
    "label", ["", "A\u0000B", "X" * 300, "'", "A#B"], ids=lambda label: label[:3]
)
async def test_a_name_that_none_can_have_is_not_there(label):
    plan = (
        stream("PAY"),
        workstation(),
        job("Z", "HOLD", follows_by_name(label, label)),
    )

    found = await roots(*plan)

    assert [kind for kind, _ in found] == ["orphan_dependency"]


# --- Spellings ---------------------------------------------------------------------


async def test_small_letters_mean_the_same():
    plan = (
        stream("PAY", "exec"),
        workstation(activeStates=[state.lower() for state in UP], type="agent"),
        job("A", "abend"),
        job("Z", "hold", follows("A", dependencyStatus="unsatisfied")),
    )

    assert await roots(*plan) == [("job_failed", A)]


async def test_an_empty_list_may_be_null():
    with fake_http(lambda _: Reply.json({"results": None, "count": -1})) as server:
        async with TwsClient(make_config([f"{server.origin}/twsd"])) as tws:
            page = await tws.jobs()
            near = await tws.job_predecessors("id-A")

    assert (page.items, page.count, page.next_offset, near) == ([], None, None, [])


SILENT = ["LINKED", "JOBMAN_UP", "IS_INITED"]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (SILENT, SILENT, ("waiting_turn", Z)),
        (SILENT, UP, ("workstation_down", "/AGT1")),
        (UP, SILENT, ("waiting_turn", Z)),
    ],
    ids=["none tells", "another is online", "it is online"],
)
async def test_online_counts_where_the_engine_shows_it_of_some(own, other, expected):
    plan = (
        stream("PAY"),
        job("Z", "READY"),
        workstation(activeStates=own),
        workstation("AGT2", activeStates=other),
    )

    assert await roots(*plan) == [expected]


@pytest.mark.parametrize("kind", ["POOL", "D-POOL"])
async def test_a_pool_need_not_be_online_itself(kind):
    pool = workstation(type=kind, activeStates=SILENT)
    plan = (stream("PAY"), job("Z", "READY"), pool, workstation("AGT2"))

    assert await roots(*plan) == [("waiting_turn", Z)]


# --- Finding the name --------------------------------------------------------------


async def test_a_name_on_more_workstations_than_fit_is_found_on_the_one_meant():
    many = [
        job(
            "Z",
            "SUCC",
            id=f"id-{n}",
            workstation=f"/W{n}",
            jobStreamWorkstation=f"/W{n}",
        )
        for n in range(300)
    ]
    server_of_all = SmallTws(*many)

    def answer(request):
        """As far as the test needs it, the filter is applied."""
        named = request.params.get("oql", "")
        if "@/W299" in named and request.path.endswith("/plan/job"):
            return SmallTws(many[299])(request)
        return server_of_all(request)

    with fake_http(answer) as server:
        found = await read(f"{server.origin}/twsd", "W299#PAY.Z")

    assert found.data["target"] == "/W299#/PAY.Z"


async def test_a_server_that_ignores_filters_is_told_from_a_name_that_is_not_there():
    jobs = [job(f"J{n}") for n in range(300)]
    with (
        small_tws(*jobs) as server,
        pytest.raises(TwsPayloadError, match="ignores the filter"),
    ):
        await read(f"{server.origin}/twsd", "NOSUCH")
    with small_tws(*jobs[:3]) as server:
        assert isinstance(await read(f"{server.origin}/twsd", "NOSUCH"), NotFound)


# --- What it costs ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "resource-holder-asks",
        "failed-three-streams",
        "shared-root",
        "cycle-streams",
        "stream-follows-stream",
        "two-causes-failed",
    ],
)
async def test_the_longest_ways_take_ten_calls(name):
    with serve(name, speed=0) as simulator:
        for target in simulator.scenario.targets:
            asked = len(simulator.requests)
            found = await read(simulator.url, target.name)
            told = [(root["kind"], root["object"]) for root in found.data["roots"]]
            assert target.is_met_by(told)
            assert len(simulator.requests) - asked <= 10


# --- The plan as a whole -----------------------------------------------------------


async def test_who_may_read_the_plan_but_not_the_version_can_read_the_plan():
    with small_tws(*CHAIN, declines={"/engine/info": 403}) as server:
        async with TwsClient(make_config([f"{server.origin}/twsd"])) as tws:
            ping = await tws.ping()

    assert (ping.version, ping.jobs) == ("", 3)


async def test_who_may_read_neither_is_told_of_the_first():
    declines = {"/engine/info": 403, "/plan/job": 404}
    with small_tws(*CHAIN, declines=declines) as server:
        async with TwsClient(make_config([f"{server.origin}/twsd"])) as tws:
            with pytest.raises(TwsForbidden, match="description"):
                await tws.ping()


async def test_wrong_credentials_are_tried_once():
    declines = {"/engine/info": 401}
    with small_tws(*CHAIN, declines=declines) as server:
        async with TwsClient(make_config([f"{server.origin}/twsd"])) as tws:
            with pytest.raises(TwsUnauthorized):
                await tws.ping()
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [403, 404, 501])
async def test_the_status_of_the_plan_is_told_from_lists_alone(status):
    endings = ("/count", "/engine/info", "/criticaljob/query", "/plan/workstation")
    with small_tws(*CHAIN, declines=dict.fromkeys(endings, status)) as server:
        reader = reader_from_settings(url=f"{server.origin}/twsd")
        told = await reader.status()
        await reader.aclose()

    assert told["total"] == 3
    assert told["counts"] == {"ERROR": 1, "WAITING": 2}
    assert [item["object"] for item in told["errors"]] == [A]
    assert told["workstations"]["total"] == 0


@pytest.mark.parametrize("status", [403, 404, 501])
async def test_the_copy_of_the_plan_keeps_what_it_may_not_follow(status):
    endings = ("/successors", "/predecessors", "/plan/resource", "/engine/info")
    with small_tws(*CHAIN, declines=dict.fromkeys(endings, status)) as server:
        reader = reader_from_settings(url=f"{server.origin}/twsd")
        told = await reader.incidents()
        await reader.aclose()

    assert [(one["kind"], one["object"]) for one in told.data["incidents"]] == [
        ("job_failed", A)
    ]
    assert told.data["waiting"] == 2


async def test_a_copy_that_is_not_counted_is_compared_by_lists():
    with small_tws(*CHAIN, declines={"/count": 403}) as server:
        async with TwsClient(make_config([f"{server.origin}/twsd"])) as tws:
            loader = PlanLoader(tws)
            await loader.load()
            plan = await loader.refresh()
            await loader.aclose()

    assert set(plan.jobs) == {"id-A", "id-B", "id-Z"}
