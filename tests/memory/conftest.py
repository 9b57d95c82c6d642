"""Turns and memories with overridable parts, and the memory of one test."""

import asyncio
import itertools
import uuid

import pytest
from django.db import connection, connections

from memory.embedder import LocalEmbedder
from memory.gateway import KnowledgeGraph, Remembered
from memory.models import Memory

_number = itertools.count(1)


def turn(**parts):
    """A turn like no other, with the parts that matter."""
    number = next(_number)
    return Remembered(
        **{
            "turn_id": uuid.uuid4(),
            "conversation_id": uuid.uuid4(),
            "user_id": None,
            "agent_id": "tws-troubleshooter",
            "question": f"Why does job NIGHT{number} not run?",
            "answer": f"NIGHT{number} waits for a file, which has not arrived.",
            "evidence": [{"tool": "job", "status": "ok", "data": {"n": number}}],
            "mode": "computed",
            **parts,
        }
    )


def remembered_row(**parts) -> Memory:
    """A memory stored by plain ORM, without listeners or index."""
    one = turn()
    return Memory.objects.create(
        **{
            "turn_id": one.turn_id,
            "agent_id": one.agent_id,
            "question": one.question,
            "answer": one.answer,
            "evidence": one.evidence,
            **parts,
        }
    )


def visible_ids() -> set[uuid.UUID]:
    """What the relation that mem0 knows holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM memory_visible")
        return {pk for (pk,) in cursor.fetchall()}


async def in_thread(function, *args, **kwargs):
    """Call blocking code beside the loop, and leave no connection behind."""

    def call():
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


async def until(true, *, seconds=10.0):
    """Wait for what other threads do."""
    async with asyncio.timeout(seconds):
        while not await in_thread(true):
            await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


@pytest.fixture
def graph(transactional_db, embedder):
    """A memory of its own: real mem0, real embedder, the test's database."""
    graph = KnowledgeGraph(embedder)
    yield graph
    graph.close()
