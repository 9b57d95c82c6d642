"""Makes django-q2's schedules equal to the declared ones."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit import schedules


class Command(BaseCommand):
    """Add, correct and remove the audit's schedules; those of others stay."""

    help = (
        "Make django-q2's schedules equal to the declared ones; harmless to repeat."
        " Example: manage.py sync_schedules --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        changes = asdict(schedules.sync())
        if options["json"]:
            self.stdout.write(json.dumps(changes))
            return
        for what, names in changes.items():
            if names:
                self.stdout.write(f"{what}: {', '.join(names)}")
        if not any(changes.values()):
            self.stdout.write("All schedules were as declared.")
