"""A real Chromium on the real page, with agents that do what the question says."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from agents.models import AgentProfile
from tests.agents.conftest import chat_servers, session  # noqa: F401  fixtures
from tests.fakes.server import RunningServer
from tws import simulator

ARGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            # One event loop for all of them, because a browser belongs to one.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    own = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, (own,) if own else NAMES)), "")
    if not found:
        # The gate must not pass because nobody looked.
        refuse = (
            pytest.fail if os.environ.get("RESYNC_REQUIRE_BROWSER") else pytest.skip
        )
        refuse("no Chromium: `apt-get install chromium`, or CHROMIUM=/path/to/chromium")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """The one Chromium of this run; what a test does in a window stays in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def plan() -> Iterator[Any]:
    """The plan that the cards show."""
    with simulator.serve() as running:
        yield running


@pytest.fixture
def profiles(transactional_db: None) -> None:
    for agent_id, name in (
        ("tws-analyzer", "TWS Analyzer"),
        ("tws-troubleshooter", "TWS Troubleshooter"),
    ):
        AgentProfile.objects.create(
            id=agent_id,
            name=name,
            role="analyst",
            goal="Know the plan.",
            tools=["tws_status"],
        )


@pytest.fixture
def site(
    chat_servers: Callable[..., RunningServer],
    database_url: str,
    profiles: None,
    plan: Any,
) -> RunningServer:
    return chat_servers("daphne", database_url, TWS_URL=plan.url, TWS_CACHE_TTL="0")


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(
    browser: Browser,
    site: RunningServer,
    session: str,
) -> AsyncIterator[Callable[..., Any]]:
    """Opens a browser window of the signed-in operator, with no trace of another."""
    opened: list[BrowserContext] = []

    async def open_window(*, cookie: str = session, **options: Any) -> BrowserContext:
        address = f"http://{site.host}"
        context = await browser.new_context(base_url=address, **options)
        opened.append(context)
        if cookie:
            await context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": address}]
            )
        return context

    yield open_window
    for context in opened:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_context: Callable[..., Any]) -> AsyncIterator[Page]:
    """The chat's page; a script error or a broken policy fails the test."""
    context = await new_context()
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    yield page
    assert problems == []
