"""A few threads of memory's own, with a bound on how much may wait for them."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import connections

from memory.exceptions import MemoryBusy, MemoryTimeout

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Runs blocking calls beside the event loop, never on its shared threads.

    A database that hangs then occupies these threads alone: asyncio.to_thread and every
    other part of the process stay free.
    """

    def __init__(
        self, name: str, *, threads: int, in_flight: int, finish: bool = False
    ) -> None:
        """Make them; ``finish``: what waits is done even when nobody waits for it."""
        self._finish = finish
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(in_flight)

    async def run(
        self,
        seconds: float,
        function: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The result of the call.

        Raises:
            MemoryBusy: too many calls wait already; this one was not begun.
            MemoryTimeout: no result in time.
        """
        result = asyncio.wrap_future(self.start(function, *args, **kwargs))
        try:
            async with asyncio.timeout(seconds):
                return await (asyncio.shield(result) if self._finish else result)
        except TimeoutError as error:
            msg = f"The memory did not answer within {seconds:g} s."
            raise MemoryTimeout(msg) from error

    def start(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """Begin the call as soon as a thread is free.

        Raises:
            MemoryBusy: too many calls wait already.
        """
        if not self._places.acquire(blocking=False):
            msg = "Too many calls wait for the memory already: try again in a moment."
            raise MemoryBusy(msg)
        try:
            future = self._pool.submit(
                _without_connection, partial(function, *args, **kwargs)
            )
        except RuntimeError as error:
            self._places.release()
            raise MemoryBusy("The memory is shut down.") from error
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """Wait for what runs, drop what waits."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _without_connection(call: Callable[[], T]) -> T:
    """Call it, and leave no database connection open on this thread."""
    try:
        return call()
    finally:
        connections.close_all()
