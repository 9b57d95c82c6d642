"""index_memories and purge: what they do, print and refuse."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from memory import gateway
from memory.exceptions import MemoryUnavailable
from memory.gateway import KnowledgeGraph
from memory.indexing import index_dimensions, rebuild
from memory.models import MAX_INDEX_ATTEMPTS, Memory, MemoryItem, RejectedText
from tests.memory.conftest import remembered_row


class Embedder:
    """Constant vectors of a length and a name of choice."""

    def __init__(self, name="constant", dimensions=384):
        self.name, self.dimensions, self.broken = name, dimensions, False

    def embed(self, text):
        if self.broken:
            raise MemoryUnavailable("The embedder is out.")
        return [1.0] * self.dimensions


@pytest.fixture
def plugged(transactional_db, monkeypatch):
    """Put an embedder into the process's one memory."""
    made = []

    def plug(embedder):
        made.append(KnowledgeGraph(embedder))
        monkeypatch.setattr(gateway, "_graph", made[-1])
        return embedder

    yield plug
    for graph in made:
        graph.close()


def run(*arguments) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_what_is_missing_is_indexed_given_up_or_not(plugged):
    plugged(Embedder())
    for attempts in (0, MAX_INDEX_ATTEMPTS):
        remembered_row(index_attempts=attempts)
    remembered_row().reject()

    found = json.loads(run("index_memories", "--json"))

    assert found == {
        "indexed": 2,
        "failed": 0,
        "left": 0,
        "seconds": pytest.approx(found["seconds"]),
    }
    assert MemoryItem.objects.count() == 2
    assert run("index_memories").startswith("0 memories indexed in")


def test_an_embedder_that_fails_is_one_line_and_exit_status_1(plugged):
    plugged(Embedder()).broken = True
    remembered_row()

    with pytest.raises(CommandError, match=r"1 of 1 were not indexed: The embedder is"):
        run("index_memories", "--json")

    assert Memory.objects.get().index_error == "The embedder is out."


def storage_of_the_vectors():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'memory_item'::regclass AND attname = 'vector'"
        )
        return cursor.fetchone()[0]


def test_another_embedder_is_taken_over_by_a_rebuild(plugged, settings):
    plugged(Embedder())
    remembered_row()
    run("index_memories")

    settings.EMBEDDINGS_DIM = 3
    plugged(Embedder("short", 3))
    try:
        run("index_memories", "--rebuild")

        assert index_dimensions() == 3
        assert MemoryItem.objects.get().payload["embedder"] == "short"
        assert storage_of_the_vectors() == "m"
    finally:
        rebuild(384)
    assert index_dimensions() == 384


def test_a_rebuild_with_a_broken_embedder_keeps_the_index(plugged):
    embedder = plugged(Embedder())
    remembered_row()
    run("index_memories")
    embedder.broken = True

    with pytest.raises(CommandError, match="embedder is out"):
        run("index_memories", "--rebuild")

    assert MemoryItem.objects.count() == 1


@pytest.fixture
def three_memories(plugged):
    """A young one, an old one, and an old rejected one; all indexed."""
    plugged(Embedder())
    young = remembered_row()
    for age in (100, 101):
        remembered_row(created_at=timezone.now() - timedelta(days=age))
    run("index_memories")
    Memory.objects.order_by("created_at").first().reject()
    return young


def test_purge_removes_what_is_old_from_rows_and_index_for_good(three_memories):
    assert json.loads(run("purge", "--older-than", "90", "--json")) == {
        "memories": 2,
        "older_than_days": 90,
        "dry_run": False,
    }

    assert Memory.objects.get() == three_memories
    assert MemoryItem.objects.get().pk == three_memories.pk
    assert RejectedText.objects.count() == 1


def test_purge_takes_the_audit_along(three_memories):
    from audit.models import AuditEntry

    for memory in Memory.objects.all():
        AuditEntry.objects.get_or_create(
            memory=memory, defaults={"content_hash": memory.content_hash}
        )

    run("purge", "--older-than", "90")

    assert AuditEntry.objects.get().memory == three_memories


def test_a_dry_run_counts_and_removes_nothing(three_memories):
    shown = run("purge", "--older-than", "90", "--dry-run")

    assert shown == "2 memories older than 90 days would be removed.\n"
    assert Memory.objects.count() == 3


def test_purge_keeps_a_year_by_default(three_memories):
    run("purge")

    assert Memory.objects.count() == 3


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999999999"])
def test_days_that_are_none_are_refused(db, days):
    with pytest.raises(CommandError, match="not a whole number of days"):
        run("purge", f"--older-than={days}")


def test_a_long_purge_goes_in_batches(plugged, monkeypatch):
    monkeypatch.setattr("memory.retention.BATCH", 2)
    old = timezone.now() - timedelta(days=100)
    for _ in range(5):
        remembered_row(created_at=old)

    assert run("purge", "--older-than", "90").startswith("5 memories older than")
    assert not Memory.objects.exists()
