"""Shows that the worker lives: one row per part, in the database's own time."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now

from audit.models import Heartbeat

TICK_PERIOD = timedelta(minutes=1)
LATE_TICKS_FORGIVEN = 2  # a long judgement holds the queue up


def beat(part: Heartbeat.Part) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"at": Now()})


def silent_for() -> float | None:
    """Seconds since the worker was last known to work; None if it never ran.

    The cluster's own beat is not enough: it goes on when no task comes through. A tick
    that is long overdue makes the worker look as silent as it is.
    """
    beats: dict[str, datetime] = dict(Heartbeat.objects.values_list("part", "at"))
    cluster, tick = beats.get(Heartbeat.Part.CLUSTER), beats.get(Heartbeat.Part.TICK)
    if cluster is None:
        return None
    now = _database_time()
    silence = now - cluster
    if tick is not None:
        silence = max(silence, now - tick - TICK_PERIOD * LATE_TICKS_FORGIVEN)
    return max(silence.total_seconds(), 0.0)


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
