"""News between processes: what changed, as ids; pages re-read the rest.

A notice travels over Redis pub/sub when REDIS_URL is set, else over PostgreSQL
LISTEN/NOTIFY into the in-memory channel layer of every web process. A lost notice
loses nothing: after each (re)connect the listener acts as if everything had changed.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import psycopg
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

PG_CHANNEL = "resync_notice"
GROUP = "resync.notices"
CONFIG = "config.update"
QUEUE = "queue.update"
KINDS = (CONFIG, QUEUE)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

OnNotice = Callable[[str], Awaitable[None]]


def agents_changed(sender: object, **kwargs: object) -> None:
    publish(CONFIG)


def queue_changed(sender: object, **kwargs: object) -> None:
    publish(QUEUE)


def publish(kind: str) -> None:
    """Tell every web process; what is told has been committed and does not depend on it."""
    try:
        if settings.REDIS_URL:
            async_to_sync(broadcast)(kind)
        else:
            with connection.cursor() as cursor:
                payload = json.dumps([kind])
                cursor.execute("SELECT pg_notify(%s, %s)", [PG_CHANNEL, payload])
    except (DatabaseError, OSError) as error:
        logger.warning("live update not sent: %s", error)


async def broadcast(kind: str) -> None:
    """Hand a notice to the sockets that the channel layer reaches."""
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(GROUP, {"type": kind})


async def listen(on_notice: OnNotice) -> None:
    """Call ``on_notice`` for each notice, for ever; reconnects by itself."""
    source = _from_redis if settings.REDIS_URL else _from_postgres
    pause = FIRST_PAUSE
    missed: tuple[str, ...] = ()
    while True:
        try:
            async with contextlib.aclosing(source(missed)) as kinds:
                async for kind in kinds:
                    pause = FIRST_PAUSE
                    await on_notice(kind)
        except (psycopg.Error, DatabaseError, OSError) as error:
            logger.warning(
                "live updates interrupted, next try in %.1f s: %s", pause, error
            )
        missed = KINDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _from_postgres(missed: Sequence[str]) -> AsyncGenerator[str]:
    async with await _listening_connection() as link:
        await link.execute(f"LISTEN {PG_CHANNEL}")
        for kind in missed:
            yield kind
        async for notice in link.notifies():
            for kind in _kinds(notice.payload):
                yield kind


async def _listening_connection() -> psycopg.AsyncConnection[tuple[object, ...]]:
    params = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"cursor_factory", "context", "options"}
    }
    return await psycopg.AsyncConnection.connect(
        **{**params, "autocommit": True, "connect_timeout": 5}
    )


def _kinds(payload: str) -> list[str]:
    try:
        kinds = json.loads(payload)
    except ValueError:
        return []
    return [kind for kind in kinds if kind in KINDS] if isinstance(kinds, list) else []


async def _from_redis(missed: Sequence[str]) -> AsyncGenerator[str]:
    layer = get_channel_layer()
    if layer is None:
        return
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    for kind in missed:
        yield kind
    while True:
        yield (await layer.receive(channel))["type"]
