"""The plan page's socket on a real server: who may listen, and what is told when."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, aclosing

import httpx
import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from tests.agents.conftest import session  # noqa: F401  fixture
from tests.fakes.html import Element, read_page
from tests.fakes.people import signed_in
from tests.fakes.server import RunningServer, served
from tests.fakes.tab import Tab, open_tab
from tests.tws.plan_pages import reader_of
from tws.exceptions import TwsNotConfigured
from tws.pages.pulse import Pulse
from tws.reader import PlanReader
from tws.simulator import Simulator, serve

pytestmark = pytest.mark.django_db(transaction=True)

APP = "tests.fakes.plan_live:application"
LIVE = "/plan/live/"
RATE = "/AGT_BILL#/SALES/BILLING.BILL_RATE"
PATIENCE = 20.0
OF_THE_PLAN = {"fresh", "trouble", "tiles", "places", "causes", "deadlines"}


@pytest.fixture(scope="module")
def night() -> Iterator[Simulator]:
    """Time stands still: what changes, a test changes."""
    with serve("night", speed=0) as running:
        yield running


@pytest.fixture
def plan(night: Simulator) -> Iterator[Simulator]:
    """The plan as it was, after the test."""
    yield night
    night.clear_faults()
    night.plan.set_status(RATE, "SUCC")


@pytest.fixture(scope="module")
def servers(django_db_setup: None) -> Iterator[Callable[..., RunningServer]]:
    """Starts a server of a kind once, for all tests that ask for it."""
    started: dict[str, RunningServer] = {}
    with ExitStack() as stack:

        def start(kind: str, **env: str) -> RunningServer:
            if kind not in started:
                started[kind] = stack.enter_context(served(kind, APP, env))
            return started[kind]

        yield start


@pytest.fixture
def site_on(
    servers: Callable[..., RunningServer], plan: Simulator, database_url: str
) -> Callable[[str], RunningServer]:
    """The site, on either server."""
    return lambda kind: servers(
        kind,
        DATABASE_URL=database_url,
        TWS_URL=plan.url,
        PLAN_SECONDS="0.2",
        PLAN_LOOK_AGAIN_SECONDS="1",
    )


@pytest.fixture
def site(site_on: Callable[[str], RunningServer]) -> RunningServer:
    return site_on("daphne")


@pytest.fixture
async def tab(site: RunningServer, session: str) -> AsyncIterator[Tab]:
    async with open_tab(site.host, session, path=LIVE) as opened:
        yield opened


async def parts(tab: Tab, *, but: dict[str, str] | None = None) -> dict[str, str]:
    """What all parts are, once each of them is known."""
    while True:
        told: dict[str, str] = (await tab.until("parts", PATIENCE))["parts"]
        if all(told.values()) and told != but:
            return told


async def settled(tab: Tab) -> dict[str, str]:
    """What all parts are, once what the tests before have left is told."""
    async with asyncio.timeout(PATIENCE):
        changes: list[set[str]] = []
        before = await parts(tab)
        while changes[-2:] != [{"fresh"}] * 2:
            now = await parts(tab, but=before)
            changes.append({name for name in now if now[name] != before[name]})
            before = now
    return before


async def changed(tab: Tab, before: dict[str, str], *names: str) -> set[str]:
    """Which parts have changed by the time that these have; their age always has."""
    while True:
        now = await parts(tab)
        if all(now[name] != before[name] for name in names):
            return {part for part in now if now[part] != before[part]} - {"fresh"}


async def page(
    site: RunningServer, session: str, address: str, **query: str
) -> Element:
    cookies = {"sessionid": session}
    async with httpx.AsyncClient(trust_env=False, cookies=cookies) as browser:
        answer = await browser.get(f"http://{site.host}{address}", params=query)
    assert answer.status_code == 200, answer.text[:500]
    return read_page(answer.text)


def digests(page: Element) -> dict[str, str]:
    return {
        part.attributes["id"].removeprefix("part-"): part.attributes["data-digest"]
        for tag in ("p", "div", "nav", "section")
        for part in page.all(tag)
        if "data-digest" in part.attributes
    }


# --- Who may listen -----------------------------------------------------------------


@pytest.mark.parametrize("cookie", ["", "x" * 32], ids=["none", "made up"])
async def test_without_a_session_it_is_closed_with_4401(site, cookie):
    async with open_tab(site.host, cookie, path=LIVE) as tab:
        assert await tab.closed() == 4401
    assert tab.frames == []


@pytest.fixture
def outsider(db: None) -> str:
    return signed_in(User.objects.create_user("outsider"))


async def test_without_the_right_it_is_closed_with_4403(site, outsider):
    async with open_tab(site.host, outsider, path=LIVE) as tab:
        assert await tab.closed() == 4403
    assert tab.frames == []


async def test_from_a_foreign_page_it_is_closed_with_4403(site, session):
    async with open_tab(site.host, session, path=LIVE, origin="http://evil") as tab:
        assert await tab.closed() == 4403
    assert tab.frames == []


async def test_who_signs_out_is_told_nothing_any_more(site, tab):
    await parts(tab)
    await Session.objects.all().adelete()

    assert await tab.closed() == 4401


async def test_a_page_that_asks_whether_the_line_holds_is_answered(tab):
    await tab.say(type="ping")

    assert (await tab.until("pong")) == {"type": "pong"}


async def test_who_says_too_much_is_sent_away(tab):
    for _ in range(30):
        await tab.say(type="ping")

    assert await tab.closed() == 4429


# --- What is told -------------------------------------------------------------------


async def test_what_is_told_is_what_the_page_shows(site, tab, session):
    told = await settled(tab)

    shown = digests(await page(site, session, "/plan/", parts="1"))

    assert set(told) == OF_THE_PLAN == set(shown)
    del told["fresh"], shown["fresh"]  # the next beat may have come between
    assert told == shown


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_new_incident_is_told_and_the_page_can_fetch_just_that(
    kind, site_on, session, plan
):
    site = site_on(kind)
    async with open_tab(site.host, session, path=LIVE) as tab:
        before = await settled(tab)
        plan.plan.set_status(RATE, "ABEND")
        found = await changed(tab, before, "causes", "tiles")
        fragment = await page(site, session, "/plan/", parts="causes")

    assert found <= {"causes", "tiles", "deadlines"}
    assert "BILL_RATE" in fragment.one(id="part-causes").text
    assert set(digests(fragment)) == {"fresh", "causes"}


async def test_a_machine_that_fails_changes_its_list(tab, plan):
    before = await settled(tab)
    plan.plan.take_down("AGT_BILL")

    found = await changed(tab, before, "places")
    plan.plan.bring_up("AGT_BILL")

    assert "places" in found
    assert "trouble" not in found


async def test_a_plan_that_stands_still_changes_nothing_but_its_age(tab):
    before = await settled(tab)

    for _ in range(3):
        now = await parts(tab, but=before)
        assert {name for name in now if now[name] != before[name]} == {"fresh"}
        before = now


async def test_the_page_of_a_job_is_read_anew_though_it_was_remembered(
    site, tab, session, plan
):
    before = await settled(tab)
    job = await page(site, session, "/plan/job/", name=RATE, parts="1")
    plan.plan.set_status(RATE, "ABEND")
    await changed(tab, before, "causes")

    later = await page(site, session, "/plan/job/", name=RATE, parts="1")

    assert "SUCC" in job.one("p", class_="state").text
    assert "ABEND" in later.one("p", class_="state").text


async def test_tws_goes_and_comes_back(site, tab, session, plan):
    well = await settled(tab)
    plan.fault("503")
    assert "trouble" in await changed(tab, well, "trouble")

    box = (await page(site, session, "/plan/", parts="trouble")).one(id="part-trouble")
    ill = await parts(tab)
    plan.clear_faults()

    assert "What you see is old" in box.text
    assert "trouble" in await changed(tab, ill, "trouble")


async def test_twenty_pages_cost_tws_as_much_as_one(site, session, plan):
    """While the first listens, the others are told by its looks."""
    async with open_tab(site.host, session, path=LIVE) as first:
        await parts(first)
        alone = await asked_in_a_second(first, plan)
        async with asyncio.TaskGroup() as group:
            opened = [
                group.create_task(listen_for_a_second(site, session)) for _ in range(20)
            ]
            together = await asked_in_a_second(first, plan)

    assert all(task.result() for task in opened)
    assert together <= alone * 2


async def asked_in_a_second(tab: Tab, plan: Simulator) -> int:
    before = len(plan.requests)
    await asyncio.sleep(1)
    return len(plan.requests) - before


async def listen_for_a_second(site: RunningServer, session: str) -> bool:
    async with open_tab(site.host, session, path=LIVE) as tab:
        told = await parts(tab)
        await asyncio.sleep(0.8)
    return bool(told)


async def test_nobody_is_asked_when_nobody_listens(site, session, plan):
    async with open_tab(site.host, session, path=LIVE) as tab:
        await parts(tab)
    await asyncio.sleep(0.5)  # what was under way may end
    before = len(plan.requests)

    await asyncio.sleep(0.6)

    assert len(plan.requests) == before


# --- The pulse by itself ------------------------------------------------------------


@pytest.fixture
async def reader(plan: Simulator) -> AsyncIterator[PlanReader]:
    made = reader_of(plan.url)
    yield made
    await made.aclose()


@pytest.fixture
async def pulse(reader: PlanReader) -> AsyncIterator[Pulse]:
    made = Pulse(lambda: reader, seconds=0.05)
    yield made
    await made.aclose()


async def test_who_comes_back_late_is_told_the_newest_alone(pulse, reader, plan):
    async with aclosing(pulse.follow()) as slow, aclosing(pulse.follow()) as quick:
        first = await anext(slow)
        seen = [first]
        while len(seen) < 5 or not all(seen[-1].values()):
            seen.append(await anext(quick))

        assert await anext(slow) == seen[-1]


async def test_who_cannot_wait_is_told_soon_and_many_as_soon_as_one(reader, plan):
    pulse = Pulse(lambda: reader, seconds=600, least=0.1)
    async with asyncio.timeout(10), aclosing(pulse.follow()) as news:
        known = await anext(news)
        while not all(known.values()):
            known = await anext(news)
        await asyncio.sleep(0.3)  # the look is over
        plan.plan.set_status(RATE, "ABEND")
        looked = count_of_status_reads(plan)
        for _ in range(50):
            pulse.hurry()
        later = await anext(news)
        while later["tiles"] == known["tiles"]:
            later = await anext(news)
    await pulse.aclose()

    assert later["causes"] != known["causes"]
    assert count_of_status_reads(plan) - looked == 1


def count_of_status_reads(plan: Simulator) -> int:
    return sum(seen.path.endswith("v2/engine/info") for seen in plan.requests)


async def test_until_all_is_known_each_part_is_told_when_it_is(plan):
    """The next look would be in ten minutes: it is one look that tells several times."""
    reader = reader_of(plan.url)
    pulse = Pulse(lambda: reader, seconds=600)
    async with aclosing(pulse.follow()) as news:
        told = [await anext(news)]
        while told[-1]["causes"] == told[0]["causes"]:
            told.append(await anext(news))
    await pulse.aclose()
    await reader.aclose()

    assert told[0]["tiles"] == told[-1]["tiles"]  # at once, with the jobs in error


async def test_without_an_address_it_is_told_what_is_wrong():
    def no_reader() -> PlanReader:
        raise TwsNotConfigured("TWS_URL is not set.", action="Set it.")

    pulse = Pulse(no_reader, seconds=0.05)
    async with aclosing(pulse.follow()) as news:
        told = await anext(news)
    await pulse.aclose()

    assert told["trouble"]
    assert not told["tiles"]


async def test_a_defect_in_a_look_is_logged_and_the_next_look_is_made(reader, caplog):
    defects = [ZeroDivisionError("a defect")]

    def defective() -> PlanReader:
        if defects:
            raise defects.pop()
        return reader

    pulse = Pulse(defective, seconds=0.05)
    async with asyncio.timeout(5), aclosing(pulse.follow()) as news:
        async for told in news:
            if all(told.values()):
                break
    await pulse.aclose()

    assert set(told) == OF_THE_PLAN
    assert "plan not looked at" in caplog.text


def test_a_message_is_small_however_large_the_plan():
    """Names and digests, no data: it fits into one packet."""
    told = {"type": "parts", "parts": dict.fromkeys(OF_THE_PLAN, "0" * 12)}

    assert len(json.dumps(told)) < 400
