"""Goes through the pages of a list that changes while it is read."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

from msgspec.structs import replace

from tws.exceptions import TwsPayloadError
from tws.payloads import Job, JobStream, Page

T = TypeVar("T")
N = TypeVar("N", Job, JobStream)

Fetch = Callable[[int], Coroutine[Any, Any, Page[T]]]

LOOKAHEAD = 3  # pages asked for while one is looked at
MOST_OBJECTS = 5_000_000
MOST_PAGES = 20  # of a list that should fit into one


def followed(page: Page[T], *, offset: int, limit: int) -> Page[T]:
    """The page with the offset of the next one, whichever way the server tells it."""
    held = len(page.items) + len(page.unusable)
    after = offset + held
    following = page.next_offset
    if not held:
        following = None
    elif following is None or following <= offset:
        more = held >= limit if page.count is None else after < page.count
        following = after if more else None
    if following == page.next_offset:
        return page
    return replace(page, next_offset=following)


async def all_pages(fetch: Fetch[T]) -> AsyncGenerator[Page[T], None]:
    """Every page in order, the next few under way at the same time."""
    page = await fetch(0)
    yield page
    step = offset = page.next_offset
    waiting: deque[asyncio.Task[Page[T]]] = deque()
    try:
        while waiting or (step and offset is not None):
            while step and offset is not None and len(waiting) < LOOKAHEAD:
                waiting.append(asyncio.create_task(fetch(_bounded(offset))))
                offset = offset + step if offset + step < (page.count or 0) else None
            page = await waiting.popleft()
            yield page
            if not waiting and offset is None:
                # The list may have grown beyond what was counted at first.
                offset = page.next_offset
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def gathered(
    fetch: Callable[..., Coroutine[Any, Any, Page[T]]], most: int, offset: int = 0
) -> Page[T]:
    """So many at most, as one page, of a server that may give fewer at a time."""
    page = await fetch(limit=most, offset=offset)
    items, lost = list(page.items), list(page.unusable)
    for _ in range(MOST_PAGES):
        if page.next_offset is None or len(items) + len(lost) >= most:
            break
        page = await fetch(limit=most, offset=page.next_offset)
        items += page.items
        lost += page.unusable
    return replace(page, items=items, unusable=lost)


async def each_once(
    pages: AsyncGenerator[Page[N], None],
) -> AsyncGenerator[Page[N], None]:
    """Leave out what an earlier page had: the list moved between two of them."""
    seen: set[str] = set()
    async with aclosing(pages):
        async for page in pages:
            new = [item for item in page.items if item.id not in seen]
            seen.update(item.id for item in new)
            yield page if len(new) == len(page.items) else replace(page, items=new)


def _bounded(offset: int) -> int:
    if offset > MOST_OBJECTS:
        msg = f"The list of TWS does not end after {MOST_OBJECTS} objects."
        raise TwsPayloadError(msg, action="Ask for a part of the plan.")
    return offset
