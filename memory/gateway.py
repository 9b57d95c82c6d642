"""The one face of memory: remember, recall, forget; async, and never in the way.

The row is the truth and is stored first, in one transaction with what listeners write.
mem0 finds rows by meaning and may fail: what it lacks is indexed later.
"""

import logging
import os
import threading
import weakref
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import UUID

from memory import indexing, ratings, rows
from memory.embedder import Embedder, embedder_from_settings
from memory.exceptions import MemoryBusy, MemoryGatewayError, MemoryMisconfigured
from memory.models import Memory
from memory.ratings import Rating
from memory.rows import Recalled, Remembered
from memory.text import QUESTION_LIMIT, clean
from memory.threads import Threads

if TYPE_CHECKING:
    from memory.mem0_store import Mem0Store

__all__ = ["KnowledgeGraph", "Rating", "Recalled", "Remembered", "knowledge_graph"]

logger = logging.getLogger(__name__)

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1_000
ROW_SECONDS = 10.0
SEARCH_SECONDS = 5.0
INDEX_SECONDS = 120.0

T = TypeVar("T")
Status = Literal["ok", "degraded", "down"]


class KnowledgeGraph:
    """What the agents remember together; for any thread, event loop and fork."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Make it; nothing is loaded or connected before it is used."""
        self._embedder = embedder
        self._begin()
        _graphs.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._store: Mem0Store | None = None
        self._one_embedder = False
        # Rows have threads of their own: searches that hang must not keep a turn from
        # being stored.
        self._rows = Threads("memory-rows", threads=2, in_flight=256, finish=True)
        self._searches = Threads("memory-search", threads=4, in_flight=64)
        self._indexer = Threads("memory-index", threads=1, in_flight=64)

    async def remember(self, turn: Remembered) -> UUID:
        """Store the turn, once however often it is told; the id of its memory.

        ``get_all_recent_conversations`` has it at once, ``search`` as soon as it is
        indexed; that happens beside the caller and may fail without losing it.

        Raises:
            MemoryUnavailable: it may not be stored; tell it again.
        """
        memory_id = await self._rows.run(ROW_SECONDS, rows.store, turn)
        try:
            started = self._indexer.start(self._index_new, memory_id)
        except MemoryBusy:
            logger.info("indexing left for later", extra={"action": "index_later"})
        else:
            started.add_done_callback(_log_failure)
        return memory_id

    async def search(self, query: str, limit: int = DEFAULT_LIMIT) -> list[Recalled]:
        """The memories nearest to the query in meaning, best first.

        Raises:
            MemoryGatewayError: answer without memory, and say so.
        """
        _check(limit)
        sound = clean(query, QUESTION_LIMIT).strip()
        if not sound:
            return []
        return await self._searches.run(SEARCH_SECONDS, self._search, sound, limit)

    async def get_all_recent_conversations(
        self, limit: int = DEFAULT_LIMIT
    ) -> list[Recalled]:
        """The newest memories, newest first; works without mem0.

        Raises:
            MemoryUnavailable: the database does not answer.
        """
        _check(limit)
        return await self._rows.run(ROW_SECONDS, rows.recent, limit)

    async def is_flagged(self, memory_id: UUID) -> bool:
        """Does the auditor doubt it, with no decision of a person yet?"""
        return await self._rows.run(ROW_SECONDS, rows.exists, memory_id, doubted=True)

    async def is_approved(self, memory_id: UUID) -> bool:
        """Did a person approve it?"""
        trust = Memory.Trust.APPROVED
        return await self._rows.run(ROW_SECONDS, rows.exists, memory_id, trust=trust)

    async def forget(self, memory_id: UUID) -> None:
        """Take it out of recall; the row stays until it is purged."""
        await self._rows.run(ROW_SECONDS, rows.expire, memory_id)

    async def rate(
        self, turn_id: UUID, user_id: int, rating: int | None, comment: str = ""
    ) -> Rating:
        """Keep what a user says of the turn's answer, 1 to 5; None takes it back.

        Raises:
            UnknownMemory: the turn is not remembered.
            MemoryUnavailable: nothing was changed; try again.
        """
        return await self._rows.run(
            ROW_SECONDS, ratings.rate, turn_id, user_id, rating, comment
        )

    async def ratings(self, conversation_id: UUID) -> list[Rating]:
        """The remembered turns of a conversation, and what was said of each.

        Raises:
            MemoryUnavailable: the database does not answer.
        """
        return await self._rows.run(
            ROW_SECONDS, ratings.of_conversation, conversation_id
        )

    async def index_pending(self, limit: int = DEFAULT_LIMIT) -> int:
        """Index what is due; how many are indexed now.

        Raises:
            MemoryUnavailable: the database does not answer.
        """
        _check(limit)
        return await self._indexer.run(INDEX_SECONDS, self._index_due, limit)

    async def settle(self) -> None:
        """Wait until what was remembered so far is indexed, or has failed to be.

        For a process that ends, and perhaps its database with it.
        """
        with suppress(MemoryGatewayError):  # it is indexed later
            # There is one thread, so this comes after all that was begun before.
            await self._indexer.run(INDEX_SECONDS, lambda: None)

    async def warm_up(self) -> None:
        """Load what is slow to load, beside the event loop, and begin to catch up."""
        try:
            await self._searches.run(INDEX_SECONDS, self._search, "warm up", 1)
            started = self._indexer.start(self._index_due, DEFAULT_LIMIT)
        except MemoryGatewayError as error:
            logger.warning(
                "memory not ready: %s", error, extra={"action": "memory_not_ready"}
            )
        else:
            started.add_done_callback(_log_failure)

    async def health(self) -> tuple[Status, str]:
        """Does a real search work, and is everything in the index?"""
        try:
            await self._searches.run(SEARCH_SECONDS, self._search, "health", 1)
            backlog = await self._rows.run(ROW_SECONDS, rows.backlog)
            one_embedder = await self._rows.run(ROW_SECONDS, self._is_of_one_embedder)
        except MemoryGatewayError as error:
            return "down", str(error)
        if not one_embedder:
            return "degraded", (
                "Some memories were indexed by another embedder and are not found:"
                " run manage.py index_memories --rebuild."
            )
        if backlog.given_up:
            return "degraded", (
                f"{backlog.given_up} memories could not be indexed:"
                " run manage.py index_memories."
            )
        if backlog.late:
            return "degraded", f"{backlog.late} memories are not indexed yet."
        return "ok", "The memory answers and is indexed."

    def store(self) -> "Mem0Store":
        """The one mem0 of this process, made on first use. Blocks: never on the loop."""
        with self._lock:
            if self._store is None:
                try:
                    # Here and not above: importing mem0 takes a second or more.
                    from memory.mem0_store import Mem0Store
                except (ImportError, OSError) as error:
                    msg = f"mem0 cannot be loaded, install it again: {error}"
                    raise MemoryMisconfigured(msg) from error

                self._store = Mem0Store(self._embedder or embedder_from_settings())
            return self._store

    def close(self) -> None:
        """Wait for what runs; give back threads and connections."""
        # Rows first: a caller that cannot wait for a search has them stored all the same.
        for threads in (self._rows, self._indexer, self._searches):
            threads.close()
        if self._store is not None:
            self._store.close()

    def _search(self, query: str, limit: int) -> list[Recalled]:
        hits = self.store().search(query, limit)
        return rows.recalled({hit.memory_id: hit.score for hit in hits})

    def _index_new(self, memory_id: UUID) -> None:
        indexing.index_new(self.store(), memory_id)

    def _index_due(self, limit: int) -> int:
        # Asked first, so that a process with nothing to index need not load mem0.
        if not indexing.anything_due():
            return 0
        return indexing.index_due(self.store(), limit)

    def _is_of_one_embedder(self) -> bool:
        # Reads the whole index, so only until it is found in order once.
        if not self._one_embedder:
            self._one_embedder = rows.all_indexed_by(self.store().embedder.name)
        return self._one_embedder

    def begin_anew_after_fork(self) -> None:
        """Threads do not survive a fork, and connections must not be shared by two."""
        _abandoned.append((self._store, self._rows, self._searches, self._indexer))
        self._begin()


_graphs: weakref.WeakSet[KnowledgeGraph] = weakref.WeakSet()
# What a child inherits is never touched again, not even by the garbage collector:
# closing a connection would end it for the parent too.
_abandoned: list[object] = []
_graph: KnowledgeGraph | None = None
_graph_lock = threading.Lock()


def knowledge_graph() -> KnowledgeGraph:
    """The process's one instance."""
    global _graph
    with _graph_lock:
        if _graph is None:
            _graph = KnowledgeGraph()
        return _graph


def _after_fork_in_child() -> None:
    global _graph_lock
    _graph_lock = threading.Lock()
    for graph in _graphs:
        graph.begin_anew_after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)


def _check(limit: int) -> None:
    if not 1 <= limit <= LARGEST_LIMIT:
        msg = f"limit is {limit}: use a whole number from 1 to {LARGEST_LIMIT}."
        raise ValueError(msg)


def _log_failure(started: Future[T]) -> None:
    if not started.cancelled() and (error := started.exception()):
        logger.error(
            "indexing failed", exc_info=error, extra={"action": "index_failed"}
        )
