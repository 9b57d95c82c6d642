"""The composition root of a web process: agents, turns, memory, built once."""

import asyncio
import gc
import logging
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from agents.llm.openai_chat import warm_up as warm_up_model
from agents.manager import AgentManager
from agents.turns import TurnRunner
from memory.gateway import KnowledgeGraph, knowledge_graph
from resync_site import notices
from tws.pages.pulse import Pulse, pulse_from_settings

logger = logging.getLogger(__name__)

POOL_CHECK_SECONDS = 3.0
SECONDS_TO_CLOSE_MEMORY = 1.0


@dataclass(frozen=True)
class Services:
    """What the web process owns, for as long as it lives."""

    manager: AgentManager
    runner: TurnRunner
    memory: KnowledgeGraph
    pulse: Pulse


_lock = threading.Lock()
_services: Services | None = None
_background: set[asyncio.Task[None]] = set()


def services() -> Services:
    """The process's one set; two first callers get the same."""
    global _services
    with _lock:
        if _services is None:
            memory = knowledge_graph()
            manager = AgentManager.from_settings(memory=memory)
            pulse = pulse_from_settings(lambda: manager.reader)
            _services = Services(manager, TurnRunner(manager, memory), memory, pulse)
        return _services


async def start() -> None:
    """Start what runs beside the requests; called once, inside the event loop."""
    # Threads decode plans and embed texts: the loop gets its turn five times sooner.
    sys.setswitchinterval(0.001)
    mine = services()
    for coroutine in (notices.listen(_on_notice), _heal_pool(), _warm_up(mine)):
        task = asyncio.ensure_future(coroutine)
        _background.add(task)
        task.add_done_callback(_background.discard)


async def stop() -> None:
    """Save the running turns and close every outside connection."""
    mine = services()
    for task in tuple(_background):
        task.cancel()
    await mine.pulse.aclose()
    await mine.runner.aclose()
    await mine.manager.aclose()
    # What was told is stored by now. A model that is still being loaded has nobody left
    # to use it, and what is not indexed yet is indexed by the next process.
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_CLOSE_MEMORY):
            await asyncio.to_thread(mine.memory.close)


async def _on_notice(kind: str) -> None:
    if kind == notices.CONFIG:
        await services().manager.reload()
    if not settings.REDIS_URL:
        await notices.broadcast(kind)


async def _heal_pool() -> None:
    """Replace connections that a database restart has killed, before a request does."""
    pool = getattr(connection, "pool", None)
    while pool is not None:
        await asyncio.sleep(POOL_CHECK_SECONDS)
        if not pool.closed:  # the first query opens it
            await asyncio.to_thread(pool.check)


async def _warm_up(mine: Services) -> None:
    """Import what is slow to import before the first question needs it."""
    await mine.memory.warm_up()
    await asyncio.to_thread(warm_up_model)
    # What was imported stays for good: the collector need not look at it again.
    gc.collect()
    gc.freeze()
