"""Remember, recall, forget: what agents, pages and the auditor rely on."""

import asyncio
import inspect
import os
import pickle
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from memory import gateway
from memory.exceptions import MemoryUnavailable
from memory.gateway import KnowledgeGraph, knowledge_graph
from memory.models import MAX_INDEX_ATTEMPTS, Memory, MemoryItem
from memory.signals import memory_remembered
from tests.memory.conftest import in_thread, remembered_row, turn, until


async def indexed(graph, *turns):
    """Remember the turns, and wait until they are found."""
    ids = [await graph.remember(one) for one in turns]
    await until(lambda: not Memory.objects.unindexed().exists())
    return ids


async def test_a_turn_is_remembered_and_found_by_its_meaning(graph):
    payroll = turn(
        question="Why does PAYROLL not start?", answer="It waits for EXTRACT in ABEND."
    )
    _, wanted = await indexed(graph, turn(question="Is PRINTER1 linked?"), payroll)

    found = await graph.search("what holds the payroll stream back", limit=2)

    assert found[0].id == wanted
    assert (found[0].question, found[0].answer) == (payroll.question, payroll.answer)
    assert (found[0].trust, found[0].correction) == ("unjudged", "")
    assert 1 >= found[0].score > found[1].score


async def test_the_whole_turn_is_kept(graph):
    user = await in_thread(User.objects.create_user, "operator")
    one = turn(user_id=user.pk, grounding={"claims": []}, mode="llm")

    key = await graph.remember(one)
    row = await in_thread(Memory.objects.get, pk=key)

    kept = {name: getattr(row, name) for name in one.__slots__ if name != "created_at"}
    assert kept == {
        name: getattr(one, name) for name in one.__slots__ if name != "created_at"
    }
    assert row.state == "active"
    assert len(row.content_hash) == 64


async def test_a_turn_told_again_is_the_same_memory(graph):
    one = turn()

    ids = await asyncio.gather(*(graph.remember(one) for _ in range(20)))

    assert len(set(ids)) == 1
    assert await in_thread(Memory.objects.count) == 1


async def test_a_turn_of_a_user_who_is_gone_is_kept(graph):
    key = await graph.remember(turn(user_id=999_999))

    assert (await in_thread(Memory.objects.get, pk=key)).user_id is None


async def test_text_that_postgresql_refuses_is_kept_without_what_it_refuses(graph):
    key = await graph.remember(
        turn(
            question="why\x00\ud800?",
            answer="x" * 100_000,
            evidence=[{"tool": "log", "data": {"\x00": "\x00\udfff"}}],
        )
    )

    row = await in_thread(Memory.objects.get, pk=key)
    assert (row.question, len(row.answer)) == ("why?", 64_000)
    assert row.evidence == [{"tool": "log", "data": {"": ""}}]


@pytest.fixture
def listener():
    connected = []

    def listen(receiver):
        memory_remembered.connect(receiver, weak=False)
        connected.append(receiver)

    yield listen
    for receiver in connected:
        memory_remembered.disconnect(receiver)


async def test_listeners_write_in_the_transaction_of_the_memory(graph, listener):
    heard = []

    def note(sender, memory, **kwargs):
        heard.append((sender, memory.question, connection.in_atomic_block))
        User.objects.create(username="written by a listener")

    listener(note)
    one = turn()
    await graph.remember(one)
    await graph.remember(one)

    assert heard == [(Memory, one.question, True)]
    assert await in_thread(User.objects.count) == 1


async def test_a_listener_that_fails_leaves_nothing_half_done(graph, listener):
    def fail(sender, memory, **kwargs):
        User.objects.create(username="written by a listener")
        raise ZeroDivisionError

    listener(fail)
    with pytest.raises(ZeroDivisionError):
        await graph.remember(turn())

    assert await in_thread(Memory.objects.count) == 0
    assert await in_thread(User.objects.count) == 0


async def test_a_search_gives_up_to_a_hundred_by_default(graph):
    def fill():
        for number in range(130):
            row = remembered_row(question=f"Job NUMBER{number} is late")
            graph.store().add(row.pk, row.question, row.created_at)

    await in_thread(fill)

    assert len(await graph.search("which jobs are late")) == 100
    assert len(await graph.search("which jobs are late", limit=3)) == 3
    assert len(await graph.get_all_recent_conversations()) == 100


async def test_recent_conversations_come_newest_first_and_without_the_index(graph):
    day = datetime(2026, 3, 1, tzinfo=UTC)
    turns = [turn(created_at=day + timedelta(hours=hour)) for hour in (2, 3, 1)]
    middle, newest, oldest = [await graph.remember(one) for one in turns]

    recent = await graph.get_all_recent_conversations(limit=2)

    assert [memory.id for memory in recent] == [newest, middle]
    assert oldest not in {memory.id for memory in recent}


@pytest.mark.parametrize("limit", [0, -1, 1_001])
async def test_a_limit_out_of_range_is_refused(graph, limit):
    with pytest.raises(ValueError, match="from 1 to 1000"):
        await graph.search("anything", limit=limit)
    with pytest.raises(ValueError, match="from 1 to 1000"):
        await graph.get_all_recent_conversations(limit)


@pytest.mark.parametrize("query", ["", "  \n", "\x00"])
async def test_a_query_without_words_finds_nothing(graph, query):
    await indexed(graph, turn())

    assert await graph.search(query) == []


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE memory_memory; --", "%_\\", "\ud800 x"]
)
async def test_a_query_is_never_more_than_text(graph, query):
    await indexed(graph, turn())

    assert len(await graph.search(query)) == 1


async def test_a_rejected_memory_and_its_text_are_not_recalled(graph):
    wrong = turn()
    key, other = await indexed(graph, wrong, turn())

    await in_thread(lambda: Memory.objects.get(pk=key).reject())
    again = await graph.remember(
        turn(question=wrong.question.upper(), answer=f" {wrong.answer}")
    )

    assert {m.id for m in await graph.search(wrong.question)} == {other}
    assert {m.id for m in await graph.get_all_recent_conversations()} == {other}
    assert (await in_thread(Memory.objects.get, pk=again)).state == "rejected"


async def test_what_auditor_and_reviewer_found_is_told(graph):
    (key,) = await indexed(graph, turn())
    told = []

    for verb in ("flag", "quarantine", "approve", "reject"):
        await in_thread(lambda verb=verb: getattr(Memory.objects.get(pk=key), verb)())
        told.append((await graph.is_flagged(key), await graph.is_approved(key)))

    assert told == [(True, False), (True, False), (False, True), (False, False)]
    assert not await graph.is_flagged(uuid.uuid4())


async def test_a_state_is_looked_up_by_id_and_not_searched_for(moody, moody_graph):
    """Defect 8: the older system searched the vectors for an id, and met others."""
    moody.broken = True
    key = await moody_graph.remember(turn())
    other = await moody_graph.remember(turn(question=f"Is {key} flagged?"))
    await in_thread(lambda: Memory.objects.get(pk=key).flag())

    assert await moody_graph.is_flagged(key)
    assert not await moody_graph.is_flagged(other)
    assert not await moody_graph.is_approved(key)


def test_every_verb_has_to_be_awaited():
    """Defect 16: a call that is not awaited does nothing; mypy refuses it, too."""
    verbs = {
        name
        for name, verb in vars(KnowledgeGraph).items()
        if not name.startswith("_") and inspect.iscoroutinefunction(verb)
    }

    assert verbs == {
        "remember",
        "search",
        "get_all_recent_conversations",
        "is_flagged",
        "is_approved",
        "forget",
        "rate",
        "ratings",
        "index_pending",
        "settle",
        "warm_up",
        "health",
    }


async def test_a_correction_is_recalled_with_the_memory(graph):
    (key,) = await indexed(graph, turn())

    await in_thread(lambda: Memory.objects.get(pk=key).approve("It was the calendar."))
    (found,) = await graph.search("calendar")

    assert (found.trust, found.correction) == ("approved", "It was the calendar.")


async def test_what_is_forgotten_is_not_recalled_but_kept(graph):
    (key,) = await indexed(graph, turn())

    await graph.forget(key)

    assert await graph.search("job") == []
    assert await graph.get_all_recent_conversations() == []
    row = await in_thread(Memory.objects.get, pk=key)
    assert (row.state, await in_thread(MemoryItem.objects.count)) == ("expired", 0)


async def test_a_forgotten_memory_that_a_person_approves_is_found_again(graph):
    (key,) = await indexed(graph, turn())
    await graph.forget(key)

    await in_thread(lambda: Memory.objects.get(pk=key).approve())
    await graph.index_pending()

    assert [memory.id for memory in await graph.search("job")] == [key]


class Moody:
    """A real embedder that can be out of order."""

    def __init__(self, embedder):
        self.inner, self.name = embedder, embedder.name
        self.dimensions, self.broken = embedder.dimensions, False

    def embed(self, text):
        if self.broken:
            raise MemoryUnavailable("The embedder is out.")
        return self.inner.embed(text)


@pytest.fixture
def moody(embedder):
    return Moody(embedder)


@pytest.fixture
def moody_graph(transactional_db, moody):
    graph = KnowledgeGraph(moody)
    yield graph
    graph.close()


def failed_once(key):
    return lambda: Memory.objects.get(pk=key).index_error != ""


async def test_a_turn_is_kept_while_the_index_is_down_and_indexed_later(
    moody, moody_graph
):
    moody.broken = True
    key = await moody_graph.remember(turn())
    await until(failed_once(key))

    with pytest.raises(MemoryUnavailable, match="out"):
        await moody_graph.search("job")
    assert len(await moody_graph.get_all_recent_conversations()) == 1
    row = await in_thread(Memory.objects.get, pk=key)
    assert (row.indexed_at, row.index_attempts) == (None, 1)
    assert row.index_after > timezone.now() + timedelta(seconds=5)

    moody.broken = False
    assert await moody_graph.index_pending() == 0  # not due yet
    await in_thread(Memory.objects.update, index_after=timezone.now())
    assert await moody_graph.index_pending() == 1
    assert [memory.id for memory in await moody_graph.search("job")] == [key]


async def test_whoever_ends_can_wait_until_all_is_indexed(moody, moody_graph):
    stored = [await moody_graph.remember(turn()) for _ in range(3)]
    await moody_graph.settle()

    indexed = Memory.objects.filter(pk__in=stored, indexed_at__isnull=False)
    assert await indexed.acount() == 3

    moody.broken = True
    await moody_graph.remember(turn())
    await moody_graph.settle()  # that it failed is no matter: it is indexed later


async def test_with_nothing_to_index_mem0_is_not_even_loaded(graph):
    assert await graph.index_pending() == 0
    assert graph._store is None


async def test_the_next_turn_takes_along_what_was_left(moody, moody_graph):
    moody.broken = True
    key = await moody_graph.remember(turn())
    await until(failed_once(key))
    await in_thread(Memory.objects.update, index_after=timezone.now())

    moody.broken = False
    await moody_graph.remember(turn())

    await until(lambda: not Memory.objects.unindexed().exists())


async def test_a_memory_that_is_never_indexed_is_given_up_and_health_says_so(
    moody, moody_graph
):
    moody.broken = True
    key = await moody_graph.remember(turn())
    await until(failed_once(key))
    for _ in range(MAX_INDEX_ATTEMPTS + 2):
        await in_thread(Memory.objects.update, index_after=timezone.now())
        await moody_graph.index_pending()

    row = await in_thread(Memory.objects.get, pk=key)
    assert row.index_attempts == MAX_INDEX_ATTEMPTS
    assert await moody_graph.health() == ("down", "The embedder is out.")
    moody.broken = False
    status, detail = await moody_graph.health()
    assert (status, "1 memories could not be indexed" in detail) == ("degraded", True)


async def test_health_is_ok_then_degraded_by_a_late_row(graph):
    await indexed(graph, turn())
    assert (await graph.health())[0] == "ok"

    old = timezone.now() - timedelta(minutes=5)
    await in_thread(remembered_row, created_at=old)

    assert await graph.health() == ("degraded", "1 memories are not indexed yet.")


async def test_health_tells_of_vectors_of_another_embedder(moody, moody_graph):
    await indexed(moody_graph, turn())
    moody.name = "another"

    status, detail = await moody_graph.health()

    assert (status, "--rebuild" in detail) == ("degraded", True)
    assert await moody_graph.search("job") == []


async def test_warming_up_indexes_what_was_left_and_never_fails(moody, moody_graph):
    await in_thread(remembered_row)
    moody.broken = True
    await moody_graph.warm_up()

    moody.broken = False
    await moody_graph.warm_up()

    await until(lambda: not Memory.objects.unindexed().exists())


def test_one_instance_works_in_several_event_loops(graph):
    keys = [async_to_sync(graph.remember)(turn()) for _ in range(3)]
    async_to_sync(until)(lambda: not Memory.objects.unindexed().exists())

    found = [async_to_sync(graph.search)("job") for _ in range(2)]

    assert [{memory.id for memory in one} for one in found] == [set(keys)] * 2


def test_many_first_users_get_the_same_instance_and_the_same_store(
    transactional_db, monkeypatch
):
    monkeypatch.setattr(gateway, "_graph", None)
    with ThreadPoolExecutor(16) as pool:
        graphs = set(pool.map(lambda _: knowledge_graph(), range(64)))
        stores = set(pool.map(lambda _: knowledge_graph().store(), range(64)))

    assert (len(graphs), len(stores)) == (1, 1)
    knowledge_graph().close()


def in_child(function):
    """Run it in a fork of this process, and bring back its result or its error."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - brought to the parent
            result = repr(error)
        os.write(write, pickle.dumps(result))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        result = pickle.loads(answer.read())
    os.waitpid(pid, 0)
    return result


def test_parent_and_forked_child_both_go_on(graph):
    key = async_to_sync(graph.remember)(turn())
    async_to_sync(until)(lambda: not Memory.objects.unindexed().exists())
    async_to_sync(graph.search)("job")

    def search():
        return [memory.id for memory in async_to_sync(graph.search)("job")]

    in_children = [in_child(search) for _ in range(3)]

    assert in_children == [[key]] * 3
    assert search() == [key]
