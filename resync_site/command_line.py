"""Runs one management command: its database is there, and an expected failure is one line."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from resync_site import embedded, output
from resync_site.command_utility import WRONG_USAGE, CommandFailed, CommandUtility
from resync_site.dotenv import choose_settings
from resync_site.exceptions import ResyncSiteError

# These need no database, or see to it themselves (up, db).
WITHOUT_DATABASE = frozenset(
    {
        "",
        "help",
        "version",
        "up",
        "db",
        "test",
        "tws_ping",
        "tws_simulator",
        "diagnose",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "makemessages",
        "startapp",
        "startproject",
    }
)
HELP = frozenset({"-h", "--help", "--version"})
INTERRUPTED = 130
FORESEEN = (ImproperlyConfigured, ResyncSiteError, ModuleNotFoundError, DatabaseError)
UNDEFINED_TABLE = "42P01"


def run(argv: Sequence[str]) -> int:
    """Run the command; the exit status tells done (0) from failed (1) and misused (2)."""
    output.have_streams()
    try:
        status = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        output.stop_writing()
        return output.NOBODY_READS
    except OSError as error:
        if error.errno not in output.DISK_TROUBLE:
            raise
        output.stop_writing()
        sys.stderr.write(f"Cannot write what there is to say: {error.strerror}.\n")
        return 1
    return status


def _run(argv: Sequence[str]) -> int:
    try:
        choose_settings()
        with _database_for(argv):
            CommandUtility(list(argv)).execute()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        return _status(end)
    except CommandFailed as error:
        is_told = error.has_printed
        return _failed(argv, str(error), status=error.status, is_told=is_told)
    except FORESEEN as error:
        return _failed(argv, _told(error))
    return 0


def _status(end: SystemExit) -> int:
    """What Python would make of it."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def needs_database(argv: Sequence[str]) -> bool:
    command, arguments = (argv[1] if len(argv) > 1 else ""), argv[2:]
    if command in WITHOUT_DATABASE or HELP.intersection(argv):
        return False
    if command == "check":
        return any(argument.startswith("--database") for argument in arguments)
    return True


def _database_for(argv: Sequence[str]) -> AbstractContextManager[object]:
    if not needs_database(argv) or settings.DATABASE_URL:
        return nullcontext()
    return embedded.running(settings.DATA_DIR)


def _told(error: Exception) -> str:
    match error:
        case DatabaseError():
            return _sentence(error)
        case ModuleNotFoundError():
            return _no_such_settings(error)
        case _:
            return str(error)


def _sentence(error: DatabaseError) -> str:
    """One line for what a user can cure.

    Raises:
        DatabaseError: It is a fault of the program, which needs its traceback.
    """
    reason = " ".join(str(error).split())
    code = getattr(error.__cause__, "sqlstate", None)
    # Before there is a connection, the server's codes are not passed on.
    lost = isinstance(error, OperationalError) or "connection option" in reason
    if code is None and lost:
        return f"Cannot use the database {_address()}: {reason}"
    if code == UNDEFINED_TABLE:
        return f"The database is not up to date, run `manage.py migrate`: {reason}"
    raise error


def _no_such_settings(error: ModuleNotFoundError) -> str:
    """One line for settings that are not there.

    Raises:
        ModuleNotFoundError: It is another module, which needs its traceback.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not error.name or not f"{chosen}.".startswith(f"{error.name}."):
        raise error
    return (
        f"{ENVIRONMENT_VARIABLE} is {chosen!r}, which is no module. "
        "Use resync_site.settings.dev, or resync_site.settings.prod on a server."
    )


def _address() -> str:
    where = {**connection.settings_dict, **connection.settings_dict["OPTIONS"]}
    host = where["HOST"] or where.get("host", "localhost")
    return f"{where['NAME']} at {host}:{where['PORT'] or 5432}"


def _failed(
    argv: Sequence[str], sentence: str, *, status: int = 1, is_told: bool = False
) -> int:
    if "--json" in argv and not is_told:
        kind = "usage" if status == WRONG_USAGE else "failed"
        failure = {"error": kind, "detail": sentence}
        sys.stdout.write(json.dumps(failure, ensure_ascii=False) + "\n")
    sys.stderr.write(sentence + "\n")
    return status
