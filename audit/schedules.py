"""When the worker does what: declared here, made so in django-q2's table."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule

OURS = "audit.tasks."  # a schedule of a task of ours is ours to change and to remove
NIGHT = time(2, 0)
UNSAVED = "{'q_options': {'save': False}}"  # django-q2 keeps no results of these
LOCK = 0x7265_7379  # of the database, so that two workers that start do not both add


@dataclass(frozen=True, slots=True)
class Declared:
    """One schedule as it ought to be: every so many minutes, or each night."""

    name: str
    func: str
    minutes: int | None = None

    @property
    def timing(self) -> dict[str, object]:
        return {
            "schedule_type": Schedule.MINUTES if self.minutes else Schedule.DAILY,
            "minutes": self.minutes,
            "repeats": -1,
            "args": None,
            "kwargs": UNSAVED,
            "cron": None,
            "cluster": None,
            "hook": None,
        }

    def first_run(self) -> datetime:
        now = timezone.localtime()
        if self.minutes:
            return now
        tonight = now.replace(
            hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0
        )
        return tonight if tonight > now else tonight + timedelta(days=1)

    def fits(self, next_run: datetime) -> bool:
        """Will it run in its rhythm? A run that is overdue will be made up for."""
        if self.minutes:
            return next_run <= timezone.now() + timedelta(minutes=self.minutes)
        local = timezone.localtime(next_run)
        return local.time() == NIGHT and next_run <= self.first_run()


DECLARED = (
    Declared("Audit: tick", "audit.tasks.tick", minutes=1),
    Declared("Audit: nightly sweep", "audit.tasks.nightly"),
    Declared("Memory: index", "audit.tasks.index_pending", minutes=5),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What had to be done to make the schedules equal to the declared ones."""

    added: list[str]
    changed: list[str]
    removed: list[str]


@transaction.atomic
def sync() -> Changes:
    """Make our schedules as declared; others' are left alone. Harmless to repeat."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    added, changed = [], []
    kept: list[int] = []
    for declared in DECLARED:
        row = Schedule.objects.filter(name=declared.name, func=declared.func).first()
        if row is None:
            row = _add(declared)
            added.append(declared.name)
        elif _correct(row, declared):
            changed.append(declared.name)
        kept.append(row.pk)
    surplus = Schedule.objects.filter(func__startswith=OURS).exclude(pk__in=kept)
    removed = list(surplus.values_list("name", flat=True))
    surplus.delete()
    return Changes(added, changed, removed)


def _add(declared: Declared) -> Schedule:
    return Schedule.objects.create(
        name=declared.name,
        func=declared.func,
        next_run=declared.first_run(),
        **declared.timing,
    )


def _correct(row: Schedule, declared: Declared) -> bool:
    """Undo what was changed by hand; a next run that fits is kept."""
    wrong = {
        name: value
        for name, value in declared.timing.items()
        if getattr(row, name) != value
    }
    if not declared.fits(row.next_run):
        wrong["next_run"] = declared.first_run()
    if wrong:
        Schedule.objects.filter(pk=row.pk).update(**wrong)
    return bool(wrong)
