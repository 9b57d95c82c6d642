"""What remembering and recalling cost, against the embedder and the database alone."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone

from memory.gateway import KnowledgeGraph, Remembered
from memory.models import Memory

AGENT = "bench"
ROWS = 5_000
ROUNDS = 30
AT_ONCE = 20
QUERY = "Why does the PAYROLL stream not start?"


def milliseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of a call, after one that does not count."""
    call()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return median(times) * 1000


def turn() -> Remembered:
    return Remembered(
        turn_id=uuid.uuid4(),
        conversation_id=None,
        user_id=None,
        agent_id=AGENT,
        question=QUERY,
        answer="It waits for job EXTRACT, which ended in ABEND with return code 8.",
    )


@contextmanager
def memory() -> Iterator[KnowledgeGraph]:
    """A memory that has been used before, and is as it was afterwards."""
    graph = KnowledgeGraph()
    async_to_sync(graph.warm_up)()
    try:
        yield graph
    finally:
        graph.close()
        Memory.objects.filter(agent_id=AGENT).delete()


def fill(graph: KnowledgeGraph, count: int) -> None:
    """Store memories with vectors of chance, past the embedder."""
    chance = random.Random(1)
    now = timezone.now()
    rows = [
        Memory(
            turn_id=uuid.uuid4(),
            agent_id=AGENT,
            question=f"Why does job NIGHT{number} wait?",
            answer=f"For file {number}.",
            indexed_at=now,
        )
        for number in range(count)
    ]
    Memory.objects.bulk_create(rows, batch_size=1_000)
    with connection.cursor() as cursor:
        for row in rows:
            payload = {
                "data": row.question,
                "text_lemmatized": row.question,
                "user_id": "operators",
                "embedder": graph.store().embedder.name,
                "memory_id": str(row.pk),
            }
            vector = str([round(chance.gauss(0, 1), 4) for _ in range(384)])
            cursor.execute(
                "INSERT INTO memory_item VALUES (%s, %s, %s)",
                [row.pk, vector, json.dumps(payload)],
            )
        cursor.execute("ANALYZE memory_memory")
        cursor.execute("ANALYZE memory_item")


def nearest_in_sql(vector: str) -> None:
    """The search as PostgreSQL alone would do it, hidden rows and all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, vector <=> %s::vector AS distance, payload FROM memory_item"
            " ORDER BY distance LIMIT 100",
            [vector],
        )
        cursor.fetchall()


def bench_memory_remember() -> dict[str, float]:
    """Storing a turn, and indexing it, in times of embedding it."""
    with memory() as graph:
        store, row = graph.store(), turn()
        words = f"{row.question}\n\n{row.answer}"
        embed = milliseconds(lambda: store.embedder.embed(words))
        remember = milliseconds(lambda: async_to_sync(graph.remember)(turn()))
        kept = Memory.objects.filter(agent_id=AGENT).latest("created_at")
        add = milliseconds(lambda: store.add(kept.pk, words, kept.created_at))
    return {
        "embed one text, ms": embed,
        "remember one turn, ms": remember,
        "index one memory, ms": add,
        "index one memory / embed it": add / embed,
    }


def bench_memory_search() -> dict[str, float]:
    """The nearest hundred of 5 000, in times of embedding and plain SQL."""
    with memory() as graph:
        fill(graph, ROWS)
        embed = graph.store().embedder.embed
        found = async_to_sync(graph.search)(QUERY)
        search = milliseconds(lambda: async_to_sync(graph.search)(QUERY))
        recall = milliseconds(lambda: async_to_sync(graph.search)(QUERY, limit=3))
        raw = milliseconds(lambda: nearest_in_sql(str(embed(QUERY))))
        recent = milliseconds(
            lambda: async_to_sync(graph.get_all_recent_conversations)()
        )
    return {
        "found of 100": float(len(found)),
        "search 100 of 5000, ms": search,
        "search 3 of 5000, ms": recall,
        "the newest 100 of 5000, ms": recent,
        "search 100 / embed and search in SQL alone": search / raw,
    }


def bench_memory_beside_the_loop() -> dict[str, float]:
    """How late the event loop is while twenty searches run at once."""
    with memory() as graph:
        fill(graph, 1_000)
        late, seconds = async_to_sync(_twenty_searches)(graph)
    late.sort()
    return {
        "20 searches at once, ms": seconds * 1000,
        "loop lag, median ms": median(late) * 1000,
        "loop lag, 95 of 100 under ms": late[int(len(late) * 0.95)] * 1000,
        "longest loop lag / time of the searches": late[-1] / seconds,
    }


async def _twenty_searches(graph: KnowledgeGraph) -> tuple[list[float], float]:
    late: list[float] = []

    async def measure() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - began - 0.005)

    await graph.search(QUERY)
    measuring = asyncio.create_task(measure())
    began = time.perf_counter()
    await asyncio.gather(*(graph.search(QUERY) for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - began
    measuring.cancel()
    return late, seconds
