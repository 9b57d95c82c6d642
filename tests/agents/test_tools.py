"""What the tools return, read from a simulated plan over HTTP."""

import json

import pytest

from agents.llm.port import ToolCall
from agents.tools.names import TOOL_NAMES
from agents.tools.registry import TOOLS, toolbox
from agents.tools.results import STORED_BYTES, fitted
from agents.tools.toolbox import Toolbox
from tws.reader import reader_from_settings
from tws.simulator import Simulator, serve

GL_LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"
PAYROLL = "/AGT_PAY#/HR/PAYROLL"
HOSTILE_NAMES = [
    "../../../admin/user",
    "..",
    ".",
    "%2e%2e/%2e%2e",
    "a?x=1",
    "a#f",
    "A/../../B",
    "X' OR name LIKE '@",
    "x\0y",
    "\ud800",
    "\u202eRTL",
    "A" * 200,
    "\r\nHost: evil",
    "\\\\server\\share",
    "https://evil.example/",
]


@pytest.fixture(scope="module")
def night():
    with serve("night", speed=0) as simulator:
        yield simulator


@pytest.fixture
async def box(night: Simulator):
    night.clear_faults()
    reader = reader_from_settings(url=night.url)
    yield toolbox(TOOL_NAMES, lambda: reader)
    await reader.aclose()


async def run(box: Toolbox, tool: str, **arguments):
    result = await box.run(ToolCall("c", tool, json.dumps(arguments)), seconds=10)
    json.dumps(result)
    assert result["tool"] == tool
    assert result["read_at"]
    assert result["age_seconds"] >= 0
    assert (result["status"] == "failed") == bool(result.get("error"))
    return result


def test_the_names_that_profiles_are_checked_against_are_the_tools_that_exist():
    assert tuple(TOOLS) == TOOL_NAMES


def test_each_tool_has_a_schema_that_every_endpoint_takes(box):
    for spec in box.specs():
        assert spec.description.endswith(".")
        parameters = json.loads(json.dumps(spec.parameters))
        assert parameters["type"] == "object"
        assert parameters["additionalProperties"] is False
        assert "$ref" not in json.dumps(parameters)
        assert set(parameters["required"]) <= set(parameters["properties"])


async def test_the_status_of_the_plan(box):
    result = await run(box, "tws_status")

    data = result["data"]
    assert result["status"] == "ok"
    assert data["total"] == sum(data["counts"].values())
    assert [job["object"] for job in data["errors"]] == [GL_LOAD]
    assert data["workstations"]["list"][0]["object"] == "/FTA_BRANCH"
    assert data["workstations"]["list"][0]["trouble"] == "unlinked"


async def test_a_diagnosis(box):
    result = await run(box, "tws_troubleshooting", name="PAYROLL")

    data = result["data"]
    assert (result["status"], data["target"]) == ("ok", PAYROLL)
    assert [(r["kind"], r["object"]) for r in data["roots"]] == [
        ("job_failed", GL_LOAD)
    ]
    assert data["chain"][-1]["object"] == GL_LOAD
    facts = {fact["object"]: fact for fact in data["facts"]}
    assert (facts[GL_LOAD]["status"], facts[GL_LOAD]["return_code"]) == ("ABEND", 12)


async def test_one_job(box):
    result = await run(box, "tws_job", name="GL_LOAD")

    assert result["data"]["object"] == GL_LOAD
    assert result["data"]["return_code"] == 12
    assert [need["object"] for need in result["data"]["dependencies"]] == [
        "/AGT_FIN#/FIN/LEDGER.GL_CHECK"
    ]


async def test_one_stream_with_its_jobs(box):
    result = await run(box, "tws_stream", name="PAYROLL")

    assert result["data"]["object"] == PAYROLL
    assert result["data"]["jobs_total"] == len(result["data"]["job_list"]) == 5


async def test_the_log_of_a_job(box):
    result = await run(box, "tws_job_log", name="GL_LOAD", lines=10)

    assert len(result["data"]["lines"]) == 10
    assert any("SQL0964C" in line["text"] for line in result["data"]["telling"])


async def test_a_job_that_has_not_run_has_no_log(box):
    result = await run(box, "tws_job_log", name="PAY_CALC")

    assert (result["status"], result["data"]["lines"]) == ("no_data", [])


async def test_neighbours(box):
    before = await run(box, "tws_predecessors", name="PAY_CALC")
    after = await run(box, "tws_successors", name="GL_LOAD", depth=2)

    assert {item["object"] for item in before["data"]["predecessors"]} == {
        "/AGT_PAY#/HR/PAYROLL.PAY_EXTRACT",
        GL_LOAD,
    }
    names = {item["name"] for item in after["data"]["successors"]}
    assert {"GL_POST", "PAY_CALC", "PAY_CHECK"} <= names


async def test_impact_and_what_if(box):
    now = await run(box, "tws_impact", name="GL_LOAD")
    later = await run(
        box, "tws_impact", name="GL_LOAD", what_if="delayed", delay_minutes=60
    )

    assert now["data"]["waiting"]["total"] > 0
    deadline, late = now["data"]["deadlines"][0], later["data"]["deadlines"][0]
    assert late["slack_seconds"] < deadline["slack_seconds"]


async def test_places(box):
    workstation = await run(box, "tws_workstation", name="fta_branch")
    resource = await run(box, "tws_resource", name="RISKDB")

    assert workstation["data"]["linked"] is False
    assert resource["data"]["available"] == 0
    assert [holder["object"] for holder in resource["data"]["holders"]] == [
        "/AGT_RISK#/RISK/RISK.RISK_SIMULATE"
    ]


async def test_search_in_pages(box):
    first = await run(box, "tws_search", pattern="PAY_*", limit=2)
    second = await run(box, "tws_search", pattern="PAY_*", limit=2, offset=2)

    assert first["data"]["jobs_total"] == second["data"]["jobs_total"] == 5
    names = [job["name"] for page in (first, second) for job in page["data"]["jobs"]]
    assert len(set(names)) == 4


async def test_search_by_status(box):
    result = await run(box, "tws_search", status="ERROR")

    assert [job["object"] for job in result["data"]["jobs"]] == [GL_LOAD]
    wrong = await run(box, "tws_search", status="ABEND")
    assert wrong["status"] == "failed"
    assert "Invalid enum value 'ABEND'" in wrong["error"]


async def test_the_trouble_of_the_whole_plan_by_cause(box):
    result = await run(box, "tws_troubleshooting", limit=1)

    assert result["data"]["total"] > 1
    (incident,) = result["data"]["incidents"]
    assert (incident["kind"], incident["object"]) == ("job_failed", GL_LOAD)
    assert incident["waiting"] > 0


async def test_the_deadlines_of_the_whole_plan(box):
    result = await run(box, "tws_impact")

    assert result["data"]["deadlines"][0]["object"].endswith("PAY_TRANSFER")


@pytest.mark.parametrize(
    "tool", [t for t in TOOL_NAMES if t not in {"tws_status", "tws_search"}]
)
async def test_an_unknown_name_is_an_answer_and_not_a_failure(box, tool):
    result = await run(box, tool, name="NO_SUCH_THING")

    assert result["status"] == "no_data"
    assert "NO_SUCH_THING" in result["summary"]


async def test_a_name_that_was_mistyped_gets_the_nearest(box):
    result = await run(box, "tws_job", name="GL_LAOD")

    assert GL_LOAD in result["data"]["nearest"] or result["data"]["nearest"]


async def test_nothing_that_fits_a_pattern_is_no_data(box):
    assert (await run(box, "tws_search", pattern="ZZZ*"))["status"] == "no_data"


async def test_several_matches_are_listed(box):
    result = await run(box, "tws_troubleshooting", name="GL_@")

    assert result["status"] == "ok"
    assert result["data"]["ambiguous"] is True
    assert result["data"]["total"] == len(result["data"]["matches"]) > 1


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
@pytest.mark.parametrize("tool", [t for t in TOOL_NAMES if t != "tws_status"])
async def test_hostile_names_reach_no_other_path(box, night, tool, name):
    before = len(night.requests)

    result = await run(
        box, tool, **{"pattern" if tool == "tws_search" else "name": name}
    )

    assert result["status"] in {"ok", "no_data", "failed"}
    for seen in night.requests[before:]:
        assert seen.path.startswith("/twsd/api/v2/")
        assert not {"admin", "..", "evil"} & set(seen.path.split("/"))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("401", "401"),
        ("403", "may not read"),
        ("html", "HTML"),
        ("truncated", ""),
        ("reset", ""),
    ],
)
async def test_a_plan_that_cannot_be_read_fails_with_the_reason(
    box, night, fault, told
):
    night.fault(fault)

    result = await run(box, "tws_job", name="GL_LOAD")

    assert result["status"] == "failed"
    assert told in result["error"]
    assert result["error"].endswith(".")


async def test_defect_17_no_tool_dumps_the_plan():
    """The older system put all jobs into one tool string."""
    with serve("night", speed=0, jobs=3000) as simulator:
        reader = reader_from_settings(url=simulator.url)
        box = toolbox(TOOL_NAMES, lambda: reader)
        for tool, arguments in [
            ("tws_status", {}),
            ("tws_search", {"pattern": "*", "limit": 50}),
            ("tws_stream", {"name": "PAYROLL"}),
            ("tws_successors", {"name": "GL_LOAD", "depth": 5}),
            ("tws_troubleshooting", {"name": "PAYROLL"}),
        ]:
            result = await run(box, tool, **arguments)
            assert result["status"] == "ok", result
            assert len(json.dumps(result).encode()) <= STORED_BYTES
            assert len(json.dumps(fitted(result, 6000)).encode()) <= 6000
        found = await run(box, "tws_search", pattern="*", limit=50)
        assert found["data"]["jobs_total"] >= 2900
        await reader.aclose()


def test_what_is_cut_says_how_much_is_missing():
    result = {
        "tool": "t",
        "data": {"items": [{"n": n} for n in range(1000)], "text": "x" * 9000},
    }

    small = fitted(result, 2000)

    assert len(json.dumps(small).encode()) <= 2000
    data = small["data"]
    assert data["items_omitted"] + len(data["items"]) == 1000
    assert "characters left out" in data["text"]
    assert len(result["data"]["items"]) == 1000  # the original is not touched


def test_what_cannot_be_cut_is_left_out_and_says_so():
    result = {"data": {f"k{n}": n for n in range(2000)}}

    assert fitted(result, 500)["data"] == {
        "omitted": "The result was too large to be shown."
    }
