"""The event loop stays free, whatever mem0 and the database do."""

import asyncio
import time
from contextlib import contextmanager

import psycopg
import pytest
from blockbuster import BlockingError, blockbuster_ctx

from memory import gateway, mem0_store
from memory.exceptions import MemoryBusy, MemoryTimeout
from memory.models import Memory
from tests.memory.conftest import in_thread, remembered_row, turn, until

TICK = 0.005


class Lag:
    """How late a task came that only wanted to be called every few milliseconds."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def __aenter__(self) -> "Lag":
        self.task = asyncio.create_task(self.measure())
        return self

    async def __aexit__(self, *_) -> None:
        self.task.cancel()

    async def measure(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self.late.append(time.perf_counter() - began - TICK)

    @property
    def usual(self) -> float:
        """What nineteen of twenty ticks stay under."""
        return sorted(self.late)[int(len(self.late) * 0.95)]


def fill(graph, count):
    for number in range(count):
        row = remembered_row(question=f"Job NUMBER{number} is late")
        graph.store().add(row.pk, row.question, row.created_at)
    Memory.objects.update(indexed_at=row.created_at)


async def test_twenty_searches_do_not_hold_the_loop(graph):
    await in_thread(fill, graph, 150)

    async with Lag() as lag:
        began = time.perf_counter()
        found = await asyncio.gather(*(graph.search("late jobs") for _ in range(20)))
        seconds = time.perf_counter() - began

    assert {len(one) for one in found} == {100}
    # Searched on the loop, one pause would have been all of the time.
    assert lag.usual < max(0.05, seconds / 10)
    assert max(lag.late) < max(0.25, seconds / 2)


async def test_remembering_does_not_hold_the_loop(graph):
    await graph.warm_up()

    async with Lag() as lag:
        began = time.perf_counter()
        await asyncio.gather(*(graph.remember(turn()) for _ in range(50)))
        seconds = time.perf_counter() - began

    assert lag.usual < max(0.05, seconds / 10)
    await until(lambda: not Memory.objects.unindexed().exists())


@contextmanager
def locked_index():
    with psycopg.connect(**mem0_store._database()) as other:
        other.execute("LOCK TABLE memory_item IN ACCESS EXCLUSIVE MODE")
        yield


async def test_a_hanging_index_ends_in_errors_and_holds_up_nobody(graph, monkeypatch):
    monkeypatch.setattr(gateway, "SEARCH_SECONDS", 1.0)
    await in_thread(fill, graph, 1)

    with locked_index():
        async with Lag() as lag:
            began = time.perf_counter()
            searches = asyncio.gather(
                *(graph.search("late jobs") for _ in range(80)), return_exceptions=True
            )
            await asyncio.sleep(0.1)
            asked = time.perf_counter()
            await asyncio.to_thread(lambda: None)
            others = time.perf_counter() - asked
            key = await graph.remember(turn())
            results = await searches
            seconds = time.perf_counter() - began

    kinds = [type(result) for result in results]
    assert (kinds.count(MemoryTimeout), kinds.count(MemoryBusy)) == (64, 16)
    # Waiting for the database's own limits, four at a time, would take half a minute.
    assert seconds < 5
    assert lag.usual < 0.1
    assert others < 0.8
    # Kept although the index hung, and found as soon as that is over.
    assert await in_thread(Memory.objects.filter(pk=key).exists)
    assert len(await eventually(graph)) >= 1


async def eventually(graph):
    """A search once the calls that hung have given back their threads."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await graph.search("late jobs")
            except (MemoryBusy, MemoryTimeout):
                await asyncio.sleep(0.1)


async def test_a_cancelled_search_frees_its_place(graph):
    await in_thread(fill, graph, 1)

    with locked_index():
        for _ in range(3):
            tasks = [asyncio.create_task(graph.search("late")) for _ in range(64)]
            await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    assert len(await eventually(graph)) == 1


async def test_no_verb_of_the_gateway_blocks_the_loop(graph):
    """Held by a guard that turns a blocking call on the loop into an error."""
    one = turn()

    with blockbuster_ctx():
        key = await graph.remember(one)
        await graph.warm_up()
        await graph.index_pending()
        await graph.search("jobs")
        await graph.get_all_recent_conversations()
        await graph.health()
        await graph.is_flagged(key)
        await graph.is_approved(key)
        await graph.forget(key)
        with pytest.raises(BlockingError):  # the guard is on
            time.sleep(0.001)
