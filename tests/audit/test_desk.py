"""The review desk in the Django admin, over HTTP."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import review
from audit.models import AuditEntry, Decision
from memory.models import Memory
from tests.audit.conftest import STATUS_RECORD, entry_row

pytestmark = pytest.mark.django_db

LIST = "/admin/audit/auditentry/"


@pytest.fixture
def desk(client, reviewer):
    """The browser of a signed-in reviewer."""
    client.force_login(reviewer)
    return client


def page(entry: AuditEntry) -> str:
    return f"{LIST}{entry.pk}/change/"


def decide(client, entry: AuditEntry, verb: str, **fields: str):
    url = f"{LIST}{entry.pk}/decide/"
    return client.post(url, {"verb": verb, **fields}, follow=True)


def shown_ids(response) -> list[int]:
    return [entry.pk for entry in response.context["cl"].result_list]


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_list_shows_what_is_pending_oldest_first(desk, pending):
    newer = pending(created_at="2026-11-20T00:00Z")
    older = pending("flagged", created_at="2026-11-01T00:00Z")
    entry_row()

    response = desk.get(LIST)

    assert shown_ids(response) == [older.pk, newer.pk]
    assert "The oldest has waited" in response.text
    for counted in ("pending review (2)", "waiting for the auditor (1)", "all (3)"):
        assert counted in response.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=all", {"flagged", "quarantined", "approved", "rejected", "waiting"}),
        ("?status=approved", {"approved"}),
        ("?status=rejected", {"rejected"}),
        ("?status=waiting", {"waiting"}),
        ("?severity=flagged", {"flagged"}),
        ("?status=pending&severity=quarantined", {"quarantined"}),
        ("?status=passed", set()),
        ("?status=nonsense", set()),
    ],
)
def test_filters_by_status_and_severity(desk, pending, reviewer, query, expected):
    entries = {
        "flagged": pending("flagged"),
        "quarantined": pending("quarantined"),
        "approved": review.approve(pending("flagged").pk, by=reviewer),
        "rejected": review.reject(pending("quarantined").pk, by=reviewer),
        "waiting": entry_row(),
    }

    response = desk.get(LIST + query)

    assert set(shown_ids(response)) == {entries[name].pk for name in expected}


def test_search_in_question_and_answer(desk, pending):
    asked = pending(memory={"question": "Why is PAYROLL_01 late?"})
    answered = pending(memory={"answer": "Because payroll_01 waits for a file."})
    pending(memory={"question": "What is the fence?"})

    response = desk.get(LIST, {"q": "PAYROLL_01"})

    assert set(shown_ids(response)) == {asked.pk, answered.pk}
    assert shown_ids(desk.get(LIST, {"q": "payroll_01 waits"})) == [answered.pk]
    assert shown_ids(desk.get(LIST, {"q": "%_' OR 1=1 --"})) == []


def test_counting_stops_where_it_would_take_long(desk, pending, monkeypatch):
    monkeypatch.setattr("audit.admin.MOST_COUNTED", 2)
    for _ in range(4):
        pending()
    entry_row()

    text = desk.get(LIST).text

    assert "pending review (2+)" in text
    assert "waiting for the auditor (1)" in text
    assert "all (3+)" in text


def queries_for(client, url) -> int:
    client.get(url)  # warms what is cached once
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_list_takes_as_many_queries_for_one_row_as_for_forty(
    desk, pending, reviewer
):
    pending()
    few = queries_for(desk, LIST + "?status=all")
    for number in range(39):
        entry = pending("flagged" if number % 2 else "quarantined")
        if number % 3 == 0:
            review.approve(entry.pk, by=reviewer)

    assert queries_for(desk, LIST + "?status=all") == few
    assert few <= 10


def test_the_page_of_an_entry_takes_a_constant_number_of_queries(
    desk, pending, reviewer
):
    entry = pending()
    few = queries_for(desk, page(entry))
    for _ in range(5):
        review.approve(entry.pk, by=reviewer)
        review.undo(entry.pk, by=reviewer)

    assert queries_for(desk, page(entry)) == few


def test_an_entry_shows_all_that_a_reviewer_needs(desk, pending):
    earlier, later = pending(), pending()
    entry = pending(
        memory={
            "question": "Is PAYROLL_01 done?",
            "answer": "PAYROLL_01 ended well.",
            "evidence": [STATUS_RECORD],
        },
        reason="The record says ABEND.",
    )
    AuditEntry.objects.filter(pk=earlier.pk).update(created_at="2020-01-01T00:00Z")
    AuditEntry.objects.filter(pk=later.pk).update(created_at="2099-01-01T00:00Z")

    text = desk.get(page(entry)).text

    for piece in (
        "Is PAYROLL_01 done?",
        "PAYROLL_01 ended well.",
        "&quot;return_code&quot;: 12",
        "PAYROLL_01 is ABEND, return code 12.",
        "The record says ABEND.",
        "confidence 0.90",
        "test-judge/1",
        page(earlier),
        page(later),
        ">Approve</button>",
        ">Reject</button>",
        'name="comment"',
    ):
        assert piece in text


def test_text_from_outside_is_never_html(desk, pending):
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    entry = pending(
        memory={
            "question": attack,
            "answer": attack,
            "evidence": [{"tool": attack, "summary": attack, "data": {attack: attack}}],
        },
        reason=attack,
        judge=attack,
    )
    decide(desk, entry, "reject", comment=attack)

    for url in (page(entry), LIST + "?status=all"):
        text = desk.get(url).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_nothing_on_the_pages_breaks_the_content_policy(desk, pending):
    entry = pending()

    for url in (page(entry), LIST):
        response = desk.get(url)
        assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", response.text)
        assert not re.search(r"\s(?:style|on\w+)=\"", response.text)
        assert "<style" not in response.text


@pytest.mark.parametrize(
    ("evidence", "shown"),
    [
        ([], "rests on no evidence"),
        ({"not": "a list"}, "&quot;not&quot;: &quot;a list&quot;"),
        (["just text"], "just text"),
        ([{"tool": "x", "data": {"t": "L" * 70_000}}], "more characters are not shown"),
    ],
)
def test_evidence_of_any_shape_is_shown(desk, pending, evidence, shown):
    entry = pending(memory={"evidence": evidence})

    assert shown in desk.get(page(entry)).text


@pytest.mark.parametrize(
    ("verb", "status", "state"),
    [("approve", "approved", "active"), ("reject", "rejected", "rejected")],
)
def test_a_decision_is_kept_with_who_when_and_why(
    desk, pending, reviewer, verb, status, state
):
    following = pending(created_at="2099-01-01T00:00Z")
    entry = pending()

    response = decide(desk, entry, verb, comment="seen in conman")

    entry.refresh_from_db()
    assert (entry.status, entry.decided_by, entry.comment) == (
        status,
        reviewer,
        "seen in conman",
    )
    assert entry.decided_at is not None
    assert Memory.objects.get(pk=entry.memory_id).state == state
    assert response.redirect_chain == [(page(following), 302)]
    assert f"Entry {entry.pk} is {status}." in told(response)[0]


def test_after_the_last_decision_the_list_comes(desk, pending):
    response = decide(desk, pending(), "approve")

    assert response.redirect_chain == [(LIST, 302)]
    assert "Nothing waits for a person." in response.text


def test_the_second_reviewer_is_told_who_decided(desk, pending, admin_user):
    entry = pending()
    review.reject(entry.pk, by=admin_user, comment="wrong")

    response = decide(desk, entry, "approve")

    assert "Already rejected by admin at" in told(response)[0]
    assert response.redirect_chain == [(page(entry), 302)]
    assert "Rejected by admin" in response.text
    entry.refresh_from_db()
    assert entry.status == "rejected"


def test_correct_undo_and_reopen_from_the_page(desk, pending, reviewer, admin_user):
    entry = pending()

    decide(desk, entry, "correct", correction="Ask the DBA.")
    entry.refresh_from_db()
    assert (entry.status, entry.correction) == ("approved", "Ask the DBA.")
    assert "Undo my decision" in desk.get(page(entry)).text

    response = decide(desk, entry, "undo")
    assert response.redirect_chain == [(page(entry), 302)]
    review.approve(entry.pk, by=admin_user)
    assert ">Reopen</button>" in desk.get(page(entry)).text

    decide(desk, entry, "reopen", comment="another look")
    entry.refresh_from_db()
    assert entry.status == "pending"
    assert list(
        Decision.objects.filter(entry=entry).values_list("action", flat=True)
    ) == ["corrected", "undone", "approved", "reopened"]


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        ("", "Choose one of"),
        ("delete", "Choose one of"),
        ("correct", "would have been right"),
        ("undo", "nothing to undo"),
        ("reopen", "why it is reopened"),
    ],
)
def test_a_wrong_decision_says_what_to_do(desk, pending, verb, message):
    entry = pending()

    response = decide(desk, entry, verb)

    assert message in told(response)[0]
    entry.refresh_from_db()
    assert entry.status == "pending"


def bulk(client, action: str, entries, **fields):
    body = {
        "action": action,
        "_selected_action": [entry.pk for entry in entries],
        **fields,
    }
    return client.post(LIST + "?status=all", body, follow=True)


@pytest.mark.parametrize(
    ("action", "status"), [("approve", "approved"), ("reject", "rejected")]
)
def test_many_at_once_with_one_comment(desk, pending, action, status):
    entries = [pending() for _ in range(3)]

    response = bulk(desk, action, entries, comment="all alike")

    assert told(response) == [f"3 {status}."]
    found = AuditEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    assert set(found.values_list("status", "comment")) == {(status, "all alike")}


def test_many_at_once_tells_what_was_decided_already(desk, pending, admin_user):
    mine = [pending() for _ in range(3)]
    theirs = pending()
    decided = review.reject(theirs.pk, by=admin_user)
    when = f"{decided.decided_at:%Y-%m-%d %H:%M} UTC"

    response = bulk(desk, "approve", [*mine, theirs, entry_row()])

    assert told(response) == [
        f"3 approved, 1 already decided by admin at {when}, 1 not approved:"
        " This entry is waiting: only a pending one can be decided."
    ]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("operator", 302),
        ("nobody", 302),
        ("staff", 403),
        ("reviewer", 200),
        ("admin", 200),
    ],
)
def test_who_may_see_the_desk(
    client, operator, reviewer, admin_user, pending, who, expected
):
    staff = User.objects.create_user("staff", is_staff=True)
    people = {u.username: u for u in (operator, reviewer, admin_user, staff)}
    entry = pending()
    if who in people:
        client.force_login(people[who])

    assert client.get(LIST).status_code == expected
    assert client.get(page(entry)).status_code == expected
    posted = client.post(f"{LIST}{entry.pk}/decide/", {"verb": "approve"})
    assert posted.status_code == (302 if expected == 200 else expected)
    entry.refresh_from_db()
    assert (entry.status == "approved") == (expected == 200)


def test_who_may_only_look_cannot_decide(client, pending, reviewer):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(
        *reviewer.groups.get().permissions.filter(codename="view_auditentry")
    )
    client.force_login(viewer)
    entry = pending()

    text = client.get(page(entry)).text

    assert ">Approve</button>" not in text
    assert decide(client, entry, "approve").status_code == 403
    bulk(client, "approve", [entry])
    entry.refresh_from_db()
    assert entry.status == "pending"


def test_nothing_can_be_added_changed_or_deleted(client, admin_user, pending):
    client.force_login(admin_user)
    entry = pending()

    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{entry.pk}/delete/").status_code == 403
    client.post(page(entry), {"status": "approved", "reason": "changed"})
    bulk(client, "delete_selected", [entry], post="yes")
    entry.refresh_from_db()
    assert (entry.status, entry.reason) == ("pending", "The evidence says otherwise.")


@pytest.mark.parametrize("key", ["0", "987654321", "9" * 30, "x", "../../etc"])
def test_an_entry_that_does_not_exist_is_not_found(desk, key):
    assert desk.get(f"{LIST}{key}/change/").status_code == 404
    assert desk.post(f"{LIST}{key}/decide/", {"verb": "approve"}).status_code in (
        302,
        404,
    )


def test_a_decision_needs_a_post_with_its_token(pending, reviewer, client):
    from django.test import Client

    entry = pending()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(reviewer)
    client.force_login(reviewer)
    url = reverse("admin:audit_auditentry_decide", args=[entry.pk])

    assert client.get(url).status_code == 405
    assert careful.post(url, {"verb": "approve"}).status_code == 403
    entry.refresh_from_db()
    assert entry.status == "pending"
