"""Memories in the admin: evidence to read and to find, nothing to change."""

import pytest
from django.urls import reverse

from memory.models import Memory
from tests.memory.conftest import remembered_row

LIST = "admin:memory_memory_changelist"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def desk(client, admin_user):
    client.force_login(admin_user)
    return client


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query, secure=True)


@pytest.mark.django_db
def test_a_memory_is_found_by_words_of_its_question_or_answer(desk):
    wanted = remembered_row(question="Why does ALPHA wait?", answer="For BETA.")
    remembered_row()

    for word in ("ALPHA", "beta"):
        found = page(desk, LIST, q=word).context["cl"].result_list
        assert [memory.pk for memory in found] == [wanted.pk]


@pytest.mark.django_db
def test_evidence_is_shown_and_never_markup(desk):
    memory = remembered_row(
        question=HOSTILE, evidence=[{"tool": "job", "data": {"log": HOSTILE}}]
    )

    text = page(desk, "admin:memory_memory_change", memory.pk).content.decode()

    assert HOSTILE not in text
    assert text.count("&lt;script&gt;") >= 2
    assert "NIGHT" in text


@pytest.mark.django_db
def test_nothing_can_be_added_changed_or_deleted(desk):
    memory = remembered_row()
    before = Memory.objects.values().get()

    statuses = [
        page(desk, "admin:memory_memory_add").status_code,
        page(desk, "admin:memory_memory_delete", memory.pk).status_code,
        desk.post(
            reverse("admin:memory_memory_change", args=[memory.pk]),
            {"state": "rejected"},
            secure=True,
        ).status_code,
        desk.post(
            reverse(LIST),
            {"action": "delete_selected", "_selected_action": [str(memory.pk)]},
            secure=True,
        ).status_code,
    ]

    assert statuses[:3] == [403, 403, 403]
    assert Memory.objects.values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize(("index", "count"), [("yes", 1), ("no", 2), ("never", 1)])
def test_the_index_filter(desk, index, count):
    remembered_row(indexed_at="2026-01-01T00:00:00Z")
    remembered_row()
    remembered_row(index_attempts=8)

    assert len(page(desk, LIST, index=index).context["cl"].result_list) == count


@pytest.mark.django_db
def test_the_list_asks_as_much_for_many_as_for_few(desk, django_assert_max_num_queries):
    for _ in range(30):
        remembered_row()

    with django_assert_max_num_queries(8):
        page(desk, LIST)
