"""The embedded PostgreSQL by hand."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from resync_site import embedded
from resync_site.exceptions import EmbeddedDatabaseError

VERBS = {"start": embedded.start, "stop": embedded.stop, "status": embedded.status}


class Command(BaseCommand):
    """Starts, stops and describes the embedded database."""

    help = (
        "Start, stop or describe the embedded PostgreSQL."
        " Example: manage.py db start; a started one runs until `manage.py db stop`."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=VERBS)
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: str, **options: Any) -> None:
        if settings.DATABASE_URL:
            msg = "DATABASE_URL is set: there is no embedded database to start or stop."
            raise EmbeddedDatabaseError(msg)
        status = VERBS[options["verb"]](settings.DATA_DIR)
        text = json.dumps(asdict(status)) if options["json"] else _sentence(status)
        self.stdout.write(text)


def _sentence(status: embedded.Status) -> str:
    if not status.running:
        return f"The database in {status.folder} is not running."
    until = "until `manage.py db stop`" if status.kept else "while it is used"
    return f"The database in {status.folder} runs {until} (pid {status.pid})."
