"""The queue as it is shown outside: flags, numbers, and whether the worker lives."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from audit import doubts, heartbeat
from audit.calibration import precision
from audit.models import FLAG_STATUSES, AuditEntry
from memory.models import LEAST_CONTENT

ALL = "all"
Status = AuditEntry.Status

DOUBTED_SINCE_APPROVAL = Q(
    status=Status.APPROVED,
    memory__rating__lt=LEAST_CONTENT,
    memory__rated_at__gt=F("decided_at"),
)

COUNT_SOME = """
SELECT %s, (SELECT count(*) FROM (
    SELECT FROM audit_queue WHERE status = %s LIMIT %s
) AS few)
"""


def flags(
    status: str = "pending", query: str = "", limit: int = 50, offset: int = 0
) -> dict[str, Any]:
    """A page of what the auditor doubted, oldest first; ``all`` is every state of it."""
    wanted = FLAG_STATUSES if status == ALL else (status,)
    entries = search(AuditEntry.objects.filter(status__in=wanted), query)
    page = entries.select_related("memory", "decided_by").order_by("created_at", "id")
    return {
        "count": entries.count(),
        "results": [flag(entry) for entry in page[offset : offset + limit]],
    }


def flag(entry: AuditEntry) -> dict[str, Any]:
    """One entry, in the names that the older system gave to its fields."""
    return {
        "memory_id": entry.memory_id,
        "user_query": entry.memory.question,
        "agent_response": entry.memory.answer,
        "ia_audit_reason": doubts.reason(entry),
        "ia_audit_confidence": entry.confidence,
        "status": entry.status,
        "created_at": entry.created_at,
        "reviewed_at": entry.decided_at,
        "reviewed_by": entry.decided_by.get_username() if entry.decided_by else None,
    }


def search(entries: QuerySet[AuditEntry], query: str) -> QuerySet[AuditEntry]:
    """Those whose question or answer holds each of the words."""
    for word in query.replace("\x00", "").split():
        entries = entries.filter(
            Q(memory__question__icontains=word) | Q(memory__answer__icontains=word)
        )
    return entries


def counts_up_to(most: int) -> dict[str, int]:
    """How many entries there are of each status, at most one more than ``most``.

    It takes no longer however many there are, which a list that is opened all night needs.
    """
    statement = " UNION ALL ".join([COUNT_SOME] * len(Status))
    values = [value for status in Status.values for value in (status, status, most + 1)]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())


def counts() -> dict[str, int]:
    """How many entries there are of each status, exactly; zeros included."""
    rows = (
        AuditEntry.objects.order_by().values_list("status").annotate(number=Count("*"))
    )
    return dict.fromkeys(Status.values, 0) | dict(rows)


def oldest_pending() -> datetime | None:
    """Since when a person is waited for."""
    times = AuditEntry.objects.pending().oldest_first()
    return times.values_list("created_at", flat=True).first()


def said_to_be_wrong() -> dict[str, int]:
    """How much of what waits, and of what was approved before, users say is wrong.

    Read by the index of what was rated at all, which is little.
    """
    doubted = AuditEntry.objects.filter(
        status__in=[Status.PENDING, Status.APPROVED],
        memory__rating__lt=LEAST_CONTENT,
    )
    return doubted.aggregate(
        pending=Count("pk", filter=Q(status=Status.PENDING)),
        approved=Count("pk", filter=DOUBTED_SINCE_APPROVAL),
    )


def metrics() -> dict[str, Any]:
    """The queue in numbers; the five counts together are all memories."""
    number = counts()
    oldest = oldest_pending()
    age = timezone.now() - oldest if oldest else None
    return {
        "pending": number[Status.PENDING],
        "approved": number[Status.APPROVED],
        "rejected": number[Status.REJECTED],
        "passed": number[Status.PASSED],
        "waiting": number[Status.WAITING] + number[Status.JUDGING],
        "oldest_pending_seconds": age.total_seconds() if age else None,
        "precision": precision(),
    }


def worker_heartbeat() -> float | None:
    """Seconds since the worker was last known to work; None if it never ran."""
    return heartbeat.silent_for()
