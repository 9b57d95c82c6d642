"""What `make run` runs."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from resync_site.addresses import HIGHEST_PORT
from resync_site.console import Console
from resync_site.up import Ready, Site, Wishes


def port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= HIGHEST_PORT:
        raise ValueError
    return number


class Command(BaseCommand):
    """Runs database, web, worker and, without a TWS, the simulator."""

    help = (
        "Run everything in the foreground: database, web, worker, and the TWS simulator"
        " when TWS_URL is unset. Example: manage.py up --port 8001"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address (127.0.0.1)")
        parser.add_argument("--port", type=port, default=8000, help="port (8000)")
        parser.add_argument("--no-demo", action="store_true", help="make no demo users")
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON document when it is ready; all else goes to stderr",
        )
        parser.add_argument(
            "--parent", type=int, metavar="PID", help="end when this parent ends"
        )

    def handle(self, *_args: str, **options: Any) -> None:
        wishes = Wishes(
            host=options["host"],
            port=options["port"],
            demo=not options["no_demo"],
            parent=options["parent"],
        )
        if options["json"]:
            Site(wishes, Console(sys.stderr), self._announce).run()
        else:
            Site(wishes, Console(sys.stdout)).run()

    def _announce(self, ready: Ready) -> None:
        self.stdout.write(json.dumps(asdict(ready)))
        self.stdout.flush()
