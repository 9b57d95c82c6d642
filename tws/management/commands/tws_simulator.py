"""A loopback HWA to try everything on: the V2 REST API over a living plan."""

import gc
import json
import os
import signal
import threading
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tws.simulator.scenarios import SCENARIOS
from tws.simulator.server import Login
from tws.simulator.serving import Simulator, UnknownScenario, serve

MOST_JOBS = 1_000_000


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        msg = f"{port} is not a port: 0 to 65535"
        raise ArgumentTypeError(msg)
    return port


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= MOST_JOBS:
        msg = f"{count} is not between 0 and {MOST_JOBS}"
        raise ArgumentTypeError(msg)
    return count


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 <= amount < float("inf"):
        msg = f"{text} is not a number from 0 on"
        raise ArgumentTypeError(msg)
    return amount


class Command(BaseCommand):
    """Serves until it is told to stop."""

    help = (
        "Serve the HWA V2 REST API from a plan that lives. "
        "Example: manage.py tws_simulator --scenario night --speed 60"
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        add(
            "--port", type=_port, default=31116, help="port (31116); 0 takes a free one"
        )
        add("--scenario", default="night", help="what happens in the plan (night)")
        add("--list", action="store_true", help="list the scenarios and end")
        add("--json", action="store_true", help="one JSON document instead of text")
        add("--seed", type=int, default=1, help="the same seed makes the same plan")
        add("--jobs", type=_count, help="fill the plan up to so many jobs")
        add("--tls", action="store_true", help="https with a certificate made now")
        add(
            "--speed",
            type=_amount,
            default=1.0,
            help="how fast time passes; 0 stops it",
        )
        add("--latency", type=_amount, default=0.0, help="milliseconds per answer")
        add(
            "--mirror-delay",
            type=_amount,
            default=0.0,
            help="seconds answers lag behind",
        )
        add("--no-substatus", action="store_true", help="leave the substatus empty")
        add("--user", default="", help="require this user (Basic)")
        add("--password", default="", help="and this password")
        add("--token", default="", help="require this API key (Bearer)")

    def handle(self, *_args: object, **options: Any) -> None:
        if options["list"]:
            self._list(as_json=options["json"])
            return
        ready = threading.Event()

        def leave(*_: object) -> None:
            if not ready.is_set():
                os._exit(0)  # nothing to clean up yet, and much to take apart
            raise SystemExit(0)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        login = Login(options["user"], options["password"], options["token"])
        try:
            with serve(
                options["scenario"],
                host=options["host"],
                port=options["port"],
                seed=options["seed"],
                jobs=options["jobs"],
                tls=options["tls"],
                speed=options["speed"],
                latency=options["latency"] / 1000,
                mirror_delay=options["mirror_delay"],
                substatus=not options["no_substatus"],
                login=login,
            ) as simulator:
                gc.freeze()  # a big plan need not be looked through again and again
                ready.set()
                self._announce(simulator, as_json=options["json"])
                threading.Event().wait()
        except UnknownScenario as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            where = f"{options['host']}:{options['port']}"
            msg = f"Cannot listen on {where} ({error.strerror}). Choose another --port."
            raise CommandError(msg) from None

    def _announce(self, simulator: Simulator, *, as_json: bool) -> None:
        facts = {
            "url": simulator.url,
            "scenario": simulator.scenario.name,
            "jobs": len(simulator.plan.plan.jobs),
            "ca_bundle": str(simulator.ca_path) if simulator.ca_path else None,
        }
        if as_json:
            line = json.dumps(facts)
        else:
            line = "TWS simulator at {url}, scenario {scenario}, {jobs} jobs".format(
                **facts
            )
            if simulator.ca_path:
                line += f", TWS_CA_BUNDLE={simulator.ca_path}"
        self.stdout.write(line)
        self.stdout.flush()

    def _list(self, *, as_json: bool) -> None:
        if as_json:
            found = [
                {"name": s.name, "title": s.title, "description": s.description}
                for s in SCENARIOS.values()
            ]
            self.stdout.write(json.dumps(found))
            return
        width = max(map(len, SCENARIOS))
        for item in SCENARIOS.values():
            self.stdout.write(f"{item.name:{width}}  {item.title}")
