"""The whole path of one question again, by clicking in a real Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import PASSWORD
from tests.fakes.llm import FakeLlm
from tests.fakes.server import RunningServer
from tests.test_integration import (  # noqa: F401  # three are fixtures
    FALSE_CLAIM,
    QUESTION,
    llm,
    people,
    prompts_since,
    site,
)

PATIENCE = 30_000  # ms


@asynccontextmanager
async def signed_in(
    browser: Browser, server: RunningServer, username: str
) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=f"http://{server.host}")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto("/")
    await page.get_by_label("User name").fill(username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    yield page
    await context.close()


async def asked(page: Page, question: str, llm: FakeLlm) -> str:
    """Ask in a new conversation and read the answer; what the model was told."""
    before = len(llm.requests)
    await page.get_by_role("link", name="New conversation").click()
    await page.get_by_label("Agent").select_option("tws-troubleshooter")
    await page.wait_for_url("**/?agent=tws-troubleshooter*")
    connection = page.locator("#connection")
    await expect(connection).to_have_attribute("data-state", "open", timeout=PATIENCE)
    await page.get_by_label("Your question").fill(question)
    await page.get_by_role("button", name="Send").click()
    answer = page.get_by_label("Questions and answers").get_by_text(FALSE_CLAIM)
    await expect(answer.first).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Send")).to_be_enabled(
        timeout=PATIENCE
    )
    return prompts_since(llm, before)


async def rejected(page: Page, question: str) -> None:
    """Wait until the auditor has doubted the answer, then reject it."""
    row = page.get_by_role("link", name=question, exact=True)
    for _ in range(60):
        await page.goto("/admin/audit/auditentry/")
        if await row.count():
            break
        await page.wait_for_timeout(500)
    await row.first.click()
    await expect(page.get_by_text(FALSE_CLAIM)).to_be_visible()
    await page.get_by_label("Comment, kept in the history").fill("No such dependency.")
    await page.get_by_role("button", name="Reject", exact=True).click()
    await expect(page.get_by_text("rejected").first).to_be_visible()


@pytest.mark.timeout(180)
@pytest.mark.django_db(transaction=True)
async def test_a_rejected_answer_never_reaches_a_prompt_again_by_clicking(
    browser: Browser, people: None, site: RunningServer, llm: FakeLlm
) -> None:
    again = f"{QUESTION} (again)"
    async with (
        signed_in(browser, site, "operator") as operator,
        signed_in(browser, site, "reviewer") as reviewer,
    ):
        await asked(operator, QUESTION, llm)
        # Doubted, but not decided: it is recalled, so its absence later tells.
        assert FALSE_CLAIM in await asked(operator, again, llm)

        await rejected(reviewer, QUESTION)
        await rejected(reviewer, again)

        assert FALSE_CLAIM not in await asked(operator, again, llm)
