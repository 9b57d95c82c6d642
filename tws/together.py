"""Reads side by side: a failure of one is that of all, but not what TWS declines."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from tws.exceptions import TwsRejected

T = TypeVar("T")


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group that raises its first failure as it is.

    A group of exceptions would get past every ``except TwsError`` above, and past the
    cache, which answers with older data when TWS is away.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__


async def unless_declined(read: Coroutine[Any, Any, T], otherwise: T) -> T:
    """What is read or, where a release lacks the call or a user the right, the other."""
    try:
        return await read
    except TwsRejected as error:
        if not error.concerns_one_call:
            raise
        return otherwise
