"""The plan's pages in a real Chromium: by keyboard, by themselves, and when it fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tws import simulator
from tws.simulator import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(90)]

LOAD = "/plan/job/?name=%2FAGT_FIN%23%2FFIN%2FLEDGER.GL_LOAD"
SUMMARY = "What it holds"
FIRST_CAUSE = "#part-causes .incident"
HALF_A_MINUTE = "00:31"


@pytest.fixture(scope="session")
def plan() -> Iterator[Simulator]:
    """The default night with time standing still: what changes, a test changes."""
    with simulator.serve(speed=0) as running:
        yield running


@pytest.fixture
def quiet(plan: Simulator) -> Iterator[Simulator]:
    """The plan as it was, after the test."""
    yield plan
    plan.clear_faults()
    plan.plan.set_status("/AGT_BILL#/SALES/BILLING.BILL_RATE", "SUCC")


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.textContent.trim()"))


async def tab_to(page: Page, text: str, key: str = "Tab") -> None:
    """Press Tab until something with this text has the focus."""
    for _ in range(60):
        await page.keyboard.press(key)
        if text in await focused(page):
            return
    pytest.fail(f"{text!r} cannot be reached with {key}")


async def settled(page: Page) -> None:
    """All parts are there."""
    await expect(page.locator("#part-fresh:not([data-pending])")).to_be_visible(
        timeout=20_000
    )


async def test_from_the_plan_to_a_cause_and_its_log_by_keyboard_alone(page: Page):
    await page.goto("/plan/")
    await settled(page)

    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the content"
    await page.keyboard.press("Enter")
    await tab_to(page, SUMMARY)
    await page.keyboard.press("Enter")
    await expect(page.locator(FIRST_CAUSE).first).to_contain_text("conman rr")
    await tab_to(page, "GL_LOAD", key="Shift+Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/plan/job/**")
    await settled(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("GL_LOAD")
    await tab_to(page, "The last")
    await page.keyboard.press("Enter")
    await expect(page.locator(".lines .tells").first).to_contain_text("SQL0964C")


async def test_finding_a_job_by_keyboard_alone(page: Page):
    await page.goto("/plan/")
    await page.get_by_label("Name or pattern").focus()
    await page.keyboard.type("pay_tr")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/plan/?q=pay_tr*")
    await expect(page.locator("#part-found")).to_contain_text("1 job")

    await page.get_by_label("Name or pattern").focus()
    await tab_to(page, "PAY_TRANSFER")
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/plan/job/**")
    await expect(page.get_by_role("heading", level=1)).to_have_text("PAY_TRANSFER")
    await expect(page.locator(".picture .root")).to_contain_text("GL_LOAD")
    await expect(page).to_have_title("PAY_TRANSFER · Plan · Resync")


async def test_it_updates_by_itself_and_disturbs_nobody(page: Page, quiet: Simulator):
    await page.clock.install()
    await page.set_viewport_size({"width": 900, "height": 500})
    await page.goto("/plan/")
    await settled(page)
    opened = page.locator(FIRST_CAUSE).first.locator("summary")
    await opened.focus()
    await page.keyboard.press("Enter")
    await page.evaluate("window.scrollTo(0, 300)")
    await page.evaluate(
        "document.querySelector('#part-causes .incident').mine = 'the same element'"
    )

    quiet.plan.set_status("/AGT_BILL#/SALES/BILLING.BILL_RATE", "ABEND")
    await page.clock.fast_forward(HALF_A_MINUTE)

    causes = page.locator("#part-causes")
    await expect(causes.get_by_role("heading", name="BILL_RATE")).to_be_visible()
    await expect(page).to_have_title("(2) Plan · Resync")
    assert await focused(page) == SUMMARY
    assert await page.evaluate("window.scrollY") == 300
    first = page.locator(FIRST_CAUSE).first
    assert await first.evaluate("element => element.mine") == "the same element"
    assert await first.locator("details").evaluate("details => details.open")


async def test_nothing_is_touched_when_nothing_has_changed(
    page: Page, quiet: Simulator
):
    await page.goto("/plan/")
    await settled(page)
    await page.evaluate(
        """() => {
          window.changes = [];
          new MutationObserver((records) => {
            for (const record of records) {
              const within = record.target.nodeType === 3 ? record.target.parentElement : record.target;
              if (!within.closest("time, #part-fresh")) window.changes.push(within.outerHTML.slice(0, 200));
            }
          }).observe(document.getElementById("live-root"),
            { subtree: true, childList: true, characterData: true, attributes: true });
        }"""
    )

    async with page.expect_response("**/plan/?parts=1"):
        await page.get_by_role("button", name="Update now").click()
    await expect(page.get_by_role("button", name="Update now")).to_be_enabled()

    assert await page.evaluate("window.changes") == []


async def test_it_says_when_it_could_not_and_goes_on_trying(page: Page):
    await page.clock.install()
    await page.goto("/plan/")
    await settled(page)

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/plan/?parts=1", cut)
    await page.clock.fast_forward(HALF_A_MINUTE)

    line = page.locator("#live")
    await expect(line).to_contain_text("Could not update: this server does not answer.")
    await expect(line).to_contain_text("Next try in 5 s.")
    await expect(page.locator(FIRST_CAUSE).first).to_contain_text("GL_LOAD")
    await page.unroute("**/plan/?parts=1")
    await page.clock.fast_forward("00:06")
    await expect(line).to_contain_text("Updates by itself")
    await expect(line).not_to_contain_text("Could not")


async def test_an_error_of_the_server_is_told_with_its_number(page: Page):
    await page.goto("/plan/")
    await settled(page)

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="oops")

    await page.route("**/plan/?parts=1", fail)
    await page.get_by_role("button", name="Update now").click()

    await expect(page.locator("#live")).to_contain_text("an error (500)")


async def test_an_ended_session_is_told_with_the_way_back(page: Page):
    await page.goto(LOAD)
    await settled(page)
    await page.context.clear_cookies()

    await page.get_by_role("button", name="Update now").click()

    line = page.locator("#live")
    await expect(line).to_contain_text("your session has ended")
    link = await line.get_by_role("link", name="Sign in again").get_attribute("href")
    assert link is not None
    assert link.endswith(
        "/accounts/login/?next=%2Fplan%2Fjob%2F%3Fname%3D%252FAGT_FIN%2523%252FFIN%252FLEDGER.GL_LOAD"
    )
    await expect(page.get_by_role("heading", level=1)).to_have_text("GL_LOAD")


async def test_a_tws_that_goes_away_leaves_the_plan_with_its_age(
    page: Page, quiet: Simulator
):
    await page.goto("/plan/")
    await settled(page)

    quiet.fault("503")
    await page.get_by_role("button", name="Update now").click()

    box = page.locator("#part-trouble")
    await expect(box).to_contain_text("TWS behind it does not (503)", timeout=15_000)
    await expect(box).to_contain_text("What you see is old")
    await expect(page.locator(FIRST_CAUSE).first).to_contain_text("GL_LOAD")


async def test_a_box_of_the_picture_opens_its_object(page: Page):
    await page.goto("/plan/job/?name=PAY_TRANSFER")
    await settled(page)

    await page.locator(".picture .box", has_text="PAY_CALC").click()

    await page.wait_for_url("**PAY_CALC**")
    await expect(page.get_by_role("heading", level=1)).to_have_text("PAY_CALC")


async def test_a_question_is_taken_along_into_the_chat_and_not_sent(page: Page):
    await page.goto(LOAD)
    await settled(page)

    await page.get_by_role("link", name="Ask about this").click()

    await page.wait_for_url("**/?ask=*")
    question = page.get_by_label("Your question")
    await expect(question).to_have_value(
        "Why did /AGT_FIN#/FIN/LEDGER.GL_LOAD fail, and what should I do?"
    )
    await expect(question).to_be_focused()
    await expect(page.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address", ["/plan/?q=PAY", LOAD, "/plan/stream/?name=PAYROLL"]
)
async def test_a_narrow_window_needs_no_scrolling_sideways(
    address: str, scheme: str, page: Page
):
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(address)
    await settled(page)

    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)


async def test_without_scripts_the_page_reads_and_reloads_itself(
    new_context: Callable[..., Any], page: Page
):
    await page.goto("/plan/")
    await settled(page)
    context = await new_context(java_script_enabled=False)
    plain = await context.new_page()

    await plain.goto("/plan/")

    await expect(plain.locator(FIRST_CAUSE).first).to_contain_text("GL_LOAD")
    refresh = plain.locator("meta[http-equiv=refresh]")
    assert await refresh.get_attribute("content") == "30"


async def test_printing_leaves_out_what_paper_cannot_do(page: Page):
    await page.goto(LOAD)
    await settled(page)

    await page.emulate_media(media="print")

    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator("#live")).to_be_hidden()
    await expect(page.locator("form.filter")).to_be_hidden()
