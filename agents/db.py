"""The one way from async code to the database, on threads that no socket waits for."""

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")

# As many as the pool has connections; more would only wait for one.
THREADS: Final = 10
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="chat-database")


def db(func: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Wrap a synchronous database function so that it can be awaited.

    Django's own async ORM and ``sync_to_async`` share one thread by default: a
    single slow query would then hold up every conversation of the process. The
    loop's default threads are few, and others wait on them for files and names.
    """
    wrapped: Callable[P, Coroutine[Any, Any, R]] = database_sync_to_async(
        func, thread_sensitive=False, executor=_threads
    )
    return wrapped
