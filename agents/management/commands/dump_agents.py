"""Dump agent profiles as JSON."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from agents import profiles

EXAMPLE = """\
Print all agent profiles as JSON, in the form that load_agents reads.
Example: manage.py dump_agents > agents.json"""


class Command(BaseCommand):
    """What load_agents would load to have the same agents again."""

    help = EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="Accepted; the output is JSON anyway."
        )

    def handle(self, *args: object, **options: object) -> None:
        try:
            document = profiles.dump()
        except DatabaseError as error:
            raise CommandError(f"The agents cannot be read: {error}") from error
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
