"""The one door to mem0; imported late, on a thread, because mem0 takes seconds to load.

mem0 2.2.1 is pinned: this rests on some of its internals, which
tests/memory/test_mem0_contract.py holds it to.
"""

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import psycopg_pool
from django.db import connection
from psycopg import errors, sql
from psycopg.types.json import Jsonb

from memory.embedder import Embedder
from memory.exceptions import (
    MemoryGatewayError,
    MemoryMisconfigured,
    MemoryTimeout,
    MemoryUnavailable,
)


def _private_folder() -> None:
    """Give mem0 a folder to write its config file to, wherever there is one.

    It insists on one while it is imported, by default in the home folder.
    """
    wished = Path(os.environ.get("MEM0_DIR") or "/nonexistent")
    try:
        wished.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        os.environ["MEM0_DIR"] = tempfile.mkdtemp(prefix="resync-mem0-")


os.environ["MEM0_TELEMETRY"] = "False"  # read by mem0 while it is imported
_private_folder()

from mem0 import Memory  # noqa: E402
from mem0.configs.base import MemoryConfig  # noqa: E402
from mem0.configs.embeddings.base import BaseEmbedderConfig  # noqa: E402
from mem0.configs.llms.base import BaseLlmConfig  # noqa: E402
from mem0.exceptions import MemoryError as Mem0Error  # noqa: E402
from mem0.memory import telemetry  # noqa: E402
from mem0.utils.factory import (  # noqa: E402
    EmbedderFactory,
    LlmFactory,
    VectorStoreFactory,
)
from mem0.vector_stores.pgvector import PGVector  # noqa: E402

logger = logging.getLogger(__name__)

# mem0 logs the texts of memories, and every failure twice; the door tells its own story.
logging.getLogger("mem0").setLevel(logging.CRITICAL)

# What goes wrong inside mem0 or the embedder's runtime, which has no base class.
INSIDE = (
    Mem0Error,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)

VIEW = "memory_visible"
# All operators share their memories, so mem0's obligatory user is always the same.
EVERYBODY = "operators"
POOL_SIZE = 4
POOL_SECONDS = 2.0
SERVER_OPTIONS = (
    " -c statement_timeout=4000 -c lock_timeout=2000"
    " -c idle_in_transaction_session_timeout=10000"
    # A generic plan changes what a search costs after its fifth run.
    " -c plan_cache_mode=force_custom_plan"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that is near to a query; ``score`` is 1 for the same direction."""

    memory_id: UUID
    score: float


class VisibleStore(PGVector):  # type: ignore[misc]
    """mem0's table as the migrations made it, seen through the view that hides rows."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._collection_ensured = True

    def __del__(self) -> None:
        """Leave the pool open: it belongs to the store, not to this object."""

    def insert(
        self,
        vectors: list[list[float]],
        payloads: list[dict[str, Any]] | None = None,
        ids: list[str] | None = None,
    ) -> None:
        """Store rows under their memory's id, so that a repeated add adds nothing."""
        statement = sql.SQL(
            "INSERT INTO {} (id, vector, payload) VALUES (%s, %s, %s) ON CONFLICT (id)"
            " DO UPDATE SET vector = EXCLUDED.vector, payload = EXCLUDED.payload"
        ).format(self._col())
        with self._get_cursor(commit=True) as cursor:
            for vector, payload in zip(vectors, payloads or [], strict=True):
                row = (payload["memory_id"], vector, Jsonb(payload))
                cursor.execute(statement, row)

    def create_col(self) -> None:
        """Refuse: tables are made by migrations."""
        raise MemoryMisconfigured("The index is made by manage.py migrate alone.")

    def delete_col(self) -> None:
        """Refuse: mem0's reset() would drop every memory."""
        raise MemoryMisconfigured("The index is removed by manage.py migrate alone.")


class PluggedEmbedder:
    """An embedder of ours in the place where mem0 expects langchain's."""

    def __init__(self, config: BaseEmbedderConfig) -> None:
        self.config = config
        self._embedder: Embedder = config.model

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        return self._embedder.embed(text)

    def embed_batch(
        self, texts: list[str], memory_action: str | None = None
    ) -> list[list[float]]:
        return [self._embedder.embed(text) for text in texts]


class NoModel:
    """In the place of the language model that mem0 insists on; it is never asked."""

    def __init__(self, config: BaseLlmConfig) -> None:
        self.config = config

    def generate_response(self, *args: Any, **kwargs: Any) -> str:
        raise MemoryMisconfigured("Memories are stored as they are: use infer=False.")


class NoHistory:
    """In the place of mem0's SQLite file: our rows are the history."""

    def add_history(self, *args: Any, **kwargs: Any) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Have nothing to close."""

    def get_last_messages(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: the first step of an add that would ask a language model."""
        raise MemoryMisconfigured("Memories are stored as they are: use infer=False.")

    def reset(self) -> None:
        """Refuse: the first step of dropping every memory."""
        raise MemoryMisconfigured("The index is removed by manage.py migrate alone.")


EmbedderFactory.provider_to_class["langchain"] = f"{__name__}.PluggedEmbedder"
VectorStoreFactory.provider_to_class["pgvector"] = f"{__name__}.VisibleStore"
LlmFactory.provider_to_class["openai"] = (
    f"{__name__}.NoModel",
    LlmFactory.provider_to_class["openai"][1],
)


class Mem0Store:
    """mem0 over the visible rows of the database, with a small pool of its own."""

    def __init__(
        self, embedder: Embedder, *, database: Mapping[str, Any] | None = None
    ) -> None:
        """Build mem0; nothing is connected or loaded before it is used."""
        if telemetry.MEM0_TELEMETRY or telemetry.client_telemetry.posthog is not None:
            raise MemoryMisconfigured(
                "mem0's telemetry is on: it was imported before memory.mem0_store."
            )
        self.embedder = embedder
        self._pool = psycopg_pool.ConnectionPool(
            kwargs=dict(database or _database()),
            min_size=0,
            max_size=POOL_SIZE,
            timeout=POOL_SECONDS,
            # One attempt per request: with the pool's own doubling pauses it would stay
            # deaf for minutes after the database is back.
            reconnect_timeout=POOL_SECONDS / 2,
            max_idle=120,
            num_workers=1,
            check=psycopg_pool.ConnectionPool.check_connection,
            name="memory",
            open=False,
        )
        self._memory = Memory(_config(embedder, self._pool))
        self._memory.db.close()
        self._memory.db = NoHistory()
        self._pool.open()

    def add(self, memory_id: UUID, text: str, created_at: datetime) -> bool:
        """Index the text; the same memory again is the same entry. False: it is gone.

        Raises:
            MemoryGatewayError: it was not indexed.
        """
        metadata = {
            "memory_id": str(memory_id),
            "created_at": created_at.isoformat(),
            "embedder": self.embedder.name,
        }
        try:
            with _translated():
                self._memory.add(
                    text, user_id=EVERYBODY, metadata=metadata, infer=False
                )
        except _MemoryGone:
            return False
        return True

    def search(self, query: str, limit: int) -> list[Hit]:
        """The visible memories nearest to the query, at most ``limit``, best first.

        Raises:
            MemoryGatewayError: it cannot be searched.
        """
        with _translated():
            found = self._memory.search(
                query,
                top_k=limit,
                # 0.1 by default, and cuts what is far away before it is counted.
                threshold=0.0,
                filters={"user_id": EVERYBODY, "embedder": self.embedder.name},
                # The plain similarity: mem0's own score is halved when a word matches.
                explain=True,
            )
        return [
            Hit(UUID(item["id"]), item["score_details"]["semantic_score"])
            for item in found["results"]
        ]

    def close(self) -> None:
        self._pool.close()


class _MemoryGone(Exception):
    """The row was purged before it was indexed."""


def _config(embedder: Embedder, pool: psycopg_pool.ConnectionPool[Any]) -> MemoryConfig:
    return MemoryConfig(
        vector_store={
            "provider": "pgvector",
            "config": {
                "collection_name": VIEW,
                "connection_pool": pool,
                "embedding_model_dims": embedder.dimensions,
                "hnsw": False,
                "diskann": False,
            },
        },
        embedder={"provider": "langchain", "config": {"model": embedder}},
        llm={"provider": "openai", "config": {"model": "none"}},
        history_db_path=":memory:",
    )


def _database() -> dict[str, Any]:
    """What Django connects with, test database and socket included, and our limits."""
    params: dict[str, Any] = connection.get_connection_params()
    for djangos_own in ("context", "cursor_factory"):
        params.pop(djangos_own, None)
    params["options"] = params.get("options", "") + SERVER_OPTIONS
    params["application_name"] = "resync memory"
    params.setdefault("connect_timeout", 2)
    return params


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what psycopg and mem0 raise into errors of ours."""
    try:
        yield
    except MemoryGatewayError:
        raise
    except errors.ForeignKeyViolation as error:
        raise _MemoryGone from error
    except (errors.QueryCanceled, errors.LockNotAvailable) as error:
        msg = "The memory's database took too long: try again later."
        raise MemoryTimeout(msg) from error
    except (errors.UndefinedTable, errors.UndefinedFunction) as error:
        msg = "The memory's tables are missing: run manage.py migrate."
        raise MemoryMisconfigured(msg) from error
    except errors.DataException as error:
        msg = (
            "The index was made for vectors of another length:"
            " run manage.py index_memories --rebuild."
        )
        raise MemoryMisconfigured(msg) from error
    except psycopg.Error as error:
        raise MemoryUnavailable("The memory's database does not answer.") from error
    except INSIDE as error:
        logger.exception("mem0 failed", extra={"action": "mem0_failed"})
        raise MemoryUnavailable("mem0 failed: see the log.") from error
