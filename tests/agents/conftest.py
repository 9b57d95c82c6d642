"""What the tests of the chat share."""

from collections.abc import Iterator

import pytest

from agents.llm import openai_chat
from tests.fakes.llm import FakeLlm


@pytest.fixture
def llm() -> Iterator[FakeLlm]:
    openai_chat._dialects.clear()
    with FakeLlm() as server:
        yield server
