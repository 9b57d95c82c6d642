"""Load agent profiles from JSON."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from agents import profiles
from agents.exceptions import ProfileError

EXAMPLE = """\
Load agent profiles from a JSON file {"agents": [...]}, all of them or none. An agent
that exists is replaced, one that the file does not name stays as it is.
Example: manage.py load_agents agents/fixtures/agents.json"""


class Command(BaseCommand):
    """All agents of a file or none, each problem with its agent and field."""

    help = EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *args: object, **options: object) -> None:
        path = Path(str(options["file"]))
        try:
            loaded = profiles.read_file(path)
            profiles.save(loaded)
        except (ProfileError, DatabaseError) as error:
            reason = str(error)
            if isinstance(error, DatabaseError):  # PostgreSQL says it in several lines
                reason = " ".join(reason.split())
            problem = f"Nothing was loaded. {reason}"
            if options["json"]:
                failure = {"error": "failed", "detail": problem}
                self.stdout.write(json.dumps(failure, ensure_ascii=False))
            raise CommandError(problem) from error
        ids = [str(profile.pk) for profile in loaded]
        if options["json"]:
            self.stdout.write(json.dumps({"loaded": ids}))
        else:
            names = ", ".join(ids) or "none, the file is empty"
            self.stdout.write(f"Agents loaded: {names}.")
