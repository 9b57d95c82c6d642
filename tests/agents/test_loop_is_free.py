"""A turn never blocks the event loop: not the model, not the tools, not the check."""

import asyncio
import time

import pytest
from blockbuster import BlockingError, blockbuster_ctx

from agents.events import Answered
from agents.llm import openai_chat
from agents.llm.openai_chat import OpenAIChat
from agents.manager import AgentManager
from agents.models import AgentProfile
from agents.tools.names import TOOL_NAMES
from tests.fakes import llm as fake
from tws.reader import reader_from_settings
from tws.simulator import serve

pytestmark = pytest.mark.django_db(transaction=True)


def save_profile():
    AgentProfile.objects.create(
        id="alpha", name="A", role="r", goal="g", tools=list(TOOL_NAMES)
    )


async def answer(manager, question):
    agent = await manager.get("alpha")
    deadline = asyncio.get_running_loop().time() + 20
    async for event in agent.run(question, deadline=deadline):
        if isinstance(event, Answered):
            return event
    raise AssertionError


async def test_nothing_of_a_turn_blocks_the_loop(llm, settings):
    from agents.db import db

    settings.LLM_BASE_URL = llm.base_url
    await asyncio.to_thread(openai_chat.warm_up)
    await db(save_profile)()
    llm.script(
        fake.calls(
            *[(t, {"name": "GL_LOAD"}) for t in TOOL_NAMES if t != "tws_search"]
        ),
        fake.text("The job GL_LOAD is in ABEND.", delay=0.01),
        fake.error(500),
    )
    with serve("night", speed=0) as simulator:
        manager = AgentManager(
            lambda: reader_from_settings(url=simulator.url),
            lambda name: OpenAIChat(llm.base_url, "", "m", max_retries=0),
        )
        await asyncio.to_thread(lambda: manager.reader)
        with blockbuster_ctx():
            with pytest.raises(BlockingError):
                time.sleep(0.01)  # the guard itself works
            first = await answer(manager, "What of GL_LOAD?")
            second = await answer(manager, "Why does PAYROLL not run?")
        await manager.aclose()

    assert (first.mode, first.status) == ("llm", "ok")
    assert len(first.evidence) == 10
    assert (second.mode, second.status) == ("computed", "ok")
