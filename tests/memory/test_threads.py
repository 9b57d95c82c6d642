"""The bound on memory's threads, and what becomes of calls that nobody waits for."""

import asyncio
import threading

import pytest
from django.db import connection

from memory.exceptions import MemoryBusy, MemoryTimeout
from memory.threads import Threads


@pytest.fixture
def make():
    made = []

    def threads(**parts):
        made.append(Threads("test", **{"threads": 1, "in_flight": 2, **parts}))
        return made[-1]

    yield threads
    for one in made:
        one.close()


async def test_more_calls_than_places_are_refused_at_once_and_taken_again(make):
    threads, gate = make(), threading.Event()
    running = [asyncio.create_task(threads.run(5, gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(MemoryBusy):
        await threads.run(5, gate.wait)
    gate.set()
    await asyncio.gather(*running)

    assert await threads.run(5, lambda: "free again") == "free again"


@pytest.mark.parametrize("finish", [True, False])
async def test_a_waiting_call_is_dropped_or_finished_when_its_caller_gives_up(
    make, finish
):
    threads, gate, done = make(finish=finish), threading.Event(), []
    first = asyncio.create_task(threads.run(5, gate.wait))
    await asyncio.sleep(0)

    with pytest.raises(MemoryTimeout, match=r"within 0\.05 s"):
        await threads.run(0.05, done.append, 1)
    gate.set()
    await first
    await threads.run(5, lambda: None)  # behind the one that was given up
    threads.close()

    assert done == [1] * finish


async def test_an_error_of_the_call_is_the_callers(make):
    with pytest.raises(ZeroDivisionError):
        await make().run(5, lambda: 1 / 0)


async def test_what_is_shut_down_says_so(make):
    threads = make()
    threads.close()

    with pytest.raises(MemoryBusy, match="shut down"):
        await threads.run(5, print)


async def test_a_call_leaves_no_database_connection_behind(transactional_db, make):
    threads = make()

    def ask():
        connection.ensure_connection()
        return connection.connection

    used = await threads.run(5, ask)

    assert used.closed
