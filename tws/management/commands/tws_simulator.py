"""A loopback HWA to try everything on: the V2 REST API over a living plan."""

import errno
import gc
import json
import os
import signal
import socket
import threading
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tws.simulator.scenarios import SCENARIOS
from tws.simulator.server import Login
from tws.simulator.serving import Simulator, UnknownScenario, serve

MOST_JOBS = 1_000_000
MOST_SEED = 2**63 - 1
MOST_SPEED = 100_000.0  # a day in a second
MOST_LATENCY = 60_000.0
MOST_DELAY = 86_400.0
# What is wrong is the address, not the port.
WRONG_HOST = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def _whole(text: str, least: int, most: int, what: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        msg = f"{text!r:.40} is not {what}"
        raise ArgumentTypeError(msg)
    return number


def _port(text: str) -> int:
    return _whole(text, 0, 65535, "a port: 1 to 65535, or 0 for a free one")


def _count(text: str) -> int:
    return _whole(text, 1, MOST_JOBS, f"a number of jobs: 1 to {MOST_JOBS}")


def _seed(text: str) -> int:
    return _whole(text, -MOST_SEED, MOST_SEED, "a seed: a whole number below 2^63")


def _amount(most: float, what: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            amount = float(text)
        except ValueError:
            amount = -1.0
        if not 0 <= amount <= most:  # nor is it a number that is none
            msg = f"{text!r:.40} is not {what}: 0 to {most:g}"
            raise ArgumentTypeError(msg)
        return amount

    return read


def _host(text: str) -> str:
    if not text.strip():
        msg = "an address is needed, such as 127.0.0.1"
        raise ArgumentTypeError(msg)
    return text


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
        add(
            "--host",
            type=_host,
            default="127.0.0.1",
            help="address to listen on (127.0.0.1)",
        )
        add(
            "--port", type=_port, default=31116, help="port (31116); 0 takes a free one"
        )
        add(
            "--scenario",
            default="night",
            help="what happens in the plan (night); --list shows all",
        )
        add("--list", action="store_true", help="list the scenarios and end")
        add("--json", action="store_true", help="one JSON document instead of text")
        add("--seed", type=_seed, default=1, help="the same seed makes the same plan")
        add("--jobs", type=_count, help="fill the plan up to so many jobs")
        add("--tls", action="store_true", help="https with a certificate made now")
        add(
            "--speed",
            type=_amount(MOST_SPEED, "a speed"),
            default=1.0,
            help="how fast time passes; 0 stops it",
        )
        add(
            "--latency",
            type=_amount(MOST_LATENCY, "a number of milliseconds"),
            default=0.0,
            help="milliseconds per answer",
        )
        add(
            "--mirror-delay",
            type=_amount(MOST_DELAY, "a number of seconds"),
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
        if options["password"] and not options["user"]:
            msg = "--password needs --user."
            raise CommandError(msg, returncode=2)
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
                self._announce(simulator, options["seed"], as_json=options["json"])
                threading.Event().wait()
        except UnknownScenario as error:
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(_cannot_listen(error, options)) from None

    def _announce(self, simulator: Simulator, seed: int, *, as_json: bool) -> None:
        facts = {
            "url": simulator.url,
            "scenario": simulator.scenario.name,
            "seed": seed,
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
            self.stdout.write(f"{item.name:{width}}  {item.title}.")


def _cannot_listen(error: OSError, options: dict[str, Any]) -> str:
    where = f"{options['host']}:{options['port']}"
    wrong_host = isinstance(error, socket.gaierror) or error.errno in WRONG_HOST
    other = "--host" if wrong_host else "--port"
    return f"Cannot listen on {where} ({error.strerror}). Choose another {other}."
