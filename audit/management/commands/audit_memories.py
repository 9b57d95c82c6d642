"""One batch audit from the terminal."""

import json
import sys
import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.timezone import is_naive, make_aware
from tqdm import tqdm

from audit import auditor, leases, queue, record
from audit.auditor import Bounds, Tally

LARGEST_LIMIT = 1_000_000
MOST_WORKERS = 64


def limit(value: str) -> int:
    return _whole(value, LARGEST_LIMIT)


def workers(value: str) -> int:
    return _whole(value, MOST_WORKERS)


def moment(value: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
        parsed = make_aware(parsed) if is_naive(parsed) else parsed
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"{value!r} is not an ISO date or time, such as 2026-11-01T22:00"
        raise ArgumentTypeError(msg) from error


def _whole(value: str, high: int) -> int:
    if (
        not value.isdecimal()
        or len(value) > len(str(high))
        or not 1 <= int(value) <= high
    ):
        msg = f"{value!r} is not a whole number from 1 to {high}"
        raise ArgumentTypeError(msg)
    return int(value)


class Command(BaseCommand):
    """Judge what waits in the audit queue, now."""

    help = (
        "Judge the memories that wait, thumbs down first, then the oldest. Any number of"
        " these may run at once, also beside the worker."
        " Example: manage.py audit_memories --limit 500 --workers 4 --since 2026-11-01"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit", type=limit, default=100, help="At most so many (default 100)."
        )
        parser.add_argument(
            "--since", type=moment, metavar="ISO", help="Only memories from then on."
        )
        parser.add_argument(
            "--workers", type=workers, default=4, help="How many at once (default 4)."
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Ask the judge, tell what would happen, and change nothing.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            tally = self._audit(options)
        except Error as error:
            msg = f"The audit stopped, the database does not answer: {error}"
            raise CommandError(msg) from error
        self._report(tally, time.monotonic() - began, as_json=options["json"])
        if tally.model_is_down:
            raise CommandError(
                "The judge cannot be asked: check AUDITOR_BASE_URL and AUDITOR_MODEL."
                " What was not judged waits in the queue."
            )

    def _audit(self, options: dict[str, Any]) -> Tally:
        run = auditor.preview if options["dry_run"] else auditor.sweep
        if not options["dry_run"]:
            queue.adopt_missing()
            record.bury_poison()
        due = leases.count_due(since=options["since"])
        with tqdm(
            total=min(due, options["limit"]),
            unit="memory",
            disable=not sys.stderr.isatty(),
        ) as progress:
            bounds = Bounds(
                limit=options["limit"],
                workers=options["workers"],
                since=options["since"],
                on_done=progress.update,
            )
            return async_to_sync(run)(bounds)

    def _report(self, tally: Tally, seconds: float, *, as_json: bool) -> None:
        report = {
            "examined": tally.examined,
            "passed": tally.passed,
            "flagged": tally.flagged,
            "quarantined": tally.quarantined,
            "unreadable": tally.unreadable,
            "skipped": tally.skipped,
            "errors": tally.errors,
            "seconds": round(seconds, 3),
        }
        if as_json:
            self.stdout.write(json.dumps(report))
        else:
            facts = ", ".join(f"{count} {name}" for name, count in report.items())
            self.stdout.write(facts)
