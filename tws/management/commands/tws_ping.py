"""Can this machine read the plan?"""

import json
from dataclasses import asdict
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tws.client import Ping, client_from_settings
from tws.exceptions import TwsError


class Command(BaseCommand):
    """Reads a little of the plan and says how that went."""

    help = (
        "Say whether this machine can read the plan: version, latency, TLS; or what"
        " went wrong and what to do. Example: manage.py tws_ping --json"
    )
    requires_system_checks = ["settings"]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: str, **options: Any) -> None:
        try:
            ping = async_to_sync(_ping)()
        except TwsError as error:
            if options["json"]:
                self.stdout.write(json.dumps(_failure(error)))
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"ok": True, **asdict(ping)}))
        else:
            self.stdout.write(_sentence(ping))


async def _ping() -> Ping:
    async with client_from_settings() as client:
        return await client.ping()


def _failure(error: TwsError) -> dict[str, Any]:
    return {
        "ok": False,
        "urls": [url.rpartition("@")[2] for url in settings.TWS_URLS],
        "kind": type(error).__name__,
        "error": error.message,
        "action": error.action,
        "code": error.code,
        "retryable": error.retryable,
    }


def _sentence(ping: Ping) -> str:
    jobs = "" if ping.jobs is None else f" It shows {ping.jobs} jobs."
    tls = "without TLS" if ping.tls == "none" else f"over {ping.tls}"
    return (
        f"TWS {ping.version or '(no version told)'} at {ping.url} answers in"
        f" {ping.ms:.0f} ms, {tls}.{jobs}"
    )
