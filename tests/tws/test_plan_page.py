"""The plan at a glance: what it shows, to whom, how fast, and when TWS is away."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient

from tests.tws.plan_pages import (  # noqa: F401  fixtures
    Browser,
    browser,
    browsers,
    statements,
    urlconf,
)
from tws.exceptions import TwsNotConfigured
from tws.simulator import Simulator, serve

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING_THERE = "http://127.0.0.1:9/twsd"


# --- Who may see it -----------------------------------------------------------------


PAGES = [
    "/plan/",
    "/plan/job/",
    "/plan/stream/",
    "/plan/workstation/",
    "/plan/resource/",
]


@pytest.mark.parametrize("address", PAGES)
async def test_who_is_not_signed_in_is_asked_to(address: str, browser: Browser):
    response = await AsyncClient().get(f"{address}?name=X")

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address}%3Fname%3DX"
    assert browser.asked() == []


@pytest.mark.parametrize("address", PAGES)
async def test_who_may_not_is_told_so(address: str, browser: Browser, admin_user: User):
    guest = await User.objects.acreate_user("guest", password="x")
    client = AsyncClient()
    await client.aforce_login(guest)

    response = await client.get(f"{address}?name=X")

    assert response.status_code == 403
    assert browser.asked() == []


async def test_it_can_only_be_read(browser: Browser):
    response = await browser.client.post("/plan/", {"q": "X"})

    assert response.status_code == 405


async def test_it_is_not_kept_by_any_cache(browser: Browser):
    response = await browser.get("/plan/")

    assert response["Cache-Control"] == "no-store"


# --- What it shows ------------------------------------------------------------------


async def test_counts_by_status_with_what_is_wrong_first(browser: Browser):
    page = await browser.parts("/plan/")

    tiles = [tile.text for tile in page.one(id="part-tiles").all("a")]
    counts = (await browser.reader.status())["counts"]
    assert tiles[0] == f"{counts['ERROR']} In error ABEND, FAIL"
    assert [int(tile.split()[0]) for tile in tiles] == [
        counts["ERROR"],
        counts["RUNNING"],
        counts["READY"],
        counts["WAITING"],
        counts["SUCCESSFUL"],
    ]
    errors = page.one(id="part-tiles").all("a")[0]
    assert errors.attributes["href"] == "/plan/?status=ERROR#find"
    assert page.one(id="part-tiles").attributes["data-title"] == "(1) Plan · Resync"


async def test_causes_with_what_waits_behind_them_the_heaviest_first(
    browser: Browser,
):
    page = await browser.parts("/plan/")

    causes = page.one(id="part-causes").all("li", class_="incident")
    told = await browser.reader.incidents()
    assert [cause.one("h3").text for cause in causes] == [
        "GL_LOAD",
        "/FTA_BRANCH",
        "TARIFFS_RELEASED",
    ]
    first = causes[0]
    assert first.one("h3").one("a").attributes["href"] == (
        "/plan/job/?name=%2FAGT_FIN%23%2FFIN%2FLEDGER.GL_LOAD"
    )
    assert f"{told.data['incidents'][0]['waiting']} jobs wait" in first.text
    assert "1 deadline missed" in first.text
    assert (
        "conman rr /AGT_FIN#/FIN/LEDGER.GL_LOAD" in first.one("p", class_="action").text
    )
    assert first.one("a", class_="ask").attributes["href"].startswith("/?ask=Why%20did")
    held = [item.text for item in first.one("ul", class_="held").all("li")]
    assert held[0].startswith("/AGT_PAY#/HR/PAYROLL")


async def test_workstations_in_trouble_stand_first(browser: Browser):
    page = await browser.parts("/plan/")

    places = page.one(id="part-places")
    assert "1 of 6 in trouble" in places.text
    assert places.all("li")[0].text == "FTA_BRANCH unlinked"


async def test_deadlines_and_critical_jobs(browser: Browser):
    page = await browser.parts("/plan/")

    text = page.one(id="part-deadlines").text
    assert re.search(r"PAY_TRANSFER due \d\d:\d\d UTC : \d+ min too late", text)
    assert "PAY_TRANSFER high risk" in text
    assert "RISK_SIMULATE on track" in text


async def test_engine_and_age_of_the_data(browser: Browser):
    page = await browser.parts("/plan/")

    text = page.one(id="part-fresh").text
    assert re.match(r"As of \d\d:\d\d UTC , \d+ s ago", text)
    assert "HWA-MDM1 10.2.5 · batchman LIVES" in text


async def test_a_healthy_plan_says_so(browsers: Callable[..., Any]):
    with serve("healthy", speed=0) as simulator:
        browser = await browsers(simulator)
        page = await browser.parts("/plan/")

    assert "Nothing in the plan waits for a person." in page.one(id="part-causes").text
    assert "No deadline is at risk." in page.one(id="part-deadlines").text


async def test_a_plan_that_stands_still_is_seen_in_the_engines_line(
    browsers: Callable[..., Any],
):
    with serve("plan-stalled", speed=0) as simulator:
        browser = await browsers(simulator)
        page = await browser.parts("/plan/")

    assert page.one(id="part-fresh").one("span", class_="alarm").text != ""
    assert "Plan stands still" in page.one(id="part-causes").text


async def test_many_causes_are_told_in_part_with_a_way_to_more(
    browsers: Callable[..., Any],
):
    with serve("night", speed=0, jobs=1500, seed=3) as simulator:
        for job in simulator.plan.plan.jobs[-600::20]:
            simulator.plan.set_status(job.key, "ABEND")
        browser = await browsers(simulator)
        await browser.reader.incidents()
        some = await browser.parts("/plan/")
        more = await browser.parts("/plan/", causes="all")

    assert len(some.one(id="part-causes").all("li", class_="incident")) == 10
    assert "Show more of the" in some.one(id="part-causes").text
    assert 10 < len(more.one(id="part-causes").all("li", class_="incident")) <= 50


# --- How it is read -----------------------------------------------------------------


async def test_the_first_paint_does_not_wait_for_a_slow_tws(
    browsers: Callable[..., Any],
):
    with serve("night", speed=0, latency=2.0) as simulator:
        browser = await browsers(simulator)
        began = time.perf_counter()
        page = await browser.page("/plan/")
        seconds = time.perf_counter() - began
        later = await browser.parts("/plan/")

    assert seconds < 1.8
    assert "data-pending" in page.one(id="part-fresh").attributes
    assert page.one(id="part-tiles").all("span", class_="figure")[0].text == "–"
    assert "GL_LOAD" in later.one(id="part-causes").text


async def test_until_the_whole_plan_is_read_the_jobs_in_error_stand_for_the_causes(
    browsers: Callable[..., Any],
):
    with serve("night", speed=0) as simulator:
        browser = await browsers(simulator)
        await browser.reader.status()
        simulator.fault("slow", path="/plan/job/", seconds=30)
        page = await browser.page("/plan/")

    causes = page.one(id="part-causes")
    assert "The plan is being read as a whole" in causes.text
    assert [item.one("h3").text for item in causes.all("li")] == ["GL_LOAD"]
    assert "data-pending" in page.one(id="part-fresh").attributes


async def test_what_is_not_known_yet_is_left_out_of_the_parts(
    browsers: Callable[..., Any],
):
    """So that the script leaves what it shows as it is."""
    browser = await browsers(None, url=NOTHING_THERE)

    page = await browser.parts("/plan/")

    assert page.all(id="part-tiles") == []
    assert "the connection was refused" in page.one(id="part-trouble").text


async def test_a_second_look_asks_tws_nothing(browser: Browser):
    await browser.parts("/plan/", q="PAY")
    browser.asked()

    page = await browser.page("/plan/", q="PAY")

    assert browser.asked() == []
    assert "data-pending" not in page.one(id="part-fresh").attributes
    assert "GL_LOAD" in page.one(id="part-causes").text


async def test_twenty_operators_ask_tws_as_often_as_one(browser: Browser):
    await browser.parts("/plan/", q="PAY")
    one = len(browser.asked())
    await browser.reader._cache.aclose()
    browser.reader._cache.clear()

    await asyncio.gather(*(browser.parts("/plan/", q="PAY") for _ in range(20)))

    # The loaded plan is brought up to date, which takes less than loading it.
    assert len(browser.asked()) <= one


async def test_a_page_asks_the_database_only_who_asks(browser: Browser):
    await browser.parts("/plan/")

    with statements() as asked:
        await browser.page("/plan/", q="PAY")

    tables = [re.findall(r'FROM "(\w+)"', sql)[0] for sql in asked]
    assert tables == [
        "django_session",
        "auth_user",
        "auth_permission",
        "auth_permission",
    ]


# --- When TWS is away ---------------------------------------------------------------


async def test_nothing_known_and_nothing_listening_says_what_to_do(
    browsers: Callable[..., Any],
):
    browser = await browsers(None, url=NOTHING_THERE)

    for _ in range(5):  # until it is not even tried any more, which is told at once
        await browser.parts("/plan/")

    page = await browser.page("/plan/", expect=503)

    box = page.one(id="part-trouble")
    assert "Nothing listens at http://127.0.0.1:9/twsd" in box.text
    assert "What to do: Check the port in TWS_URL" in box.text
    assert page.one(id="part-places").text == "Workstations Not known now."


async def test_old_data_stay_with_their_age_and_the_reason(
    browsers: Callable[..., Any], simulator: Simulator
):
    browser = await browsers(simulator, ttl=0.0)
    await browser.parts("/plan/")
    simulator.fault("503")

    page = await browser.parts("/plan/")

    box = page.one(id="part-trouble").text
    assert "answers, but TWS behind it does not (503)" in box
    assert re.search(r"What you see is old: it was read \d\d:\d\d UTC , \d+ s ago", box)
    assert "old" in page.one(id="part-fresh").attributes["class"]
    assert "GL_LOAD" in page.one(id="part-causes").text


async def test_a_tws_that_hangs_costs_the_page_no_more_than_its_patience(
    browsers: Callable[..., Any], simulator: Simulator
):
    browser = await browsers(simulator, ttl=0.0, timeout=30.0)
    await browser.parts("/plan/")
    simulator.fault("silent", seconds=30)

    began = time.perf_counter()
    page = await browser.page("/plan/")
    seconds = time.perf_counter() - began

    assert seconds < 5
    assert "GL_LOAD" in page.one(id="part-causes").text
    assert "data-pending" in page.one(id="part-fresh").attributes


async def test_a_withdrawn_right_hides_what_was_known(
    browsers: Callable[..., Any], simulator: Simulator
):
    browser = await browsers(simulator, ttl=0.0)
    await browser.parts("/plan/")
    simulator.fault("401")

    page = await browser.parts("/plan/")

    assert "(401)" in page.one(id="part-trouble").text
    assert "GL_LOAD" not in page.text


async def test_settings_without_an_address_are_told_like_any_trouble(
    browsers: Callable[..., Any], settings: Any
):
    def no_reader() -> Any:
        raise TwsNotConfigured("TWS_URL is not set.", action="Set it.")

    browser = await browsers(None, url=NOTHING_THERE)
    settings.ROOT_URLCONF = urlconf(no_reader)

    page = await browser.page("/plan/", expect=502)

    assert "TWS_URL is not set. What to do: Set it." in page.one(id="part-trouble").text
