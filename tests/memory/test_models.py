"""States, and that the ORM and mem0's view agree on what may be recalled."""

import random
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from memory.exceptions import TextRejected
from memory.mem0_store import Mem0Store
from memory.models import Memory, RejectedText
from tests.memory.conftest import remembered_row, visible_ids

pytestmark = pytest.mark.django_db


def state_of(memory):
    memory.refresh_from_db()
    return memory.state, memory.trust, memory.doubted


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("mark_passed", ("active", "passed", False)),
        ("flag", ("active", "unjudged", True)),
        ("quarantine", ("quarantined", "unjudged", True)),
        ("approve", ("active", "approved", False)),
        ("reject", ("rejected", "unjudged", False)),
        ("restore", ("active", "unjudged", False)),
    ],
)
def test_each_verb_leaves_its_state(verb, expected):
    memory = remembered_row()

    getattr(memory, verb)()

    assert state_of(memory) == expected


@pytest.mark.parametrize("verb", ["mark_passed", "flag"])
def test_a_verdict_that_comes_late_does_not_undo_a_rejection(verb):
    stale = remembered_row()
    Memory.objects.get(pk=stale.pk).reject()

    getattr(stale, verb)()

    assert state_of(stale)[0] == "rejected"


def test_a_doubt_that_comes_late_does_not_undo_a_rejection():
    stale = remembered_row()
    Memory.objects.get(pk=stale.pk).reject()

    with pytest.raises(TextRejected, match="A person rejected this memory"):
        stale.quarantine()

    assert state_of(stale) == ("rejected", "unjudged", False)


def test_a_rejection_can_be_taken_back_by_its_own_memory():
    memory = remembered_row()
    memory.reject()
    memory.restore()
    memory.reject()
    memory.approve("The calendar was wrong.")

    assert state_of(memory) == ("active", "approved", False)
    assert memory.correction == "The calendar was wrong."
    assert memory.revision == 4


def test_a_correction_goes_with_the_decision_that_made_it():
    memory = remembered_row()
    memory.approve("The calendar was wrong.")
    memory.restore()

    memory.refresh_from_db()
    assert memory.correction == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "deleted"},
        {"trust": "blind"},
        {"twin_of": uuid.uuid4()},
    ],
)
def test_the_database_refuses_unknown_states(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        remembered_row(**wrong)


def test_a_turn_has_one_memory():
    first = remembered_row()

    with pytest.raises(IntegrityError), transaction.atomic():
        remembered_row(turn_id=first.turn_id)


@pytest.mark.parametrize("seed", range(3))
def test_what_the_orm_calls_recallable_is_what_mem0_sees(transactional_db, seed):
    class Constant:
        name, dimensions = "constant", 384

        def embed(self, text):
            return [1.0] * 384

    chance, store = random.Random(seed), Mem0Store(Constant())
    verbs = ["flag", "quarantine", "approve", "reject", "restore", "delete"]
    rows: list[Memory] = []

    for _ in range(60):
        text = f"text {chance.randrange(8)}"
        rows.append(remembered_row(question=text, answer=text))
        store.add(rows[-1].pk, text, timezone.now())
        row = chance.choice(rows)
        try:
            with transaction.atomic():
                getattr(row, chance.choice(verbs))()
        except TextRejected:
            row.refresh_from_db()
        rows = list(Memory.objects.all())

        recallable = set(Memory.objects.recallable().values_list("pk", flat=True))
        assert visible_ids() == recallable
        assert {hit.memory_id for hit in store.search("text", 100)} == recallable
        rejected = set(
            Memory.objects.rejections().values_list("content_hash", flat=True)
        )
        rejected |= set(RejectedText.objects.values_list("content_hash", flat=True))
        assert (
            not Memory.objects.recallable().filter(content_hash__in=rejected).exists()
        )
    store.close()
