"""Counts and times for Prometheus: requests, sockets, queue, worker."""

import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from audit.queries import metrics as queue_metrics
from memory.models import Memory

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "resync_http_requests", "HTTP requests", ["method", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "resync_http_request_seconds", "Time to the end of the answer", registry=REGISTRY
)
SOCKETS = Gauge("resync_sockets", "Open chat sockets", registry=REGISTRY)
FRAMES = Counter(
    "resync_socket_frames", "Frames of the chat", ["direction"], registry=REGISTRY
)
CLOSED = Counter(
    "resync_sockets_closed", "Closed sockets by code", ["code"], registry=REGISTRY
)


class QueueCollector(Collector):
    """What the database knows, read when Prometheus asks."""

    def collect(self) -> Iterable[Metric]:
        entries = GaugeMetricFamily(
            "resync_audit_entries", "Audit entries by status", labels=["status"]
        )
        now = queue_metrics()
        for status in ("waiting", "pending", "approved", "rejected", "passed"):
            entries.add_metric([status], now[status] or 0)
        yield entries
        yield GaugeMetricFamily(
            "resync_audit_oldest_pending_seconds",
            "Age of the oldest entry that waits for a person",
            now["oldest_pending_seconds"] or 0,
        )
        yield GaugeMetricFamily(
            "resync_memories_unindexed",
            "Memories that the semantic index does not hold yet",
            Memory.objects.unindexed().count(),
        )


REGISTRY.register(QueueCollector())


def exposition() -> bytes:
    """The whole page, in Prometheus' text format."""
    return generate_latest(REGISTRY)


class Measured:
    """ASGI middleware that sees sockets too, which Django's middleware does not."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        else:
            await self.socket(scope, receive, send)

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def counted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(scope["method"], str(message["status"])).inc()
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            SECONDS.observe(time.perf_counter() - began)

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def heard() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "websocket.receive":
                FRAMES.labels("in").inc()
            return message

        async def said(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "websocket.send":
                FRAMES.labels("out").inc()
            elif message["type"] == "websocket.close":
                CLOSED.labels(str(message.get("code", 1000))).inc()
            await send(message)

        SOCKETS.inc()
        try:
            await self.app(scope, heard, said)
        finally:
            SOCKETS.dec()
