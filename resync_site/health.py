"""Is each part alive? Asked by people, load balancers and the pages."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit.queries import worker_heartbeat
from resync_site.services import services
from tws.exceptions import TwsError

logger = logging.getLogger(__name__)

Status = Literal["ok", "degraded", "down"]
HEARTBEAT_LATE_SECONDS = 60


@dataclass(frozen=True)
class Health:
    """The answer of one probe; ``detail`` is a sentence without secrets."""

    status: Status
    detail: str
    checked_at: str
    ms: int


Probe = Callable[[], Awaitable[tuple[Status, str]]]


async def app() -> tuple[Status, str]:
    return await sync_to_async(_database, thread_sensitive=False)()


def _database() -> tuple[Status, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = _missing_migrations()
    except DatabaseError:
        return "down", "The database does not answer."
    finally:
        connection.close()
    if missing:
        return "down", f"{missing} migrations are missing: run manage.py migrate."
    return "ok", "The application and its database answer."


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


async def tws() -> tuple[Status, str]:
    try:
        ping = await services().manager.reader.ping()
    except TwsError as error:
        return "down", str(error)
    where = "the simulator" if settings.TWS_IS_SIMULATOR else "the plan"
    return (
        "ok",
        f"HWA {ping.version or '(no version told)'} answers in {ping.ms} ms ({where}).",
    )


async def llm() -> tuple[Status, str]:
    return await services().manager.model_health()


async def memory() -> tuple[Status, str]:
    return await services().memory.health()


async def worker() -> tuple[Status, str]:
    try:
        age = await sync_to_async(worker_heartbeat, thread_sensitive=False)()
    except DatabaseError:
        return "down", "The database does not answer."
    if age is None:
        return "down", "No worker has ever run: start manage.py worker."
    if age > HEARTBEAT_LATE_SECONDS:
        return "down", f"The worker was last seen {age:.0f} s ago: start it again."
    return "ok", f"The worker was seen {age:.0f} s ago."


PROBES: dict[str, Probe] = {
    "app": app,
    "tws": tws,
    "llm": llm,
    "memory": memory,
    "worker": worker,
}


async def check(part: str) -> dict[str, Any]:
    """Run one probe; an unforeseen error is logged and reads as down."""
    began = time.perf_counter()
    try:
        status, detail = await PROBES[part]()
    except Exception:
        logger.exception("health probe failed", extra={"part": part})
        status, detail = "down", "The probe itself failed: see the log."
    ms = round((time.perf_counter() - began) * 1000)
    return asdict(Health(status, detail, timezone.now().isoformat(), ms))
