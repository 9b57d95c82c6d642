"""The queue's numbers and lists, and the judge measured against people."""

import pytest

from audit import calibration, queries, review
from audit.calibration import Judged, measure
from tests.audit.conftest import entry_row


@pytest.fixture
def queue(pending, reviewer):
    """One entry of each kind."""
    return {
        "approved": review.approve(pending("flagged").pk, by=reviewer),
        "rejected": review.reject(pending().pk, by=reviewer),
        "pending": pending(),
        "passed": entry_row(status="passed", is_incorrect=False, confidence=0.9),
        "waiting": entry_row(),
        "judging": entry_row(
            status="judging",
            lease_token="00000000-0000-0000-0000-000000000001",
            lease_until="2099-01-01T00:00Z",
        ),
    }


@pytest.mark.django_db
def test_the_five_counts_together_are_all_memories(queue):
    found = queries.metrics()

    assert found.pop("oldest_pending_seconds") >= 0
    assert found == {
        "pending": 1,
        "approved": 1,
        "rejected": 1,
        "passed": 1,
        "waiting": 2,
        "precision": 0.5,
    }


@pytest.mark.django_db
def test_an_empty_queue_has_numbers_too():
    assert queries.metrics() == {
        "pending": 0,
        "approved": 0,
        "rejected": 0,
        "passed": 0,
        "waiting": 0,
        "oldest_pending_seconds": None,
        "precision": None,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", ["pending"]),
        ("approved", ["approved"]),
        ("rejected", ["rejected"]),
        ("all", ["approved", "rejected", "pending"]),
    ],
)
def test_flags_are_listed_oldest_first(queue, status, expected):
    found = queries.flags(status)

    assert found["count"] == len(expected)
    assert [row["memory_id"] for row in found["results"]] == [
        queue[name].memory_id for name in expected
    ]


@pytest.mark.django_db
def test_a_flag_has_the_fields_that_people_know(queue):
    [row] = queries.flags("rejected")["results"]

    entry = queue["rejected"]
    assert row == {
        "memory_id": entry.memory_id,
        "user_query": entry.memory.question,
        "agent_response": entry.memory.answer,
        "ia_audit_reason": "The evidence says otherwise.",
        "ia_audit_confidence": 0.9,
        "status": "rejected",
        "created_at": entry.created_at,
        "reviewed_at": entry.decided_at,
        "reviewed_by": "reviewer",
    }


@pytest.mark.django_db
def test_flags_are_searched_and_paged(pending, django_assert_num_queries):
    for number in range(5):
        pending(memory={"question": f"Why is JOB_{number} late?"})
    pending(memory={"question": "Where is the fence?"})

    with django_assert_num_queries(2):
        found = queries.flags("pending", query="late", limit=2, offset=3)

    assert found["count"] == 5
    assert [row["user_query"] for row in found["results"]] == [
        "Why is JOB_3 late?",
        "Why is JOB_4 late?",
    ]
    assert queries.flags("pending", query="JOB_3 late")["count"] == 1
    assert queries.flags("pending", query="\x00 %")["count"] == 0


@pytest.mark.django_db
def test_precision_counts_a_correction_as_borne_out_and_no_verdict_not_at_all(
    pending, reviewer
):
    review.approve(pending().pk, by=reviewer)
    review.correct(pending().pk, by=reviewer, correction="right")
    review.reject(pending().pk, by=reviewer)
    unreadable = pending("flagged", is_incorrect=None, confidence=None)
    review.reject(unreadable.pk, by=reviewer)

    assert calibration.precision() == pytest.approx(2 / 3)
    judged = calibration.decided_verdicts()
    assert sorted(one.was_wrong for one in judged) == [False, True, True]
    assert measure(judged).precision == calibration.precision()


def test_calibration_of_a_known_record():
    record = [
        Judged(True, 0.9, was_wrong=True),
        Judged(True, 0.9, was_wrong=True),
        Judged(True, 0.9, was_wrong=False),
        Judged(False, 0.8, was_wrong=False),
    ]

    found = measure(record)

    assert found.decided == 4
    assert found.precision == pytest.approx(2 / 3)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.81 + 0.04) / 4)
    [low, high] = found.bins
    assert (low.low, low.count, low.observed) == (0.1, 1, 0.0)
    assert low.stated == pytest.approx(0.2)
    assert (high.low, high.high, high.count) == (0.9, 1.0, 3)
    assert (high.stated, high.observed) == (pytest.approx(0.9), pytest.approx(2 / 3))


def test_calibration_of_nothing_and_of_the_edges():
    assert measure([]) == calibration.Calibration(0, None, None, [])
    edges = measure(
        [Judged(True, 1.0, was_wrong=True), Judged(False, 1.0, was_wrong=False)]
    )
    assert edges.brier == 0
    assert [(one.low, one.count) for one in edges.bins] == [(0.0, 1), (0.9, 1)]
