"""A rejected text is never recalled: by the row, by its twins, by mem0, in any race."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from memory.exceptions import TextRejected
from memory.mem0_store import Mem0Store
from memory.models import Memory, RejectedText
from tests.memory.conftest import remembered_row, visible_ids

ROUNDS = 120
TEXT = ("Why does PAYROLL wait?", "It waits for nothing, start it by hand.")


@pytest.fixture
def store(transactional_db, embedder):
    store = Mem0Store(embedder)
    yield store
    store.close()


def indexed(store, **parts) -> Memory:
    memory = remembered_row(**parts)
    assert store.add(memory.pk, f"{memory.question} {memory.answer}", memory.created_at)
    return memory


def twin(**parts) -> Memory:
    question, answer = TEXT
    return remembered_row(question=question, answer=answer, **parts)


def insert_raw(question, answer) -> uuid.UUID:
    """Store a text past the ORM."""
    key = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memory_memory (id, turn_id, agent_id, question, answer,"
            " evidence, grounding, mode) VALUES (%s, %s, 'a', %s, %s, '[]', '{}', '')",
            [key, uuid.uuid4(), question, answer],
        )
    return key


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda m: m.reject(), id="rejected"),
        pytest.param(lambda m: m.quarantine(), id="quarantined"),
        pytest.param(
            lambda m: Memory.objects.filter(pk=m.pk).update(state="expired"),
            id="expired",
        ),
    ],
)
def test_no_call_of_the_vector_store_reaches_a_hidden_memory(store, embedder, hide):
    memory = indexed(store, question=TEXT[0], answer=TEXT[1])
    raw, key = store._memory.vector_store, str(memory.pk)
    vector = embedder.embed(TEXT[0])
    assert [hit.id for hit in raw.search(TEXT[0], vector, 5)] == [key]

    hide(memory)
    raw.update(key, payload={"data": "back again", "user_id": "operators"})
    raw.delete(key)

    assert raw.search(TEXT[0], vector, 5) == []
    assert raw.keyword_search("PAYROLL", 5) == []
    assert raw.list() == [[]]
    assert raw.get(key) is None
    assert store._memory.get_all(filters={"user_id": "operators"})["results"] == []
    assert memory.item.payload["data"] == " ".join(TEXT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param(*TEXT, id="the same"),
        pytest.param(TEXT[0].upper(), TEXT[1].lower(), id="case"),
        pytest.param(f"  {TEXT[0]}\n", TEXT[1].replace(" ", "\t\n "), id="blanks"),
        pytest.param(TEXT[0].replace("PA", "ＰＡ"), TEXT[1], id="wide letters"),
    ],
)
def test_a_rejected_text_is_rejected_at_birth(question, answer):
    first = twin()
    first.reject()

    again = remembered_row(question=question, answer=answer)
    raw = insert_raw(question, answer)

    assert (again.state, again.twin_of) == (Memory.State.REJECTED, first.pk)
    assert Memory.objects.get(pk=raw).twin_of == first.pk
    assert not Memory.objects.recallable().exists()


@pytest.mark.django_db
def test_another_text_is_not_taken_for_the_rejected_one():
    twin().reject()

    other = remembered_row(question=TEXT[0], answer=TEXT[1] + " Not really.")
    moved = remembered_row(question=TEXT[0] + " It", answer=TEXT[1][3:])

    assert {other.state, moved.state} == {Memory.State.ACTIVE}


@pytest.mark.django_db
def test_a_rejection_hides_the_same_text_stored_before_and_its_undo_shows_it():
    before, decided = twin(), twin()

    decided.reject()
    hidden = set(Memory.objects.recallable())
    decided.restore()

    assert hidden == set()
    assert set(Memory.objects.recallable()) == {before, decided}


@pytest.mark.django_db
def test_a_rejection_outlives_its_purged_memory():
    first = twin()
    key = first.pk
    first.reject()
    first.delete()

    again = twin()

    assert (again.state, again.twin_of) == (Memory.State.REJECTED, key)
    assert RejectedText.objects.get().memory_id == key


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["approve", "restore", "quarantine"])
def test_no_verb_brings_back_a_text_that_is_rejected_elsewhere(verb):
    decided, before = twin(), twin()
    decided.reject()
    after = twin()

    for other in (before, after):
        with pytest.raises(TextRejected, match=str(decided.pk)):
            getattr(other, verb)()

    assert set(Memory.objects.values_list("state", flat=True)) == {"rejected"}


@pytest.mark.django_db
def test_saving_what_was_read_before_the_rejection_does_not_undo_it():
    stale = Memory.objects.get(pk=twin().pk)
    Memory.objects.get(pk=stale.pk).reject()

    stale.rating = 5
    with (
        pytest.raises(IntegrityError, match="approve or restore"),
        transaction.atomic(),
    ):
        stale.save()

    stale.refresh_from_db()
    assert (stale.state, stale.rating) == (Memory.State.REJECTED, None)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["question", "answer", "content_hash"])
def test_the_text_of_a_memory_never_changes(column):
    memory = twin()

    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Memory.objects.filter(pk=memory.pk).update(**{column: "another"})

    memory.refresh_from_db()
    assert (memory.question, memory.answer) == TEXT


@pytest.mark.django_db
def test_two_rejections_of_a_text_both_have_to_be_undone():
    first, second = twin(), twin()
    first.reject()
    second.reject()

    with pytest.raises(TextRejected), transaction.atomic():
        first.restore()
    second.refresh_from_db()
    with pytest.raises(TextRejected), transaction.atomic():
        second.restore()

    assert not Memory.objects.recallable().exists()


def race(store, rounds):
    """Reject a text while others store it and mem0 rewrites it; what is then seen."""
    seen = born_rejected = 0
    gate = threading.Barrier(4)

    def reject(memory):
        gate.wait()
        with transaction.atomic():
            Memory.objects.select_for_update().get(pk=memory.pk).reject()

    def insert(number):
        gate.wait()
        return insert_raw(f"Round {number}?", TEXT[1].upper())

    def add(number):
        gate.wait()
        return indexed(store, question=f"ROUND {number}?", answer=TEXT[1]).pk

    def rewrite(memory):
        payload = {"data": "back again", "user_id": "operators"}
        gate.wait()
        store._memory.vector_store.update(str(memory.pk), payload=payload)

    with ThreadPoolExecutor(4) as pool:
        for number in range(rounds):
            memory = indexed(store, question=f"round {number}?", answer=TEXT[1])
            begun = [
                pool.submit(reject, memory),
                pool.submit(insert, number),
                pool.submit(add, number),
                pool.submit(rewrite, memory),
            ]
            raw = [job.result() for job in begun][1]
            store.add(raw, " ".join(TEXT), memory.created_at)
            late = indexed(store, question=f"Round {number}? ", answer=TEXT[1])
            born_rejected += late.state == Memory.State.REJECTED
            seen += bool(visible_ids())
            Memory.objects.all().delete()
            RejectedText.objects.all().delete()
        for _ in range(4):
            pool.submit(lambda: (gate.wait(), connections.close_all()))
    return seen, born_rejected


@pytest.mark.timeout(180)
def test_no_race_shows_a_rejected_text(store):
    assert race(store, ROUNDS) == (0, ROUNDS)


# The proof that the race above proves something: it fails without either guard.
WITHOUT_TRIGGER = "ALTER TABLE memory_memory DISABLE TRIGGER memory_guard"
WITHOUT_VIEW = (
    "CREATE OR REPLACE VIEW memory_visible AS"
    " SELECT id, vector, payload FROM memory_item"
)


@pytest.mark.parametrize(
    ("unguard", "outcome"),
    [
        pytest.param(WITHOUT_TRIGGER, (0, 0), id="no trigger: not rejected at birth"),
        pytest.param(WITHOUT_VIEW, (10, 10), id="no view: seen"),
    ],
)
def test_the_race_fails_without_a_guard(store, unguard, outcome):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('memory_visible'::regclass)")
        (guarded,) = cursor.fetchone()
        cursor.execute(unguard)
        try:
            assert race(store, 10) == outcome
        finally:
            cursor.execute(f"CREATE OR REPLACE VIEW memory_visible AS {guarded}")
            cursor.execute("ALTER TABLE memory_memory ENABLE TRIGGER memory_guard")
