"""Profiles become agents: once, whoever comes first, and anew when they change."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async

from agents.exceptions import UnknownAgent
from agents.llm.computed import ComputedModel
from agents.llm.openai_chat import OpenAIChat
from agents.llm.port import ToolCall
from agents.manager import AgentManager
from agents.models import AgentProfile
from agents.signals import profiles_changed
from tests.fakes import llm as fake

pytestmark = pytest.mark.django_db(transaction=True)


class FakeReader:
    """Stands for the plan reader, whose making is slow and counted."""

    made = 0

    def __init__(self):
        type(self).made += 1
        self.closed = False

    async def aclose(self):
        self.closed = True


@pytest.fixture
def make_reader():
    class Counted(FakeReader):
        made = 0

    def make():
        time.sleep(0.02)  # the window in which the older system made two
        return Counted()

    make.counted = Counted
    return make


@pytest.fixture
def manager(make_reader):
    return AgentManager(make_reader, lambda name: ComputedModel())


def profile(**more) -> AgentProfile:
    fields = {
        "id": "alpha",
        "name": "Alpha",
        "role": "a tester",
        "goal": "Test.",
        "tools": ["tws_status"],
    }
    return AgentProfile.objects.create(**fields | more)


async def a_profile(**more) -> AgentProfile:
    return await sync_to_async(profile)(**more)


def test_defect_22_the_tws_client_is_made_once_by_50_threads(manager, make_reader):
    """In the older system a check and an assignment raced, and two were made."""
    barrier = threading.Barrier(50)

    def first_use(_):
        barrier.wait()
        return manager.reader

    with ThreadPoolExecutor(50) as pool:
        readers = set(pool.map(first_use, range(50)))

    assert make_reader.counted.made == len(readers) == 1


async def test_defect_22_50_first_questions_build_the_agents_once(manager):
    await a_profile()
    loads = 0
    load = manager._load

    async def counted():
        nonlocal loads
        loads += 1
        return await load()

    manager._load = counted

    agents = await asyncio.gather(*(manager.get("alpha") for _ in range(50)))

    assert loads == 1
    assert len(set(map(id, agents))) == 1


async def test_an_agent_is_its_profile(manager):
    await a_profile(tools=["tws_job", "tws_status"], memory=False)

    agent = await manager.get("alpha")

    assert (agent.id, agent.name, agent.mode) == ("alpha", "Alpha", "computed")
    assert agent.toolbox.names == ["tws_job", "tws_status"]


async def test_an_unknown_agent_is_told_with_those_that_exist(manager):
    await a_profile()
    await a_profile(id="beta", enabled=False)

    for name in ("beta", "gamma", "", "a/b", "x" * 500):
        with pytest.raises(UnknownAgent, match=r"Agents: alpha\.$") as caught:
            await manager.get(name)
        assert len(str(caught.value)) < 200
    assert [agent.id for agent in await manager.all()] == ["alpha"]


async def test_a_reload_swaps_the_agents_and_a_running_turn_keeps_its_own(manager):
    row = await a_profile()
    before = await manager.get("alpha")
    row.name = "Changed"
    await sync_to_async(row.save)()

    assert (await manager.get("alpha")).name == "Alpha"
    await manager.reload()

    assert (await manager.get("alpha")).name == "Changed"
    assert before.name == "Alpha"


async def test_a_reload_that_fails_leaves_the_agents_as_they_were(manager, monkeypatch):
    await a_profile()
    await manager.get("alpha")

    async def broken():
        raise ConnectionError

    monkeypatch.setattr(manager, "_load", broken)
    with pytest.raises(ConnectionError):
        await manager.reload()

    assert (await manager.get("alpha")).id == "alpha"


async def test_a_row_that_came_in_past_save_is_left_out_and_logged(manager, caplog):
    await a_profile()
    await a_profile(id="beta")
    change = AgentProfile.objects.filter(id="beta").update
    await sync_to_async(change)(tools=["tws_sttus"])

    assert [agent.id for agent in await manager.all()] == ["alpha"]
    assert "did you mean tws_status" in caplog.text


async def test_agents_that_name_the_same_model_share_it(make_reader):
    made = []

    def make_model(name):
        made.append(name)
        return ComputedModel()

    manager = AgentManager(make_reader, make_model)
    await a_profile()
    await a_profile(id="beta")
    await a_profile(id="gamma", model_name="other")

    alpha, beta, gamma = await manager.all()

    assert sorted(made) == ["", "other"]
    assert alpha.guarded is beta.guarded
    assert gamma.guarded is not alpha.guarded


async def test_agents_exist_where_no_server_is_configured_and_say_so(settings):
    settings.TWS_URLS = []
    await a_profile()
    manager = AgentManager.from_settings()

    agent = await manager.get("alpha")
    result = await agent.toolbox.run(ToolCall("c", "tws_status", "{}"), seconds=5)

    assert result["status"] == "failed"
    assert "TWS_URL" in result["error"]
    await manager.aclose()


async def test_closing_closes_what_was_opened(manager):
    await a_profile()
    await manager.get("alpha")
    reader = manager.reader

    await manager.aclose()

    assert reader.closed
    assert manager.reader is not reader


@pytest.mark.parametrize("change", ["save", "delete"])
def test_a_change_is_told_once_it_is_committed(change):
    from django.db import transaction

    row = profile()
    told = []

    def hear(**_):
        told.append(change)

    profiles_changed.connect(hear)
    try:
        with transaction.atomic():
            getattr(row, change)()
            assert told == []
        assert told == [change]
        with transaction.atomic():
            profile(id="undone")
            transaction.set_rollback(True)
        assert told == [change]
    finally:
        profiles_changed.disconnect(hear)


async def test_health_of_a_model_that_is_not_there(manager):
    assert (await manager.model_health())[0] == "degraded"


async def test_health_of_a_model(make_reader, llm):
    def make_model(name):
        return OpenAIChat(llm.base_url, "", "m1", max_retries=0)

    manager = AgentManager(make_reader, make_model)

    assert await manager.model_health() == (
        "ok",
        "The endpoint of the model m1 answers.",
    )
    llm.models_reply = fake.error(401)
    status, detail = await manager.model_health()
    assert (status, "refused the key" in detail) == ("down", True)
    llm.models_reply = fake.error(500)
    status, detail = await manager.model_health()
    assert (status, "Answers are computed meanwhile." in detail) == ("down", True)
    await manager.aclose()
