"""Brings the whole site up in the foreground, watches it, and takes all of it down again."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from agents.models import AgentProfile
from resync_site import addresses, demo, embedded, running_site
from resync_site.console import Console, Lines
from resync_site.embedded import BASE_DIR
from resync_site.exceptions import UpFailed
from resync_site.place import Place
from resync_site.stopping import Parent, StopRequested, StopSignals
from resync_site.supervisor import Program, Supervisor

AGENTS = BASE_DIR / "agents" / "fixtures" / "agents.json"
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 60.0  # a web process that does not answer by then never will


@dataclass(frozen=True)
class Wishes:
    """What the caller chose."""

    host: str
    port: int
    demo: bool
    parent: int | None


@dataclass(frozen=True)
class Ready:
    """What a script wants to know of a site that answers."""

    address: str
    pid: int
    processes: dict[str, int]
    simulator: str | None
    data_dir: str
    users: dict[str, str]  # with their passwords, in the run that makes them
    seconds: float


class Site:
    """One run of everything."""

    def __init__(
        self,
        wishes: Wishes,
        console: Console,
        on_ready: Callable[[Ready], object] = lambda _: None,
    ) -> None:
        self._wishes = wishes
        self._console = console
        self._on_ready = on_ready
        self._data_dir = Path(settings.DATA_DIR)
        self._parent = Parent(wishes.parent) if wishes.parent else None

    def run(self) -> None:
        """Go on until somebody asks to stop.

        Raises:
            UpFailed: A part cannot start or has ended; the others are ended too.
        """
        with StopSignals() as signals:
            try:
                with ExitStack() as stack:
                    try:
                        self._run(stack, signals)
                    finally:
                        signals.stop_raising()
            except StopRequested:
                self._console.say("Everything is stopped.")

    def _run(self, stack: ExitStack, signals: StopSignals) -> None:
        began = time.monotonic()
        host, port = self._wishes.host, self._wishes.port
        claim = running_site.Claim(self._data_dir)
        stack.callback(claim.release)
        addresses.refuse_taken(host, port, patience=3.0 if claim.was_killed else 0.0)
        simulator_port = addresses.free_port() if settings.TWS_IS_SIMULATOR else None
        claim.tell(
            address=addresses.url(host, port),
            simulator=_simulator_url(simulator_port) if simulator_port else "",
        )
        database = stack.enter_context(self._database())
        users = self._prepare()
        supervisor = Supervisor(self._console, signals)
        stack.callback(supervisor.stop)
        stack.callback(self._console.say, "Stopping.")
        for program in self._programs(claim.site.token, simulator_port):
            supervisor.start(program)
        self._wait_for_web(supervisor, database)
        self._tell_ready(
            Ready(
                address=claim.site.address,
                pid=os.getpid(),
                processes=supervisor.pids(),
                simulator=claim.site.simulator or None,
                data_dir=str(self._data_dir),
                users=users,
                seconds=round(time.monotonic() - began, 1),
            )
        )
        while True:
            self._watch(supervisor, database)

    def _tell_ready(self, ready: Ready) -> None:
        self._console.say(f"Resync is ready at {ready.address} ({ready.seconds} s).")
        self._console.say("Ctrl-C stops it.")
        self._on_ready(ready)

    def _wait_for_web(self, supervisor: Supervisor, database: "Database") -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not addresses.answers(self._wishes.host, self._wishes.port):
            if time.monotonic() > deadline:
                msg = f"web does not answer after {PATIENCE_SECONDS:.0f} seconds."
                raise UpFailed(msg)
            self._watch(supervisor, database)

    def _watch(self, supervisor: Supervisor, database: "Database") -> None:
        supervisor.watch(LOOK_SECONDS)
        for line in database.new_lines():
            self._console.line("db", line)
        if not database.is_alive():
            msg = "The database ended by itself; everything else is stopped too."
            raise UpFailed(msg)
        if self._console.is_lost or (self._parent and self._parent.wants_to_end()):
            raise StopRequested

    @contextmanager
    def _database(self) -> Iterator["Database"]:
        if settings.DATABASE_URL:
            yield Database()
            return
        self._console.say(f"Starting PostgreSQL in {self._data_dir}.")
        with embedded.running(self._data_dir):
            yield Database(self._data_dir, Tail(Place.below(self._data_dir).log))

    def _prepare(self) -> dict[str, str]:
        """Everything that the programs expect to find in the database; who was made."""
        with connection.cursor() as cursor:
            # A migration may take longer than a request.
            cursor.execute("SET statement_timeout = 0")
        migrate(self._console)
        users = demo.make_users(self._data_dir) if self._wishes.demo else {}
        if self._wishes.demo:
            self._show_users(users)
        if not AgentProfile.objects.exists():
            call_command("load_agents", AGENTS, stdout=Silence())
        connections.close_all()
        return users

    def _show_users(self, made: dict[str, str]) -> None:
        path = self._data_dir / demo.FILE_NAME
        if made:
            self._console.say(f"Made these users (kept in {path}):")
            for item in made.items():
                self._console.say(demo.line(*item))
        elif names := demo.known_users(self._data_dir):
            self._console.say(f"Users: {', '.join(names)} (passwords in {path}).")

    def _programs(self, token: str, simulator_port: int | None) -> Iterable[Program]:
        environment = {
            **{name: v for name, v in os.environ.items() if name != "RESYNC_PROCESS"},
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "RESYNC_DATA_DIR": str(self._data_dir),
            "PYTHONUNBUFFERED": "1",
            "ALLOWED_HOSTS": ",".join(self._allowed_hosts()),
            running_site.MARK: token,
        }
        manage = (sys.executable, "manage.py")
        server = (sys.executable, "-m", "resync_site.server")
        listen = ("-b", self._wishes.host, "-p", str(self._wishes.port))
        commands = {
            "web": (*server, *listen, "resync_site.asgi:application"),
            "worker": (*manage, "worker"),
        }
        if simulator_port:
            commands["tws"] = (*manage, "tws_simulator", "--port", str(simulator_port))
        for name, command in commands.items():
            yield Program(name, command, environment, BASE_DIR)

    def _allowed_hosts(self) -> list[str]:
        if os.environ.get("ALLOWED_HOSTS"):
            return list(settings.ALLOWED_HOSTS)
        return addresses.allowed_hosts(self._wishes.host)


class Database:
    """The database as the site watches it; a site's own is not ours to watch."""

    def __init__(self, data_dir: Path | None = None, log: "Tail | None" = None) -> None:
        self._data_dir = data_dir
        self._log = log

    def is_alive(self) -> bool:
        return self._data_dir is None or embedded.status(self._data_dir).running

    def new_lines(self) -> list[str]:
        return [] if self._log is None else self._log.new_lines()


class Tail:
    """What is added to a file that is now and then begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0
        self._lines = Lines()

    def new_lines(self) -> list[str]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._offset:
                self._offset = 0
            file.seek(self._offset)
            piece = file.read()
        self._offset += len(piece)
        return self._lines.feed(piece)


class Silence:
    """Takes what a command says on success."""

    def write(self, _text: str) -> int:
        return 0

    def flush(self) -> None:
        pass


def _simulator_url(port: int) -> str:
    return f"http://{addresses.LOOPBACK}:{port}/twsd"


def migrate(console: Console) -> None:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        return
    console.say(f"Bringing the database up to date: {missing} migrations.")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        msg = (
            f"The database cannot be brought up to date: {' '.join(str(error).split())}"
        )
        raise UpFailed(msg) from error
