"""Runs one management command: its database is there, and an expected failure is one line."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from resync_site import embedded
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
UNDEFINED_TABLE = "42P01"


def run(argv: Sequence[str]) -> int:
    """Run the command; the exit status tells done (0) from failed (1)."""
    try:
        choose_settings()
        with _database_for(argv):
            execute_from_command_line(list(argv))
    except KeyboardInterrupt:
        return 130
    except (ImproperlyConfigured, ResyncSiteError) as error:
        return _failed(argv, str(error))
    except ModuleNotFoundError as error:
        return _failed(argv, _no_such_settings(error))
    except DatabaseError as error:
        return _failed(argv, _sentence(error))
    return 0


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


def _failed(argv: Sequence[str], sentence: str) -> int:
    if "--json" in argv:
        sys.stdout.write(json.dumps({"error": "failed", "detail": sentence}) + "\n")
    sys.stderr.write(sentence + "\n")
    return 1
