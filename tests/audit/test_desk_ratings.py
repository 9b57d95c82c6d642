"""The review desk shows what users say of the answers, as text and nothing else."""

import pytest
from django.utils.html import escape

from audit import review
from memory import ratings
from tests.audit.conftest import entry_row
from tests.audit.test_desk import LIST, desk, page, shown_ids  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db

XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def entries(pending, operator, reviewer):
    """One of each: doubted, liked, nothing said, doubted after its approval."""
    made = {
        "wrong": pending("flagged"),
        "helped": pending("flagged"),
        "none": pending("flagged"),
        "since": review.approve(pending("flagged").pk, by=reviewer),
    }
    for name, rating in (("wrong", 1), ("helped", 5), ("since", 2)):
        ratings.rate(made[name].memory.turn_id, operator.pk, rating, "")
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?rating=wrong", {"wrong"}),
        ("?rating=helped", {"helped"}),
        ("?rating=none", {"none"}),
        ("?rating=wrong&status=all", {"wrong", "since"}),
        ("?rating=since&status=approved", {"since"}),
        ("?rating=since", set()),
        ("?rating=nonsense", {"wrong", "helped", "none"}),
    ],
)
def test_filters_by_the_users_word(desk, entries, query, expected):
    shown = set(shown_ids(desk.get(LIST + query)))

    assert shown == {entries[name].pk for name in expected}


def test_the_list_says_what_users_doubt_and_where_it_is(desk, entries):
    text = desk.get(LIST).text

    assert "Wrong, say those who asked: 1." in text
    assert "Said to be wrong after the approval: 1." in text
    assert 'href="?rating=wrong"' in text
    assert 'href="?status=approved&amp;rating=since"' in text
    assert text.count("said-wrong") == 1
    assert text.count("said-helped") == 1


def test_the_list_does_not_speak_of_doubts_when_there_are_none(desk, pending):
    pending()

    text = desk.get(LIST).text

    assert "say those who asked" not in text
    assert "after the approval" not in text


def test_the_page_shows_the_users_word_beside_the_verdict(desk, operator):
    entry = entry_row(status="passed", is_incorrect=False, confidence=0.9)
    ratings.rate(entry.memory.turn_id, operator.pk, 1, "It was the fence.")

    text = desk.get(page(entry)).text

    assert "It was wrong (1 of 5)" in text
    assert "It was the fence." in text
    assert "Correct" in text
    assert "The user said it was wrong (1 of 5): “It was the fence.”" in text


def test_the_page_of_an_approved_answer_says_that_the_doubt_is_newer(
    desk, entries, operator, reviewer
):
    newer = "It was approved before that"
    assert newer in desk.get(page(entries["since"])).text

    older = review.approve(entries["wrong"].pk, by=reviewer)
    assert newer not in desk.get(page(older)).text


def test_what_users_write_is_text_on_every_page(desk, admin_user, operator, client):
    entry = entry_row(status="passed")
    ratings.rate(entry.memory.turn_id, operator.pk, 1, XSS)

    pages = [desk.get(LIST).text, desk.get(page(entry)).text]
    client.force_login(admin_user)
    pages.append(client.get(f"/admin/memory/memory/{entry.memory_id}/change/").text)

    for text in pages:
        assert escape(XSS) in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
