"""The plan's pages on a simulator, asked as a signed-in browser asks."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import include, path

from resync_site import urls as site_urls
from tests.fakes.html import Element, read_page
from tws.client import TwsClient
from tws.config import make_config
from tws.reader import PlanReader
from tws.simulator import Simulator
from tws.urls import plan_urlpatterns


def urlconf(reader: Callable[[], PlanReader]) -> ModuleType:
    """The site with new pages: they remember nothing of another test."""
    module = ModuleType("plan_site")
    vars(module)["urlpatterns"] = [
        path("plan/", include(plan_urlpatterns(reader))),
        *site_urls.urlpatterns,
    ]
    return module


def reader_of(url: str, *, ttl: float = 60.0, timeout: float = 5.0) -> PlanReader:
    return PlanReader(TwsClient(make_config([url], timeout=timeout)), ttl=ttl)


@pytest.fixture
async def browsers(operator: User, settings: Any) -> AsyncIterator[Callable[..., Any]]:
    """Opens a browser on the pages of any simulator."""
    readers = []

    async def open_on(simulator: Any, *, url: str = "", **how: Any) -> Browser:
        reader = reader_of(url or simulator.url, **how)
        readers.append(reader)
        settings.ROOT_URLCONF = urlconf(lambda: reader)
        client = AsyncClient()
        await client.aforce_login(operator)
        return Browser(client, reader, simulator)

    yield open_on
    for reader in readers:
        await reader.aclose()


@pytest.fixture
async def browser(browsers: Callable[..., Any], simulator: Simulator) -> "Browser":
    """On the default night."""
    opened: Browser = await browsers(simulator)
    return opened


@dataclass
class Browser:
    """A signed-in operator, the plan's pages, and the TWS behind them."""

    client: AsyncClient
    reader: PlanReader
    simulator: Simulator

    async def get(self, address: str, **query: Any) -> HttpResponse:
        full = f"{address}?{urlencode(query)}" if query else address
        return await self.client.get(full)

    async def page(self, address: str, *, expect: int = 200, **query: Any) -> Element:
        """The first paint."""
        return _read(await self.get(address, **query), expect)

    async def parts(self, address: str, **query: Any) -> Element:
        """What the script gets, which has waited for all of it."""
        if "?" in address:
            return _read(await self.client.get(f"{address}&parts=1"), 200)
        return _read(await self.get(address, **query, parts="1"), 200)

    def asked(self) -> list[str]:
        """The paths that TWS was asked for since the last time."""
        found = [path for _, path, *_ in self.simulator.requests]
        self.simulator.requests.clear()
        return found


def _read(response: HttpResponse, status: int) -> Element:
    text = response.content.decode()
    assert response.status_code == status, text[:2000]
    return read_page(text)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement, in whichever thread."""
    seen: list[str] = []
    execute = CursorWrapper.execute

    def noted(self: Any, sql: Any, params: Any = None) -> Any:
        seen.append(str(sql))
        return execute(self, sql, params)

    CursorWrapper.execute = noted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        CursorWrapper.execute = execute  # type: ignore[method-assign]
