"""Runs the audit worker in the foreground."""

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import schedules
from audit.checks import pooled_databases
from audit.cluster import HealingCluster


class Command(BaseCommand):
    """The audit worker: a django-q2 cluster that heals itself."""

    help = (
        "Run the audit worker: it judges new memories, sweeps what is left each minute"
        " and at 02:00, and heals itself when one of its processes is killed."
        " Example: manage.py worker; Ctrl-C or SIGTERM ends it within 10 s"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            help="Print one JSON object as soon as it works.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if pooled := pooled_databases(settings.DATABASES):
            msg = (
                f"The worker forks and must not pool connections ({', '.join(pooled)}):"
                " unset RESYNC_PROCESS, which only the web process sets to web."
            )
            raise CommandError(msg)
        schedules.sync()
        HealingCluster(self._announce if options["json"] else None).run()

    def _announce(self) -> None:
        """Tell the script that started it that it works."""
        facts = {
            "pid": os.getpid(),
            "workers": settings.Q_CLUSTER["workers"],
            "schedules": [declared.name for declared in schedules.DECLARED],
        }
        self.stdout.write(json.dumps(facts))
        self.stdout.flush()
