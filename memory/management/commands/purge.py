"""Retention: the only thing that removes memories for good."""

import json
import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from memory.retention import count_older_than, purge_older_than

DEFAULT_DAYS = 365
LONGEST_DAYS = 36_500


def days(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= LONGEST_DAYS:
        msg = f"{value!r} is not a whole number of days from 1 to {LONGEST_DAYS}"
        raise ArgumentTypeError(msg)
    return int(value)


class Command(BaseCommand):
    """Remove old memories with their index entries and audit entries, for good."""

    help = (
        "Remove memories older than so many days, and what hangs on them, for good."
        " Example: manage.py purge --older-than 90 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=days,
            default=DEFAULT_DAYS,
            metavar="DAYS",
            help=f"Remove what is older than this many days (default {DEFAULT_DAYS}).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Count, and remove nothing."
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        time = timezone.now() - timedelta(days=options["older_than"])
        count = count_older_than(time)
        if not options["dry_run"]:
            with tqdm(total=count, disable=not sys.stderr.isatty()) as progress:
                count = purge_older_than(time, progress.update)
        if options["json"]:
            found = {
                "memories": count,
                "older_than_days": options["older_than"],
                "dry_run": options["dry_run"],
            }
            self.stdout.write(json.dumps(found))
        else:
            would = "would be removed" if options["dry_run"] else "removed for good"
            self.stdout.write(
                f"{count} memories older than {options['older_than']} days {would}."
            )
