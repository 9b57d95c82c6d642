"""Nobody waits for another's slow query, and a reader that sleeps costs little."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.fakes.tab import Tab, open_tab

SOCKETS = 20


async def waits_for_pongs(tabs: list[Tab], seconds: float) -> list[float]:
    """How long these sockets waited for each of their pongs, shortest first."""
    until = time.perf_counter() + seconds

    async def keep_pinging(tab: Tab) -> list[float]:
        waits = []
        while time.perf_counter() < until:
            began = time.perf_counter()
            await tab.say(type="ping")
            assert (await tab.hear())["type"] == "pong"
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)
        return waits

    waits = await asyncio.gather(*map(keep_pinging, tabs))
    return sorted(wait for waited in waits for wait in waited)


def almost_longest(waits: list[float]) -> float:
    return waits[int(len(waits) * 0.97)]


@pytest.mark.parametrize("thread", ["shared", "own"])
async def test_a_slow_query_of_one_socket_is_not_felt_by_the_others(
    chat, session, thread
):
    """Fails (1.8 s) when ``GuardedSocket.dispatch`` is removed: ``shared`` keeps the
    one thread busy that Channels' own ``dispatch`` waits for with each message."""
    async with AsyncExitStack() as stack:
        slow, *others = [
            await stack.enter_async_context(open_tab(chat.host, session))
            for _ in range(SOCKETS + 1)
        ]
        for tab in (slow, *others):
            await tab.hear()
        usual = await waits_for_pongs(others, 0.5)
        await slow.ask(f"slow_query {thread} 2")
        await slow.until("stream")
        waits = await waits_for_pongs(others, 1.5)
        await slow.say(type="ping")
        assert (await slow.hear())["type"] == "pong"  # the query runs still
        final = await slow.final()

    assert final["status"] == "ok"
    # Of the few slowest, the machine's other work may be the cause, and on a machine
    # that is busy anyway 50 ms may be what any pong takes.
    assert almost_longest(waits) < max(0.05, 3 * almost_longest(usual))
    assert waits[-1] < 0.8


def memory_of(pid: int) -> int:
    """Resident memory in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def test_a_reader_that_sleeps_costs_little_memory(chat, eager):
    """Fails on Daphne (+21 MB) without the flow control of ``resync_site.server``."""
    async with open_tab(chat.host, eager) as tab:
        await tab.hear()
        for _ in range(8):  # what any answer costs once
            await tab.ask("long")
            await tab.final()
        before = memory_of(chat.process.pid)
        tab.socket.transport.pause_reading()
        with suppress(ConnectionClosed):  # at some point the server lets it go
            for _ in range(50):
                await tab.ask("long")
                await asyncio.sleep(0.1)
        grown = memory_of(chat.process.pid) - before
        tab.drop()  # it hears no goodbye

    assert grown < 12 * 1_048_576
