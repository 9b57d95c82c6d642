"""A whole site without a model: simulator and web process, and browsers for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from resync_site.models import ApiToken
from resync_site.tokens import digest, new_key
from tests.conftest import PASSWORD
from tests.fakes.server import RunningServer, served
from tws.simulator import serve

AGENTS = "agents/fixtures/agents.json"


@pytest.fixture(scope="session")
def web_process(django_db_setup: None) -> Iterator[Callable[[str], RunningServer]]:
    """Starts the web process once; it lives on while tests flush its database."""
    started: list[RunningServer] = []
    with serve("night", speed=0) as simulator, ExitStack() as stack:

        def start(database_url: str) -> RunningServer:
            if not started:
                env = {
                    "DATABASE_URL": database_url,
                    "TWS_URL": simulator.url,
                    "METRICS_TOKEN": "scrape-me",
                }
                server = served("daphne", "resync_site.asgi:application", env)
                started.append(stack.enter_context(server))
            return started[0]

        yield start


@pytest.fixture
def site(
    web_process: Callable[[str], RunningServer], database_url: str
) -> RunningServer:
    """The running site with the two shipped agents."""
    server = web_process(database_url)
    call_command("load_agents", AGENTS, verbosity=0)
    return server


class Browser(httpx.Client):
    """A browser at the site, that sends what the scripts of the pages send."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__(base_url=f"http://{server.host}", trust_env=False, timeout=30)

    def sign_in(self, username: str) -> Self:
        self.get("/accounts/login/")
        form = {
            "username": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.cookies["csrftoken"],
        }
        assert self.post("/accounts/login/", data=form).status_code == 302
        return self

    def send_json(self, path: str, body: Any) -> httpx.Response:
        token = {"X-CSRFToken": self.cookies.get("csrftoken", "")}
        return self.post(path, json=body, headers=token)


@pytest.fixture
def anonymous(site: RunningServer) -> Iterator[Browser]:
    with Browser(site) as browser:
        yield browser


@pytest.fixture
def as_operator(site: RunningServer, operator: User) -> Iterator[Browser]:
    with Browser(site) as browser:
        yield browser.sign_in("operator")


@pytest.fixture
def as_reviewer(site: RunningServer, reviewer: User) -> Iterator[Browser]:
    with Browser(site) as browser:
        yield browser.sign_in("reviewer")


@pytest.fixture
def token_of() -> Callable[[User], str]:
    """Makes an API token for a user; returns the key."""

    def make(user: User) -> str:
        key = new_key()
        ApiToken.objects.create(user=user, label="a script", digest=digest(key))
        return key

    return make


def eventually(ask: Callable[[], Any], patience: float = 10) -> Any:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found := ask():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience} s: {ask}")
