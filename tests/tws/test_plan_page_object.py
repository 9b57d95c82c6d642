"""The pages of one job, job stream, workstation and resource."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.tws.plan_pages import (  # noqa: F401  fixtures
    Browser,
    browser,
    browsers,
    statements,
)
from tws.simulator import Simulator, serve

pytestmark = pytest.mark.django_db(transaction=True)

TRANSFER = "/AGT_PAY#/HR/PAYROLL.PAY_TRANSFER"
LOAD = "/AGT_FIN#/FIN/LEDGER.GL_LOAD"


async def test_a_failed_job(browser: Browser):
    parts = await browser.parts("/plan/job/", name=LOAD)
    page = await browser.page("/plan/job/", name=LOAD)

    assert page.one("head").one("title").text == "GL_LOAD · Plan · Resync"
    facts = parts.one(id="part-item")
    assert facts.one("h1").text == "GL_LOAD"
    assert "ABEND return code 12" in facts.text
    assert re.search(r"Took 16 min Estimate 20 min", facts.text)
    why = parts.one(id="part-why")
    assert (
        "Job failed this one itself It ended in ABEND with return code 12" in why.text
    )
    assert "What to do: Read its log" in why.text
    assert "recoveryOption STOP" in why.text
    telling = [line.text for line in parts.one("ul", class_="telling").all("li")]
    assert telling[0] == (
        "17 SQL0964C The transaction log for the database is full. SQLSTATE=57011"
    )
    marked = parts.one("div", class_="lines").all("div", class_="tells")
    assert [line.one("span").text for line in marked] == ["17", "18", "20"]
    assert "11 jobs wait for it." in parts.one(id="part-impact").text
    assert (
        "met Job /AGT_FIN#/FIN/LEDGER.GL_CHECK SUCC" in parts.one(id="part-needs").text
    )


async def test_a_waiting_job_with_the_way_to_its_cause(browser: Browser):
    parts = await browser.parts("/plan/job/", name="PAY_TRANSFER")

    why = parts.one(id="part-why")
    assert why.one("ol", class_="incidents").one("h3").text == "GL_LOAD"
    steps = [step.text for step in why.one("details", class_="steps").all("li")]
    assert steps == [
        "PAY_TRANSFER HOLD",
        "PAY_CHECK HOLD predecessor of PAY_TRANSFER",
        "PAY_CALC HOLD predecessor of PAY_CHECK",
        "GL_LOAD ABEND predecessor of PAY_CALC",
    ]
    assert parts.all(id="part-log") == []
    assert "1 of 1 deadline would be missed" in parts.one(id="part-impact").text


async def test_the_picture_is_told_to_those_who_do_not_see_it(browser: Browser):
    parts = await browser.parts("/plan/job/", name="PAY_TRANSFER")

    drawing = parts.one("svg", class_="picture")
    assert drawing.attributes["role"] == "img"
    assert drawing.attributes["aria-labelledby"] == "picture-title picture-desc"
    assert drawing.one("title", id="picture-title").text
    assert "The same stands in words" in drawing.one("desc").text
    boxes = drawing.all("svg", class_="box")
    assert len(boxes) == 4
    assert drawing.one("svg", class_="root").all("text")[2].text == "GL_LOAD"
    assert drawing.one("svg", class_="target").all("text")[2].text == "PAY_TRANSFER"
    words = [box.one("text", class_="word").text for box in boxes]
    assert sorted(words) == ["ABEND", "HOLD", "HOLD", "HOLD"]
    assert {link.attributes["tabindex"] for link in drawing.all("a")} == {"-1"}
    assert len(drawing.all("path", class_="tie")) == 3


async def test_a_job_stream_with_its_jobs(browser: Browser):
    parts = await browser.parts("/plan/stream/", name="PAYROLL")

    assert "EXEC" in parts.one(id="part-item").text
    jobs = parts.one(id="part-members").all("td", class_="name")
    assert [job.all("a")[0].text for job in jobs][:2] == ["PAY_EXTRACT", "PAY_CALC"]
    assert parts.one(id="part-why").one("ol", class_="incidents").one("h3").text == (
        "GL_LOAD"
    )


async def test_a_running_job_against_its_estimate(browser: Browser):
    parts = await browser.parts("/plan/job/", name="RISK_SIMULATE")

    progress = parts.one("progress")
    assert int(progress.attributes["max"]) == 55 * 60
    assert 0 < int(progress.attributes["value"]) < 55 * 60
    assert "estimated 55 min" in parts.one(id="part-item").text


async def test_earlier_runs(browsers: Callable[..., Any]):
    with serve("recovered", speed=0) as simulator:
        browser = await browsers(simulator)
        rerun = next(job for job in simulator.plan.plan.jobs if len(job.runs) > 1)
        parts = await browser.parts("/plan/job/", name=rerun.key)

    rows = parts.one(id="part-runs").one("tbody").all("tr")
    assert len(rows) == len(rerun.runs) - 1
    assert rows[0].all("td")[0].text == "ABEND"


async def test_what_if(browser: Browser):
    parts = await browser.parts("/plan/job/", name=LOAD, minutes="600")

    rows = parts.one("table", class_="what-if").one("tbody").all("tr")
    assert [row.one("th").text for row in rows] == [
        "all trouble is cured now",
        "it is rerun now",
        "it is done now",
        "it is cancelled",
        "it takes longer still (600 min)",
    ]
    ends = [row.all("time")[1].attributes["datetime"] for row in rows]
    assert ends[2] < ends[1] < ends[4]
    assert [row.all("td")[2].text for row in rows] == ["1"] * 5


@pytest.mark.parametrize("minutes", ["x", "-5", "0", "1e9", "99999999", "٣"])
async def test_minutes_that_nobody_can_mean_are_no_error(
    minutes: str, browser: Browser
):
    parts = await browser.parts("/plan/job/", name=LOAD, minutes=minutes)

    shown = int(parts.one("input", id="minutes").attributes["value"])
    assert 1 <= shown <= 10_080


async def test_a_name_of_several_lists_them(browsers: Callable[..., Any]):
    with serve("carried-forward", speed=0) as simulator:
        browser = await browsers(simulator)
        by_key: dict[str, int] = {}
        for job in simulator.plan.plan.jobs:
            by_key[job.name] = by_key.get(job.name, 0) + 1
        name = max(by_key, key=lambda key: by_key[key])
        parts = await browser.parts("/plan/job/", name=name)
        first = parts.one(id="part-item").all("a")[0].attributes["href"]
        chosen = await browser.parts(first)

    assert by_key[name] > 1
    choices = parts.one(id="part-item")
    assert choices.one("h1").text == f"{by_key[name]} objects are called {name}"
    assert "data-alone" in choices.attributes
    assert chosen.one(id="part-item").one("h1").text == name


async def test_an_unknown_name_shows_what_is_called_alike(browser: Browser):
    await browser.parts("/plan/job/", name="PAY_TRANSFR")
    page = await browser.page("/plan/job/", expect=404, name="PAY_TRANSFR")

    missing = page.one(id="part-item")
    assert missing.one("h1").text == "The plan has no PAY_TRANSFR"
    assert TRANSFER in [link.text for link in missing.all("a")]


async def test_a_stream_that_was_taken_for_a_job_is_shown_as_what_it_is(
    browser: Browser,
):
    await browser.parts("/plan/job/", name="PAYROLL")
    response = await browser.get("/plan/job/", name="PAYROLL")

    assert response.status_code == 302
    assert response["Location"].startswith(
        "/plan/stream/?name=%2FAGT_PAY%23%2FHR%2FPAYROLL&id="
    )


async def test_an_id_that_has_left_the_plan_gives_way_to_the_name(browser: Browser):
    gone = "00000000-0000-0000-0000-000000000000"

    parts = await browser.parts("/plan/job/", name=LOAD, id=gone)

    assert parts.one(id="part-item").one("h1").text == "GL_LOAD"


async def test_nothing_named_is_told(browser: Browser):
    page = await browser.page("/plan/job/", expect=400)

    assert "The name is empty." in page.one(id="part-trouble").text


async def test_a_workstation_with_what_runs_there(browser: Browser):
    parts = await browser.parts("/plan/workstation/", name="AGT_RISK")

    assert "well" in parts.one(id="part-item").text
    running = parts.one(id="part-running")
    assert "of at most 8" in running.text
    assert "RISK_SIMULATE" in running.text


async def test_a_workstation_in_trouble(browser: Browser):
    parts = await browser.parts("/plan/workstation/", name="/FTA_BRANCH")

    assert "unlinked" in parts.one(id="part-item").one("p", class_="state").text


async def test_an_unknown_workstation_shows_its_like(browser: Browser):
    await browser.parts("/plan/workstation/", name="AGT_RIX")
    page = await browser.page("/plan/workstation/", expect=404, name="AGT_RIX")

    links = page.one(id="part-item").all("a")
    assert "/plan/workstation/?name=AGT_RISK" in [
        link.attributes["href"] for link in links
    ]


async def test_a_resource_with_its_holders(browser: Browser):
    parts = await browser.parts("/plan/resource/", name="RISKDB")

    assert "Units 1 In use 1 Free 0" in parts.one(id="part-item").text
    assert parts.one(id="part-holders").one("li").text == (
        "/AGT_RISK#/RISK/RISK.RISK_SIMULATE 1"
    )


async def test_the_first_paint_does_not_wait_for_a_slow_tws(
    browsers: Callable[..., Any],
):
    with serve("night", speed=0, latency=2.0) as simulator:
        browser = await browsers(simulator)
        began = time.perf_counter()
        page = await browser.page("/plan/job/", name=LOAD)
        seconds = time.perf_counter() - began

    assert seconds < 1.8
    assert f"Looking {LOAD} up in the plan" in page.one(id="part-item").text
    assert "data-pending" in page.one(id="part-fresh").attributes


async def test_old_data_stay_with_their_age_and_the_reason(
    browsers: Callable[..., Any], simulator: Simulator
):
    browser = await browsers(simulator, ttl=0.0)
    await browser.parts("/plan/job/", name=LOAD)
    simulator.fault("503")

    parts = await browser.parts("/plan/job/", name=LOAD)

    assert "What you see is old" in parts.one(id="part-trouble").text
    assert "ABEND return code 12" in parts.one(id="part-item").text
    assert "Job failed" in parts.one(id="part-why").text


async def test_a_log_that_tws_does_not_give_leaves_the_rest(
    browsers: Callable[..., Any], simulator: Simulator
):
    browser = await browsers(simulator)
    simulator.fault("403", path="joblog")

    parts = await browser.parts("/plan/job/", name=LOAD)

    assert "may not read" in parts.one(id="part-log").text
    assert "It ended in ABEND" in parts.one(id="part-why").text
    assert "11 jobs wait for it." in parts.one(id="part-impact").text


async def test_a_cold_page_takes_a_bounded_number_of_calls(browser: Browser):
    await browser.parts("/plan/job/", name=TRANSFER)
    cold = browser.asked()
    await browser.parts("/plan/job/", name=TRANSFER)

    assert len(cold) <= 35
    assert browser.asked() == []


async def test_a_page_asks_the_database_only_who_asks(browser: Browser):
    with statements() as asked:
        await browser.page("/plan/job/", name=TRANSFER)

    assert len(asked) == 4


async def test_numbers_in_the_picture_are_the_same_in_every_language(
    browser: Browser,
):
    english = await browser.parts("/plan/job/", name=TRANSFER)
    portuguese = await browser.client.get(
        "/plan/job/",
        {"name": TRANSFER, "parts": "1"},
        headers={"Accept-Language": "pt-BR"},
    )

    drawing = re.search(
        r"<path class=\"tie.*?</svg>\s*</div>", portuguese.content.decode(), re.S
    )
    assert drawing
    paths = [line.attributes["d"] for line in english.all("path", class_="tie")]
    assert re.findall(r'class="tie"[^>]* d="([^"]+)"', drawing[0]) == paths
