"""The plan page while it is open all night: it shows what changes, and disturbs nobody."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from tests.fakes.server import RunningServer, served
from tws import simulator
from tws.simulator import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(90)]

APP = "tests.fakes.plan_live:application"
RATE = "/AGT_BILL#/SALES/BILLING.BILL_RATE"
JOB = "/plan/job/?name=%2FAGT_BILL%23%2FSALES%2FBILLING.BILL_RATE"
SOON = 10_000
MARKED = "window.mine = 'the same page'"


@pytest.fixture(scope="module")
def night() -> Iterator[Simulator]:
    """The default night with time standing still: what changes, a test changes."""
    with simulator.serve(speed=0) as running:
        yield running


@pytest.fixture
def plan(night: Simulator) -> Iterator[Simulator]:
    """The plan as it was, after the test."""
    yield night
    night.clear_faults()
    night.plan.set_status(RATE, "SUCC")


@pytest.fixture(scope="module")
def start(night: Simulator, django_db_setup: None) -> Iterator[Callable[..., Any]]:
    """Starts the site once, and again on the same port where a test has ended it."""
    running: list[RunningServer] = []
    with ExitStack() as stack:

        def started(database_url: str) -> RunningServer:
            if running and running[0].process.poll() is None:
                return running[0]
            port = running[0].port if running else 0
            env = {"DATABASE_URL": database_url, "TWS_URL": night.url}
            env |= {"PLAN_SECONDS": "0.3", "TWS_CACHE_TTL": "0.5", "TWS_TIMEOUT": "5"}
            site = stack.enter_context(served("daphne", APP, env, port=port))
            running[:] = [site]
            return site

        yield started


@pytest.fixture
def site(
    start: Callable[..., RunningServer],
    database_url: str,
    profiles: None,
    plan: Simulator,
) -> RunningServer:
    return start(database_url)


@pytest_asyncio.fixture(loop_scope="session")
async def window(new_context: Callable[..., Any]) -> BrowserContext:
    context: BrowserContext = await new_context()
    return context


async def open_plan(window: BrowserContext, address: str = "/plan/") -> Page:
    page = await window.new_page()
    await page.goto(address)
    await live(page)
    if address.startswith("/plan/?") or address == "/plan/":
        await in_error(page, 1)  # as it is before a test changes it
    return page


async def live(page: Page) -> None:
    """All parts are there, and the socket tells of changes."""
    await expect(page.locator("#live")).to_contain_text("Live", timeout=20_000)
    await settled(page)


async def settled(page: Page) -> None:
    """All parts are there, and no update is under way."""
    fresh = page.locator("#part-fresh:not([data-pending])")
    await expect(fresh).to_be_visible(timeout=20_000)
    await expect(page.get_by_role("button", name="Update now")).to_be_enabled()


async def in_error(page: Page, count: int) -> None:
    figure = page.locator("#part-tiles .tile").first.locator(".figure")
    await expect(figure).to_have_text(str(count), timeout=SOON)


async def test_what_changes_is_shown_and_nothing_else_is_touched(
    window: BrowserContext, plan: Simulator
):
    page = await open_plan(window)
    await page.set_viewport_size({"width": 900, "height": 500})
    await page.evaluate(MARKED)
    first = page.locator("#part-causes .incident").first
    await first.locator("summary").click()
    await page.get_by_label("Name or pattern").focus()
    await page.keyboard.type("pay_tr")
    await page.evaluate("window.scrollTo(0, 300)")
    await page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('#places-title'))"
    )

    plan.plan.set_status(RATE, "ABEND")

    await in_error(page, 2)
    causes = page.locator("#part-causes")
    await expect(causes.get_by_role("heading", name="BILL_RATE")).to_be_visible()
    await expect(page).to_have_title("(2) Plan · Resync")
    assert await page.evaluate("window.mine") == "the same page"
    assert await page.evaluate("window.scrollY") == 300
    assert await page.evaluate("document.activeElement.id") == "q"
    assert await page.evaluate("getSelection().toString()") == "Workstations"
    await expect(page.get_by_label("Name or pattern")).to_have_value("pay_tr")
    opened = causes.locator(".incident", has_text="GL_LOAD").first
    assert await opened.locator("details").evaluate("details => details.open")


async def test_who_hears_the_page_is_told_the_new_cause_and_no_number(
    window: BrowserContext, plan: Simulator
):
    page = await open_plan(window)
    news = page.get_by_role("log")
    await expect(news).to_be_empty()

    plan.plan.set_status(RATE, "ABEND")

    await expect(news).to_have_text("New: Job failed, BILL_RATE.", timeout=SOON)
    plan.plan.set_status(RATE, "SUCC")
    await in_error(page, 1)
    await expect(news).to_have_text("New: Job failed, BILL_RATE.")


GLOWS = """() => {
  window.glows = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...how) {
    window.glows.push(this.className);
    return animate.apply(this, how);
  };
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
async def test_a_changed_number_glows_unless_that_is_not_wanted(
    window: BrowserContext, plan: Simulator, motion: Any
):
    page = await open_plan(window)
    await page.emulate_media(reduced_motion=motion)
    await page.evaluate(GLOWS)

    plan.plan.set_status(RATE, "ABEND")
    await in_error(page, 2)

    glows = await page.evaluate("window.glows")
    assert ("figure" in glows) is (motion == "no-preference")


async def test_two_tabs_show_the_same(window: BrowserContext, plan: Simulator):
    left = await open_plan(window)
    right = await open_plan(window, "/plan/?status=ERROR")

    plan.plan.set_status(RATE, "ABEND")

    await in_error(left, 2)
    await in_error(right, 2)
    await expect(right.locator("#part-found")).to_contain_text("2 jobs")
    await expect(right.locator("#part-found tbody")).to_contain_text("BILL_RATE")


async def test_the_page_of_a_job_follows_the_plan(
    window: BrowserContext, plan: Simulator
):
    page = await open_plan(window, JOB)
    await page.evaluate(MARKED)
    await expect(page.locator("#part-item .state")).to_contain_text("SUCC")

    plan.plan.set_status(RATE, "ABEND")

    await expect(page.locator("#part-item .state")).to_contain_text(
        "ABEND", timeout=SOON
    )
    await expect(page.locator("#part-why")).to_contain_text("ended in ABEND")
    assert await page.evaluate("window.mine") == "the same page"


async def test_tws_goes_and_comes_back(window: BrowserContext, plan: Simulator):
    page = await open_plan(window)

    plan.fault("503")
    box = page.locator("#part-trouble")
    await expect(box).to_contain_text("TWS behind it does not (503)", timeout=SOON)
    await expect(box).to_contain_text("What you see is old: it was read")
    await expect(page.locator("#part-causes")).to_contain_text("GL_LOAD")
    await expect(page.locator("#live")).to_contain_text("Live")

    plan.clear_faults()
    plan.plan.set_status(RATE, "ABEND")
    await in_error(page, 2)
    await expect(box).to_be_empty()


async def test_while_the_socket_cannot_be_had_the_page_asks_by_itself(
    window: BrowserContext, plan: Simulator
):
    cut = [True]

    async def line(route: WebSocketRoute) -> None:
        if cut[0]:
            await route.close(code=1011)
        else:
            route.connect_to_server()

    # Until then the server may still know what an earlier test has changed.
    await (await open_plan(window)).close()
    page = await window.new_page()
    await page.route_web_socket("**/plan/live/", line)
    await page.clock.install()
    await page.goto("/plan/")
    how = page.locator("#live")
    await expect(how).to_have_text(
        "Reconnecting… Updates by itself every 30 s meanwhile. Update now"
    )
    await in_error(page, 1)
    await settled(page)

    plan.plan.set_status(RATE, "ABEND")
    await page.wait_for_timeout(600)  # until what the server knows is old
    await page.clock.fast_forward("00:31")
    await in_error(page, 2)
    cut[0] = False
    await page.clock.fast_forward("00:31")
    await expect(how).to_contain_text("Live", timeout=SOON)


async def test_a_server_that_starts_again_is_found_again(
    window: BrowserContext,
    site: RunningServer,
    start: Callable[..., RunningServer],
    database_url: str,
    plan: Simulator,
):
    page = await open_plan(window)
    await page.evaluate(MARKED)

    site.end()
    await expect(page.locator("#live")).to_contain_text("Reconnecting…", timeout=SOON)
    await expect(page.locator("#part-causes")).to_contain_text("GL_LOAD")
    plan.plan.set_status(RATE, "ABEND")
    start(database_url)

    await in_error(page, 2)
    await expect(page.locator("#live")).to_contain_text("Live", timeout=SOON)
    assert await page.evaluate("window.mine") == "the same page"


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_behind_other_tabs_nothing_is_asked_and_on_return_it_is_fresh(
    window: BrowserContext, plan: Simulator
):
    page = await open_plan(window)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))

    await page.evaluate(HIDE, True)
    plan.plan.set_status(RATE, "ABEND")
    await page.wait_for_timeout(800)
    quiet = list(asked)
    await page.evaluate(HIDE, False)

    assert quiet == []
    await in_error(page, 2)
    await live(page)


async def test_who_cannot_wait_has_the_plan_looked_at(window: BrowserContext):
    page = await window.new_page()
    sent: list[str | bytes] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(frame)),
    )
    await page.goto("/plan/")
    await live(page)

    await page.get_by_role("button", name="Update now").click()
    await settled(page)

    assert '{"type": "look"}' in sent


async def test_an_ended_session_is_told_with_the_way_back(window: BrowserContext):
    page = await open_plan(window)
    await window.clear_cookies()

    began = time.monotonic()
    how = page.locator("#live")
    await expect(how).to_contain_text("your session has ended", timeout=SOON)
    await expect(how.get_by_role("link", name="Sign in again")).to_be_visible()
    assert time.monotonic() - began < SOON
