"""Brings stored memories into the semantic index, now or on a later try."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from memory.exceptions import MemoryGatewayError
from memory.models import Memory, MemoryQuerySet
from memory.rows import database

if TYPE_CHECKING:
    from memory.mem0_store import Mem0Store

logger = logging.getLogger(__name__)

# The embedder reads about this much; a longer text finds the same memory.
TEXT_LIMIT = 2_000
FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 6 * 3600


def index_text(question: str, answer: str) -> str:
    """What a memory is found by."""
    return f"{question[:TEXT_LIMIT]}\n\n{answer}"[:TEXT_LIMIT]


def index_new(store: "Mem0Store", memory_id: UUID) -> None:
    """Index a memory just stored, and if that works a few that were left before."""
    if index_claimed(store, claim(Memory.objects.filter(pk=memory_id), 1)):
        index_due(store, 10)


def anything_due() -> bool:
    with database():
        return Memory.objects.due_for_indexing().exists()


def index_due(store: "Mem0Store", limit: int) -> int:
    """Index what is due, oldest first; how many are indexed now."""
    return index_claimed(store, claim(Memory.objects.due_for_indexing(), limit))


def claim(memories: MemoryQuerySet, limit: int) -> list[Memory]:
    """Take unindexed rows that no other process is at, and count the attempt.

    It is counted before it is made, so that a row which kills its process is not tried
    for ever.
    """
    with database(), transaction.atomic():
        claimed = list(
            memories.unindexed()
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .order_by("index_after")[:limit]
        )
        for memory in claimed:
            Memory.objects.filter(pk=memory.pk).update(
                index_attempts=F("index_attempts") + 1,
                index_after=Now() + pause(memory.index_attempts),
            )
    return claimed


def pause(attempts: int) -> timedelta:
    seconds = FIRST_PAUSE_SECONDS * 4 ** min(attempts, 8)
    return timedelta(seconds=min(seconds, LONGEST_PAUSE_SECONDS))


def index_claimed(
    store: "Mem0Store",
    memories: Sequence[Memory],
    done: Callable[[], object] = lambda: None,
) -> int:
    """Index the rows one by one; a failure is written into its row."""
    indexed = 0
    for memory in memories:
        indexed += _index(store, memory)
        done()
    return indexed


def _index(store: "Mem0Store", memory: Memory) -> int:
    words = index_text(memory.question, memory.answer)
    row = Memory.objects.filter(pk=memory.pk)
    try:
        store.add(memory.pk, words, memory.created_at)
    except MemoryGatewayError as error:
        logger.warning(
            "memory not indexed: %s",
            error,
            extra={"action": "index_failed", "memory": str(memory.pk)},
        )
        with database():
            row.update(index_error=str(error)[:200])
        return 0
    with database():
        return row.update(indexed_at=Now(), index_error="")


def rebuild(dimensions: int) -> None:
    """Empty the index and make it fit vectors of this length; then index everything."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE memory_item IN ACCESS EXCLUSIVE MODE")
        cursor.execute("DELETE FROM memory_item")
        # A view pins the type of its columns, so it has to step aside for a moment.
        cursor.execute("SELECT pg_get_viewdef('memory_visible'::regclass)")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP VIEW memory_visible")
        cursor.execute(
            "ALTER TABLE memory_item ALTER COLUMN vector TYPE"
            f" vector({int(dimensions)})"
        )
        # The change of type has taken the storage back to the type's default.
        cursor.execute("ALTER TABLE memory_item ALTER COLUMN vector SET STORAGE MAIN")
        cursor.execute(f"CREATE VIEW memory_visible AS {definition}")
        Memory.objects.update(
            indexed_at=None, index_attempts=0, index_after=Now(), index_error=""
        )


def index_dimensions() -> int | None:
    """How long the index's vectors are; None before the migrations ran."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT atttypmod FROM pg_attribute"
            " WHERE attrelid = to_regclass('memory_item') AND attname = 'vector'"
        )
        row = cursor.fetchone()
    return row[0] if row else None
