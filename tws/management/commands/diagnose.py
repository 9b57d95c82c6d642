"""``manage.py diagnose NAME``: why a job or job stream does not run, or failed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tws.exceptions import TwsError
from tws.found import Ambiguous, Found, NotFound
from tws.reader import PlanReader, reader_from_settings


class Command(BaseCommand):
    """Computed from the plan, without a language model."""

    help = (
        "Tell why a job or job stream does not run, or failed."
        " Example: manage.py diagnose 'AGT_PAY#PAYROLL.PAY_CALC' --json"
    )
    requires_system_checks = ["settings"]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name",
            metavar="NAME",
            help="a job, a job stream, or WORKSTATION#STREAM.JOB",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document"
        )

    def handle(self, *_: Any, name: str, **options: Any) -> None:
        as_json = options["json"]
        try:
            found = async_to_sync(self._diagnose)(name)
        except TwsError as error:
            if as_json:
                kind = type(error).__name__
                self._print({"error": kind, "detail": str(error), "code": error.code})
            raise CommandError(str(error)) from None
        if isinstance(found, Found):
            self._answer(found, as_json=as_json)
        else:
            self._decline(found, as_json=as_json)

    async def _diagnose(self, name: str) -> Found | Ambiguous | NotFound:
        async with self._reader() as reader:
            return await reader.diagnose(name)

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[PlanReader]:
        if settings.TWS_URLS:
            reader = reader_from_settings()
            try:
                yield reader
            finally:
                await reader.aclose()
            return
        from tws.simulator import serve

        self.stderr.write("TWS_URL is not set: this is the simulator's plan 'night'.")
        with serve("night") as simulator:
            reader = reader_from_settings(url=simulator.url)
            try:
                yield reader
            finally:
                await reader.aclose()

    def _answer(self, found: Found, *, as_json: bool) -> None:
        if as_json:
            data = {key: found.data[key] for key in JSON_KEYS}
            self._print(data | {"read_at": found.read_at.isoformat()})
        else:
            self.stdout.write(found.data["report"])

    def _decline(self, found: Ambiguous | NotFound, *, as_json: bool) -> None:
        if as_json:
            self._print(found.record())
        elif isinstance(found, Ambiguous):
            for match in found.matches:
                when = match["scheduled"] or "no time"
                line = f"{match['object']}  {match['status']}  {when}  {match['id']}"
                self.stdout.write(line)
        raise CommandError(str(found))

    def _print(self, data: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))


JSON_KEYS = ("target", "status", "roots", "chain", "impact", "notes")
