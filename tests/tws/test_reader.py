"""The reader that everybody above uses: against a living simulator."""

import asyncio
import json
from contextlib import suppress

import pytest

from tws.exceptions import TwsBadName, TwsForbidden, TwsUnavailable
from tws.found import Ambiguous, Found, NotFound
from tws.reader import PlanReader, reader_from_settings
from tws.simulator import serve

HOSTILE = (
    "../../../admin/user",
    "..\\..\\admin",
    "/etc/passwd",
    "//evil.example.com/x",
    "http://evil.example.com/",
    "a?x=1",
    "a&limit=0",
    "a#b",
    "a%23b",
    "a;b=c",
    ".",
    "..",
    "...",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fengine",
    "%00",
    "%",
    "%zz",
    "\x00",
    "A\x00B",
    "A\r\nHost: evil",
    "A\tB",
    "\x1b[31mA",
    "\u202eLLORYAP",
    "\u200bPAY",
    "\ufeffPAY",
    "\ud800",
    "X" * 257,
    "X" * 10_000,
    " ",
    "",
    "'",
    "''",
    "X' OR name LIKE '@",
    "X'] OR name IN ['PAYROLL",
    "name = 'PAYROLL'",
    'A"B',
    "A\\'B",
    "(",
    "[*]",
    "@" * 200,
    "#" * 200,
    "." * 200,
    "#." * 100,
    "<script>alert(1)</script>",
    "{{7*7}}",
    "$(reboot)",
    "1e309",
    "ca15f24a-0e6b-3f1b-9251-854d8d0d3639",
)
LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"


@pytest.fixture
async def reader(simulator):
    made = reader_from_settings(url=simulator.url)
    yield made
    await made.aclose()


@pytest.fixture
async def forgetful(simulator):
    """One that remembers nothing, so that each read is new."""
    made = PlanReader(reader_from_settings(url=simulator.url).client, ttl=0)
    yield made
    await made.aclose()


# --- Diagnosis ---------------------------------------------------------------------


async def test_payroll_waits_behind_the_failed_load(reader) -> None:
    found = await reader.diagnose("PAYROLL")

    assert isinstance(found, Found)
    assert [(root["kind"], root["object"]) for root in found.data["roots"]] == [
        ("job_failed", LOAD)
    ]
    assert found.data["chain"][0]["object"] == found.data["target"]
    assert found.data["chain"][-1]["object"] == LOAD
    json.dumps(found.record())


async def test_the_failed_jobs_log_is_evidence(reader) -> None:
    found = await reader.diagnose("PAY_CALC")

    evidence = found.data["roots"][0]["evidence"]
    lines = [item["value"] for item in evidence if "log" in item["field"]]
    assert any("SQL0964C" in line for line in lines)
    assert found.data["report"].count("SQL0964C") == 1


async def test_evidence_tells_when_it_was_read(reader) -> None:
    found = await reader.diagnose("PAY_CALC")

    status = found.data["roots"][0]["evidence"][0]
    assert (status["field"], status["value"]) == ("status", "ABEND")
    assert status["read_at"]


async def test_ten_calls_and_half_a_second_though_each_takes_fifty_ms() -> None:
    with serve("night", speed=0, latency=0.05) as simulator:
        reader = reader_from_settings(url=simulator.url)
        try:
            began = asyncio.get_running_loop().time()
            found = await reader.diagnose("PAY_TRANSFER")
            took = asyncio.get_running_loop().time() - began
        finally:
            await reader.aclose()

    assert found.data["roots"][0]["object"] == LOAD
    assert len(simulator.requests) <= 10
    assert took < 1.5  # half a second on a machine with nothing else to do


async def test_a_star_means_any_text_as_in_a_shell(reader) -> None:
    star, vendor = await reader.diagnose("PAY_*"), await reader.diagnose("PAY_@")

    assert isinstance(star, Ambiguous)
    assert star.matches == vendor.matches
    assert len(star.matches) == 5


async def test_several_matches_are_told_the_newest_first(reader) -> None:
    found = await reader.diagnose("PAY@")

    assert isinstance(found, Ambiguous)
    assert {"object", "status", "scheduled"} <= found.matches[0].keys()
    assert found.total == len(found.matches)
    assert "PAY_CALC" in str(found)


async def test_nothing_of_that_name_tells_what_is_near(reader) -> None:
    found = await reader.diagnose("PAYROL")

    assert isinstance(found, NotFound)
    assert "PAYROL" in str(found)
    assert any("PAYROLL" in name for name in found.nearest)


async def test_small_letters_are_understood(reader) -> None:
    found = await reader.diagnose("payroll")

    assert found.data["target"].endswith("PAYROLL")


async def test_an_id_is_a_name_too(reader) -> None:
    (job,) = (await reader.find("GL_LOAD")).data["jobs"]

    found = await reader.diagnose(job["id"])

    assert found.data["target"] == LOAD


async def test_a_name_that_cannot_be_is_refused_before_any_call(
    reader, simulator
) -> None:
    for name in ("", "A\x00B", "X" * 10_000):
        with pytest.raises(TwsBadName):
            await reader.diagnose(name)

    assert simulator.requests == []


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_names_reach_no_other_path(reader, simulator, name) -> None:
    for ask in (reader.diagnose, reader.job, reader.stream, reader.impact, reader.find):
        with suppress(TwsBadName):  # refused before any call is as good
            found = await ask(name)
            assert isinstance(found, NotFound | Ambiguous | Found)

    assert {seen.path for seen in simulator.requests} <= {
        "/twsd/api/v2/plan/job",
        "/twsd/api/v2/plan/jobstream",
        # An id is looked up as one: it goes into the path, quoted as a whole.
        "/twsd/api/v2/plan/job/ca15f24a-0e6b-3f1b-9251-854d8d0d3639",
        "/twsd/api/v2/plan/jobstream/ca15f24a-0e6b-3f1b-9251-854d8d0d3639",
    }


# --- Memory and age ----------------------------------------------------------------


async def test_a_hundred_who_ask_at_once_cost_one_diagnosis(reader, simulator) -> None:
    await reader.diagnose("PAYROLL")
    alone = len(simulator.requests)
    fresh = reader_from_settings(url=simulator.url)

    found = await asyncio.gather(*(fresh.diagnose("PAYROLL") for _ in range(100)))
    await fresh.aclose()

    assert len({id(one.data) for one in found}) == 1
    assert len(simulator.requests) == 2 * alone


async def test_while_tws_is_away_old_answers_are_given_with_their_age(
    forgetful, simulator
) -> None:
    before = await forgetful.diagnose("PAYROLL")
    with simulator.fault("503"):
        after = await forgetful.diagnose("PAYROLL")
        status = forgetful.status()
        with pytest.raises(TwsUnavailable):
            await status

    assert after.stale
    assert "TWS behind it does not (503)" in after.stale_reason
    assert before.stale_reason == ""
    assert not before.stale
    assert after.read_at == before.read_at
    assert after.data["roots"] == before.data["roots"]


async def test_the_copy_of_the_plan_answers_what_was_never_asked(
    reader, simulator
) -> None:
    await reader.incidents()
    with simulator.fault("reset"):
        found = await reader.diagnose("REP_COLLECT")

    assert found.stale
    assert found.data["roots"][0]["object"] == LOAD


@pytest.mark.parametrize("fault", ["500", "html", "truncated"])
async def test_a_plan_that_cannot_be_read_is_told_as_it_was(
    forgetful, simulator, fault
) -> None:
    await forgetful.status()
    with simulator.fault(fault):
        found = await forgetful.status()

    assert found["stale"]
    assert found["stale_reason"]
    assert found["total"] > 0


async def test_a_right_withdrawn_is_no_reason_for_old_answers(
    forgetful, simulator
) -> None:
    await forgetful.status()

    with simulator.fault("403"), pytest.raises(TwsForbidden):
        await forgetful.status()


# --- The plan as a whole -----------------------------------------------------------


async def test_status_counts_and_names_what_is_wrong(reader) -> None:
    found = await reader.status()

    assert found["total"] == sum(found["counts"].values())
    assert LOAD in [job["object"] for job in found["errors"]]
    assert found["errors_total"] == found["counts"]["ERROR"] == len(found["errors"])
    assert found["workstations"]["down"] == 1
    assert found["workstations"]["list"][0]["name"] == "FTA_BRANCH"
    assert found["critical_total"] == 2
    assert {one["object"] for one in found["critical"]} == {
        "/AGT_PAY#/HR/PAYROLL.PAY_TRANSFER",
        "/AGT_RISK#/RISK/RISK.RISK_SIMULATE",
    }
    assert not found["stale"]
    json.dumps(found)


async def test_status_takes_few_calls_however_big_the_plan(simulator, reader) -> None:
    await reader.status()

    assert len(simulator.requests) <= 8


async def test_incidents_are_one_for_each_cause(reader) -> None:
    found = await reader.incidents()

    kinds = {(one["kind"], one["object"]) for one in found.data["incidents"]}
    assert kinds == {
        ("job_failed", LOAD),
        ("prompt_open", "TARIFFS_RELEASED"),
        ("workstation_down", "/FTA_BRANCH"),
    }
    worst = found.data["incidents"][0]
    assert worst["object"] == LOAD
    assert worst["waiting"] > 8
    assert worst["deadlines"][0]["object"].endswith("PAY_TRANSFER")


async def test_incidents_are_paged(reader) -> None:
    first = await reader.incidents(limit=1)
    second = await reader.incidents(limit=1, offset=1)

    assert first.data["total"] == second.data["total"] == 3
    assert first.data["incidents"] != second.data["incidents"]


async def test_deadlines_at_risk(reader) -> None:
    found = await reader.deadlines()

    (risk, *_) = found.data["deadlines"]
    assert risk["object"].endswith("PAY_TRANSFER")
    assert risk["critical"]


# --- Objects -----------------------------------------------------------------------


async def test_a_job_with_its_dependencies_by_name(reader) -> None:
    found = await reader.job("PAY_CALC")

    assert found.data["status"] == "HOLD"
    states = {one["object"]: one["status"] for one in found.data["dependencies"]}
    assert states[LOAD] == "ABEND"


async def test_a_stream_with_its_jobs(reader) -> None:
    found = await reader.stream("PAYROLL")

    assert found.data["jobs_total"] == 5
    assert {job["name"] for job in found.data["job_list"]} >= {"PAY_CALC", "PAY_PRINT"}


async def test_a_stream_is_no_job(reader) -> None:
    assert isinstance(await reader.job("PAYROLL"), NotFound)
    assert isinstance(await reader.stream("GL_LOAD"), NotFound)


async def test_the_end_of_a_log_and_its_telling_lines(reader) -> None:
    found = await reader.job_log("GL_LOAD", tail=5)

    assert len(found.data["lines"]) == 5
    assert found.data["return_code"] == 12
    everything = await reader.job_log("GL_LOAD")
    assert "SQL0964C" in everything.data["telling"][0]["text"]


async def test_a_job_that_has_not_run_has_no_log(reader) -> None:
    found = await reader.job_log("PAY_PRINT")

    assert found.data["lines"] == []
    assert "no log" in found.summary


async def test_neighbours(reader) -> None:
    before = await reader.predecessors("PAY_CALC")
    after = await reader.successors("GL_LOAD", depth=3)

    assert LOAD in [one["object"] for one in before.data["predecessors"]]
    names = [one["name"] for one in after.data["successors"]]
    assert {"GL_POST", "PAY_CALC", "PAY_CHECK"} <= set(names)


async def test_places_and_things(reader) -> None:
    place = await reader.workstation("fta_branch")
    thing = await reader.resource("RISKDB")

    assert (place.data["linked"], place.data["trouble"]) == (False, "unlinked")
    assert thing.data["available"] == 0
    assert thing.data["holders"][0]["object"].endswith("RISK_SIMULATE")
    assert isinstance(await reader.workstation("NOWHERE"), NotFound)
    assert isinstance(await reader.resource("NOTHING"), NotFound)


async def test_search_gives_a_page_and_the_total(reader) -> None:
    page = await reader.find("PAY_@", limit=2)
    rest = await reader.find("PAY_@", limit=10, offset=2)

    assert page.data["jobs_total"] == 5
    assert len(page.data["jobs"]) == 2
    assert len(rest.data["jobs"]) == 3


async def test_impact_now_and_what_if(reader) -> None:
    found = await reader.impact("GL_LOAD")

    assert found.data["complete"]
    assert found.data["waiting"]["total"] > 8
    missed = {
        one["assumption"]: one["deadlines_missed"] for one in found.data["what_if"]
    }
    assert missed["rerun_now"] == 1
    assert missed["done_now"] == 1


async def test_what_an_impact_says_is_what_the_whole_plan_says(reader) -> None:
    part = await reader.impact("GL_LOAD")
    await reader.incidents()
    (whole, *_) = (await reader.incidents()).data["incidents"]

    assert part.data["waiting"]["total"] == whole["waiting"]


async def test_bad_payloads_do_not_harm_a_status(simulator, reader) -> None:
    with simulator.fault("wrong-shape"), pytest.raises(Exception, match=r"\w"):
        await reader.status()

    assert (await reader.status())["total"]


async def test_the_copy_is_loaded_once_however_many_ask_at_once(
    reader, simulator
) -> None:
    await asyncio.gather(reader.incidents(), reader.deadlines(), reader.incidents())

    lists = [
        seen
        for seen in simulator.requests
        if seen.path.endswith("/plan/job") and "oql" not in seen.query
    ]
    assert len(lists) == 1


async def test_incidents_survive_a_refresh_that_fails(forgetful, simulator) -> None:
    before = await forgetful.incidents()
    with simulator.fault("503"):
        after = await forgetful.incidents()

    assert after.stale
    assert after.data == before.data
