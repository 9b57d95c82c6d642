"""Finding jobs and job streams by pattern and status, a page at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.html import Element
from tests.tws.plan_pages import Browser, browser, browsers  # noqa: F401  fixtures
from tws.simulator import serve

pytestmark = pytest.mark.django_db(transaction=True)

PAY = ["PAY_EXTRACT", "PAY_CALC", "PAY_CHECK", "PAY_TRANSFER", "PAY_PRINT"]


def names(page: Element) -> list[str]:
    cells = page.one(id="part-found").all("td", class_="name")
    return [cell.all("a")[0].text for cell in cells]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("PAY_C", ["PAY_CALC", "PAY_CHECK"]),
        ("pay_c", ["PAY_CALC", "PAY_CHECK"]),
        ("@_PRINT", ["PAY_PRINT"]),
        ("PAY_C?LC", ["PAY_CALC"]),
        ("  PAYROLL.@ ", PAY),
        ("AGT_PAY#PAYROLL.@", PAY),
        ("/AGT_PAY#/HR/PAYROLL.PAY_CALC", ["PAY_CALC"]),
    ],
    ids=["contains", "lower case", "any text", "one", "stream", "place", "whole"],
)
async def test_jobs_by_pattern(pattern: str, found: list[str], browser: Browser):
    page = await browser.parts("/plan/", q=pattern)

    assert names(page) == found


async def test_jobs_by_status(browser: Browser):
    page = await browser.parts("/plan/", status="ERROR")

    assert names(page) == ["GL_LOAD"]
    assert "ABEND" in page.one(id="part-found").one("table").text


async def test_a_status_of_an_earlier_run_does_not_count(
    browsers: Callable[..., Any],
):
    with serve("recovered", speed=0) as simulator:
        browser = await browsers(simulator)
        page = await browser.parts("/plan/", status="ERROR")

    assert "Nothing matches." in page.one(id="part-found").text


async def test_pattern_and_status_together(browser: Browser):
    page = await browser.parts("/plan/", q="PAY", status="WAITING")

    assert names(page) == PAY[1:]


async def test_job_streams_by_pattern(browser: Browser):
    page = await browser.parts("/plan/", q="PAY", kind="streams")

    assert names(page) == ["PAYROLL"]
    link = page.one(id="part-found").one("table").one("a").attributes["href"]
    assert link.startswith("/plan/stream/?name=%2FAGT_PAY%23%2FHR%2FPAYROLL&id=")


async def test_the_form_shows_what_was_looked_for(browser: Browser):
    page = await browser.page("/plan/", q='"PAY"', status="waiting", kind="streams")

    form = page.one("form", class_="filter")
    assert form.one("input", id="q").attributes["value"] == '"PAY"'
    chosen = [option.text for option in form.all("option", selected="")]
    assert chosen == ["Waiting (HOLD, INTRO)", "Job streams"]


async def test_a_large_plan_comes_a_page_at_a_time(browsers: Callable[..., Any]):
    with serve("night", speed=0, jobs=1500) as simulator:
        browser = await browsers(simulator)
        total = (await browser.reader.find("@")).data["jobs_total"]
        first = await browser.parts("/plan/", q="@")
        second = await browser.parts("/plan/", q="@", page="2")
        last = await browser.parts("/plan/", q="@", page=str(-(-total // 25)))

    assert len(names(first)) == 25
    assert f"{total:,} jobs".replace(",", " ") in first.one(id="part-found").text
    assert "Page 1 of" in first.one("nav", class_="pages").text
    following = first.one("a", rel="next").attributes["href"]
    assert following == "/plan/?q=%40&page=2#find"
    assert names(second) != names(first)
    assert second.one("a", rel="prev").attributes["href"] == "/plan/?q=%40#find"
    assert last.all("a", rel="next") == []


@pytest.mark.parametrize("number", ["0", "-3", "x", "1e9", "999999999", "٣", ""])
async def test_a_page_that_is_no_number_is_no_error(number: str, browser: Browser):
    page = await browser.parts("/plan/", q="PAY", page=number)

    assert len(names(page)) in {0, 5}


async def test_a_status_that_does_not_exist_is_not_looked_for(browser: Browser):
    page = await browser.parts("/plan/", q="PAY_CALC", status="' OR 1")

    assert names(page) == ["PAY_CALC"]


async def test_a_pattern_that_no_name_fits_is_refused_before_tws_is_asked(
    browser: Browser,
):
    await browser.parts("/plan/")
    browser.asked()

    page = await browser.page("/plan/", expect=400, q="A" * 300)

    alert = page.one("p", role="alert").text
    assert alert == (
        "The pattern has 300 characters; no TWS name is that long. Give at most 256."
    )
    assert browser.asked() == []
    assert "GL_LOAD" in page.one(id="part-causes").text


async def test_a_filter_that_tws_does_not_accept_is_told(
    browsers: Callable[..., Any], simulator: Any
):
    browser = await browsers(simulator)
    await browser.parts("/plan/")
    simulator.fault("400")

    page = await browser.parts("/plan/", q="PAY")

    assert "TWS did not accept the filter (400)" in page.one(id="part-found").text
    assert "GL_LOAD" in page.one(id="part-causes").text


# --- How many there are -------------------------------------------------------------


async def total(browser: Browser, kind: str = "jobs", **query: str) -> int:
    page = await browser.parts("/plan/", kind=kind, **query)
    lead = page.one(id="part-found").one("p", class_="lead").text
    numbers = lead.replace("\u202f", "").split("·")
    return int(numbers[0 if kind == "jobs" else 1].split()[0])


@pytest.mark.parametrize("ttl", [60.0, 0.0], ids=["from the copy", "by the server"])
async def test_the_total_by_status_leaves_out_those_of_earlier_runs(
    ttl: float, browsers: Callable[..., Any]
):
    with serve("night", speed=0, jobs=600) as simulator:
        jobs = [job for job in simulator.plan.plan.jobs if job.status == "SUCC"]
        for job in jobs[:40]:
            simulator.plan.set_status(job.key, "ABEND")
        for job in jobs[:30]:  # rerun, and well this time
            simulator.plan.set_status(job.key, "SUCC")
        browser = await browsers(simulator, ttl=ttl)
        await browser.reader.incidents()

        failed = {job.name for job in simulator.plan.plan.jobs if job.status == "ABEND"}
        page = await browser.parts("/plan/", status="ERROR")

        assert await total(browser, status="ERROR") == len(names(page)) == 12
        assert set(names(page)) == failed


async def test_the_total_at_a_workstation_counts_no_other(browser: Browser):
    """The filters of TWS know no workstation: only the copy can count."""
    await browser.reader.incidents()
    jobs = [
        job
        for job in browser.simulator.plan.plan.jobs
        if job.key.startswith("/AGT_PAY#")
    ]

    assert await total(browser, q="AGT_PAY#@.@") == len(jobs)


async def test_a_search_in_the_copy_asks_tws_nothing(browser: Browser):
    await browser.parts("/plan/")
    browser.asked()

    await browser.parts("/plan/", q="PAY", status="WAITING")

    assert browser.asked() == []


async def test_pages_of_a_status_are_full_and_have_each_job_once(
    browsers: Callable[..., Any],
):
    with serve("night", speed=0, jobs=600) as simulator:
        browser = await browsers(simulator)
        await browser.reader.incidents()
        count = await total(browser, status="WAITING")
        addresses = []
        for number in range(1, -(-count // 25) + 1):
            page = await browser.parts("/plan/", status="WAITING", page=str(number))
            rows = page.one(id="part-found").all("td", class_="name")
            addresses += [row.one("a").attributes["href"] for row in rows]

    assert len(set(addresses)) == len(addresses) == count
