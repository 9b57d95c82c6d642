"""What passes the checks where no judge is asked has no verdict, and is shown so."""

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from audit import auditor, calibration, review
from audit.models import AuditEntry, Decision
from memory.models import Memory
from tests.audit.conftest import STATUS_RECORD, entry_row

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "The checks found nothing wrong; no model was asked."


@pytest.fixture
def passed():
    """An answer that the checks let pass, with no judge configured."""
    entry = entry_row(
        memory={"answer": "PAYROLL_01 is in ABEND.", "evidence": [STATUS_RECORD]}
    )
    tally = async_to_sync(auditor.sweep)(auditor.Bounds())
    assert (tally.examined, tally.passed) == (1, 1)
    entry.refresh_from_db()
    return entry


def test_no_verdict_is_made_up_for_it(passed):
    assert (passed.status, passed.severity) == ("passed", "")
    assert (passed.is_incorrect, passed.confidence) == (None, None)
    assert (passed.reason, passed.judge) == (SENTENCE, "checks/2")
    assert passed.judged_at is not None
    assert Memory.objects.get(pk=passed.memory_id).trust == "passed"
    line = Decision.objects.get(entry=passed)
    assert (line.action, line.judge, line.confidence) == ("passed", "checks/2", None)


def test_the_desk_says_what_happened(passed, admin_user):
    browser = Client()
    browser.force_login(admin_user)

    page = browser.get(reverse("admin:audit_auditentry_change", args=[passed.pk]))
    queue = browser.get(
        reverse("admin:audit_auditentry_changelist"), {"status": "passed"}
    )

    for shown in (page, queue):
        assert SENTENCE in shown.content.decode()
    text = page.content.decode()
    assert "Nothing speaks against it" in text
    assert "Checked by checks/2" in text
    assert "confidence" not in text
    assert "Correct," not in text


def test_it_does_not_count_as_a_judgement_when_a_person_decides(passed, reviewer):
    review.reopen(passed.pk, by=reviewer, reason="look again")
    review.reject(passed.pk, by=reviewer)

    assert AuditEntry.objects.get(pk=passed.pk).status == "rejected"
    assert calibration.decided_verdicts() == []
