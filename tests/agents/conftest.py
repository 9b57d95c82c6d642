"""What the tests of the chat share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User

from agents.llm import openai_chat
from tests.fakes.llm import FakeLlm
from tests.fakes.people import signed_in
from tests.fakes.server import RunningServer, served

CHAT = "tests.fakes.chat:application"


@pytest.fixture
def llm() -> Iterator[FakeLlm]:
    openai_chat._dialects.clear()
    with FakeLlm() as server:
        yield server


@pytest.fixture
def session(operator: User) -> str:
    """The cookie of a signed-in operator."""
    return signed_in(operator)


@pytest.fixture
def stranger(member: Callable[..., User]) -> str:
    """The cookie of another operator."""
    return signed_in(member("stranger", "Operators"))


@pytest.fixture
def eager(member: Callable[..., User]) -> str:
    """The cookie of somebody who asks too much; the servers do not forget it."""
    return signed_in(member("eager", "Operators"))


@pytest.fixture(scope="session")
def chat_servers(django_db_setup: None) -> Iterator[Callable[..., RunningServer]]:
    """Starts a server of a kind once, for all tests that ask for it."""
    started: dict[tuple[object, ...], RunningServer] = {}
    with ExitStack() as stack:

        def start(kind: str, database_url: str, **options: str) -> RunningServer:
            key = (kind, *options.items())
            if key not in started:
                env = {"DATABASE_URL": database_url, **options}
                started[key] = stack.enter_context(served(kind, CHAT, env))
            return started[key]

        yield start


@pytest.fixture(params=["daphne", "uvicorn"])
def chat(
    request: pytest.FixtureRequest,
    chat_servers: Callable[..., RunningServer],
    database_url: str,
) -> RunningServer:
    """The chat with scripted agents, on each server that it must work on."""
    return chat_servers(request.param, database_url)
