"""Removes old memories for good, with all that hangs on them."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from memory.models import Memory

BATCH = 500


def count_older_than(time: datetime) -> int:
    return Memory.objects.filter(created_at__lt=time).count()


def purge_older_than(
    time: datetime, done: Callable[[int], object] = lambda count: None
) -> int:
    """Delete the memories from before this time; how many they were.

    Their entries in the index go with them by the database's own cascade, their audit
    entries by Django's. What was rejected stays rejected: its hash is kept.
    """
    removed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # To nobody else does the database let go of the history of decisions.
            cursor.execute("SET LOCAL resync.purge = 'on'")
            batch = list(
                Memory.objects.filter(created_at__lt=time)
                .order_by("created_at")
                .values_list("pk", flat=True)[:BATCH]
            )
            Memory.objects.filter(pk__in=batch).delete()
        removed += len(batch)
        done(len(batch))
        if len(batch) < BATCH:
            return removed
