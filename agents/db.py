"""The one way from async code to the database, on threads that no socket waits for."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")


def db(func: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Wrap a synchronous database function so that it can be awaited.

    Django's own async ORM and ``sync_to_async`` share one thread by default: a
    single slow query would then hold up every conversation of the process.
    """
    wrapped: Callable[P, Coroutine[Any, Any, R]] = database_sync_to_async(
        func, thread_sensitive=False
    )
    return wrapped
