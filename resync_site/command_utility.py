"""Django's own command line, told to say what is wrong in one line and with the right status."""

import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    OutputWrapper,
    SystemCheckError,
)
from django.db import Error as DatabaseError

WRONG_USAGE = 2


class CommandFailed(Exception):
    """A command ended as it foresaw; ``has_printed`` tells whether its answer is out."""

    def __init__(
        self, sentence: str, *, status: int = 1, has_printed: bool = False
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.has_printed = has_printed


class HeardOutput(OutputWrapper):
    """Remembers that something was printed."""

    has_printed = False

    def write(  # type: ignore[override]  # as OutputWrapper's own
        self,
        msg: str = "",
        style_func: Callable[[str], str] | None = None,
        ending: str | None = None,
    ) -> None:
        self.has_printed = True
        super().write(msg, style_func, ending)


class CommandUtility(ManagementUtility):
    """Finds and runs a command; instead of printing what is wrong, it raises it."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command, with our way to fail.

        Raises:
            CommandFailed: There is no such command.
        """
        _ = settings.INSTALLED_APPS  # a wrong setting is told first
        known = get_commands()
        if subcommand not in known:
            near = get_close_matches(subcommand, known, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            sentence = f"There is no command {subcommand!r}.{meant} See manage.py help."
            raise CommandFailed(sentence, status=WRONG_USAGE)
        command = super().fetch_command(subcommand)
        command.stdout = HeardOutput(sys.stdout)
        command.create_parser = _strict(command.create_parser)  # type: ignore[method-assign]
        command.execute = _candid(command)  # type: ignore[method-assign]
        return command


def _strict(create: Callable[..., CommandParser]) -> Callable[..., CommandParser]:
    """A parser whose refusal is one line that raises, not a page of usage."""

    def create_parser(*args: Any, **options: Any) -> CommandParser:
        parser = create(*args, **options)

        def error(message: str) -> NoReturn:
            sentence = f"{parser.prog}: {message}. See {parser.prog} --help."
            raise CommandFailed(sentence, status=WRONG_USAGE)

        parser.error = error  # type: ignore[method-assign]
        return parser

    return create_parser


def _candid(command: BaseCommand) -> Callable[..., str | None]:
    """The command's ``execute``, whose foreseen errors become ``CommandFailed``."""
    execute = command.execute

    def run(*args: Any, **options: Any) -> str | None:
        try:
            return execute(*args, **options)
        except SystemCheckError:
            raise  # a list; Django prints it as it is
        except CommandError as error:
            if options.get("traceback"):
                raise
            sentence = str(error)
            if isinstance(error.__cause__, DatabaseError):
                sentence = " ".join(sentence.split())  # PostgreSQL says it in several
            raise CommandFailed(
                sentence,
                status=error.returncode,
                has_printed=getattr(command.stdout, "has_printed", False),
            ) from error

    return run
