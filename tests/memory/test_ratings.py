"""A user's word on a memory: kept with it, told to listeners, all or nothing."""

import uuid
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction

from memory import ratings
from memory.exceptions import UnknownMemory
from memory.gateway import Rating
from memory.models import Memory
from memory.signals import memory_rated, memory_rating_begins
from tests.memory.conftest import remembered_row, turn

pytestmark = pytest.mark.django_db


@contextmanager
def heard(signal, listener):
    signal.connect(listener)
    try:
        yield
    finally:
        signal.disconnect(listener)


@pytest.fixture
def user_id(operator) -> int:
    return operator.pk


def test_a_rating_is_kept_and_a_later_one_replaces_it(user_id):
    memory = remembered_row()

    first = ratings.rate(memory.turn_id, user_id, 1, " It was\nthe fence. ")
    second = ratings.rate(memory.turn_id, user_id, 5, "")

    assert (first.rating, first.comment) == (1, "It was the fence.")
    assert second == Rating(memory.turn_id, 5, "", second.rated_at)
    assert second.rated_at > first.rated_at
    memory.refresh_from_db()
    assert (memory.rating, memory.rating_comment, memory.is_discontent) == (
        5,
        "",
        False,
    )


def test_a_rating_that_is_taken_back_takes_its_words_along(user_id):
    memory = remembered_row()
    ratings.rate(memory.turn_id, user_id, 2, "No.")

    gone = ratings.rate(memory.turn_id, user_id, None, "not kept")

    assert (gone.rating, gone.comment) == (None, "")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a\x00b\ud800c", "abc"),
        ("x" * 600, "x" * 499 + "…"),
        ("x " * 300, ("x " * 300)[:499] + "…"),
        (" \n ", ""),
    ],
    ids=["refused by PostgreSQL", "too long", "too many words", "blank"],
)
def test_words_are_one_clean_line_within_bounds(user_id, said, kept):
    memory = remembered_row()

    assert ratings.rate(memory.turn_id, user_id, 1, said).comment == kept


def test_a_turn_without_a_memory_has_nothing_to_rate(user_id):
    with pytest.raises(UnknownMemory, match="no memory of this turn"):
        ratings.rate(uuid.uuid4(), user_id, 1, "")


def test_a_memory_that_is_purged_at_this_moment_has_nothing_to_rate(user_id):
    memory = remembered_row()

    def purge(memory_id, **kwargs):
        Memory.objects.filter(pk=memory_id).delete()

    with (
        heard(memory_rating_begins, purge),
        pytest.raises(UnknownMemory, match="any more"),
    ):
        ratings.rate(memory.turn_id, user_id, 1, "")


def test_a_listener_hears_what_changed_and_only_that(user_id):
    memory = remembered_row()
    told = []

    def listen(memory, user_id, **kwargs):
        told.append((memory.pk, user_id, memory.rating))

    with heard(memory_rated, listen):
        for rating in (1, 1, 5, None, None):
            ratings.rate(memory.turn_id, user_id, rating, "")

    assert told == [(memory.pk, user_id, rating) for rating in (1, 5, None)]


def test_a_listener_that_fails_keeps_the_rating_from_being_stored(user_id):
    memory = remembered_row()

    def fail(**kwargs):
        raise RuntimeError("the listener broke")

    with heard(memory_rated, fail), pytest.raises(RuntimeError, match="broke"):
        ratings.rate(memory.turn_id, user_id, 1, "")

    memory.refresh_from_db()
    assert (memory.rating, memory.state) == (None, "active")


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_the_database_refuses_what_is_not_on_the_scale(rating):
    memory = remembered_row()

    with (
        pytest.raises(IntegrityError, match="on_its_scale"),
        transaction.atomic(),
    ):
        Memory.objects.filter(pk=memory.pk).update(rating=rating)


async def test_the_gateway_rates_what_it_remembers(graph, operator):
    one = turn()
    await graph.remember(one)
    await graph.remember(turn())

    rated = await graph.rate(one.turn_id, operator.pk, 1, "No.")

    assert await graph.ratings(one.conversation_id) == [rated]
    hidden = await graph.get_all_recent_conversations()
    assert one.question not in {memory.question for memory in hidden}
