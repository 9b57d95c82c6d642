"""The REST API for scripts and for the pages; browsable at /api/docs."""

import ipaddress
import secrets
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Query, Schema
from ninja.errors import HttpError
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from agents.exceptions import (
    EmptyQuestion,
    QuestionTooLong,
    TooMany,
    TurnRunning,
    UnknownAgent,
    UnknownConversation,
)
from audit import queries, review
from audit.exceptions import AuditError, NotPending, UnknownEntry
from resync_site import health, metrics
from resync_site.api_auth import SignedIn, caller
from resync_site.api_errors import JsonBody, tell_errors
from resync_site.api_ratings import router as ratings
from resync_site.services import services
from tws.exceptions import TwsError

CHAT = SignedIn("agents.use_chat")
REVIEW = SignedIn("audit.review_auditentry")

api = NinjaAPI(
    title="Resync",
    version="1",
    description="Ask about the plan, read its status, review doubted answers. "
    "Sign in with the session of the web pages (and X-CSRFToken for what is not a GET) "
    "or with `Authorization: Bearer <token>`; tokens are made in the admin.",
    auth=SignedIn(),
    parser=JsonBody(),
)
tell_errors(api)
api.add_router("", ratings)


class AgentOut(Schema):
    """An agent that can be asked."""

    id: str
    name: str
    role: str
    goal: str
    tools: list[str]
    model_name: str


class ChatIn(Schema):
    """A question to an agent; without ``conversation`` a new one begins."""

    agent: str = Field(max_length=64)
    message: str
    conversation: UUID | None = None
    client_id: UUID | None = None


class FlagOut(Schema):
    """A doubted answer and what became of it."""

    memory_id: UUID
    user_query: str
    agent_response: str
    ia_audit_reason: str
    ia_audit_confidence: float | None
    status: str
    created_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None


class FlagsOut(Schema):
    """One page of the queue, oldest first."""

    count: int
    results: list[FlagOut]


class FlagsQuery(Schema):
    """What of the queue is wanted."""

    status: Literal["pending", "approved", "rejected", "all"] = "pending"
    query: str = Field("", max_length=1000)
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


class ReviewIn(Schema):
    """A decision on one doubted answer."""

    memory_id: UUID
    action: Literal["approve", "reject"]
    comment: str = Field("", max_length=4000)
    correction: str = Field("", max_length=65_536)


class MetricsOut(Schema):
    """The queue in numbers; the five counts together are all memories."""

    pending: int
    approved: int
    rejected: int
    passed: int
    waiting: int
    oldest_pending_seconds: float | None
    precision: float | None


class HealthOut(Schema):
    """One part's state."""

    status: Literal["ok", "degraded", "down"]
    detail: str
    checked_at: datetime
    ms: int


@api.get("/agents", response=list[AgentOut], auth=CHAT)
async def agents(request: HttpRequest) -> list[dict[str, Any]]:
    """The agents that can be asked."""
    return [
        {name: getattr(agent.profile, name) for name in AgentOut.model_fields}
        for agent in await services().manager.all()
    ]


@api.get("/status", auth=CHAT)
async def status(request: HttpRequest) -> HttpResponse:
    """The plan at a glance, with the age of the data; 503 when it cannot be read."""
    try:
        return JsonResponse(await services().manager.reader.status())
    except TwsError as error:
        return JsonResponse(
            {"detail": str(error), "action": error.action, "code": error.code},
            status=503,
        )


@api.post("/chat", auth=CHAT)
async def chat(request: HttpRequest, body: ChatIn) -> HttpResponse:
    """Ask one question and wait for the whole answer."""
    try:
        result = await services().runner.ask(
            user=request.auth,  # type: ignore[attr-defined]  # set by SignedIn
            agent_id=body.agent,
            message=body.message,
            conversation=body.conversation,
            client_id=body.client_id,
        )
    except (EmptyQuestion, QuestionTooLong) as error:
        raise HttpError(400, str(error)) from error
    except (UnknownAgent, UnknownConversation) as error:
        raise HttpError(404, str(error)) from error
    except TurnRunning as error:
        return JsonResponse({"detail": str(error), "code": "busy"}, status=409)
    except TooMany as error:
        return JsonResponse(
            {"detail": str(error)},
            status=429,
            headers={"Retry-After": str(error.retry_after)},
        )
    return JsonResponse(result)


@api.get("/audit/flags", response=FlagsOut, auth=REVIEW)
def flags(request: HttpRequest, wanted: Query[FlagsQuery]) -> dict[str, Any]:
    """Doubted answers; `all` is pending, approved and rejected together."""
    return queries.flags(**wanted.dict())


@api.post("/audit/review", auth=REVIEW)
def decide(request: HttpRequest, body: ReviewIn) -> HttpResponse:
    """Approve or reject; 409 tells who was first."""
    try:
        entry = review.decide(
            body.memory_id,
            body.action,
            by=request.auth,  # type: ignore[attr-defined]  # set by SignedIn
            comment=body.comment,
            correction=body.correction,
        )
    except UnknownEntry as error:
        raise HttpError(404, str(error)) from error
    except NotPending as error:
        return JsonResponse(
            {
                "detail": str(error),
                "reviewed_by": error.decided_by,
                "reviewed_at": error.decided_at,
            },
            status=409,
        )
    except AuditError as error:
        raise HttpError(409, str(error)) from error
    return JsonResponse(FlagOut(**queries.flag(entry)).dict())


@api.get("/audit/metrics", response=MetricsOut, auth=REVIEW)
def audit_metrics(request: HttpRequest) -> dict[str, Any]:
    """The queue in numbers."""
    return queries.metrics()


@api.get("/health/app", auth=None, response={200: HealthOut, 503: HealthOut})
async def health_app(request: HttpRequest) -> tuple[int, dict[str, Any]]:
    """The application and its database; needs no login."""
    return await _health("app")


@api.get("/health/{part}", response={200: HealthOut, 503: HealthOut})
async def health_part(
    request: HttpRequest, part: Literal["tws", "llm", "memory", "worker"]
) -> tuple[int, dict[str, Any]]:
    """One part's state; 503 when it is down."""
    return await _health(part)


async def _health(part: str) -> tuple[int, dict[str, Any]]:
    found = await health.check(part)
    return (503 if found["status"] == "down" else 200), found


@api.get("/metrics", auth=None, include_in_schema=False)
async def prometheus(request: HttpRequest) -> HttpResponse:
    """Prometheus text; for loopback, METRICS_TOKEN or a user's token."""
    allowed = _from_loopback(request) or _has_metrics_token(request)
    if not allowed and not await sync_to_async(caller)(request):
        raise HttpError(401, "Send METRICS_TOKEN or an API token as Bearer.")
    page = await sync_to_async(metrics.exposition, thread_sensitive=False)()
    return HttpResponse(page, content_type=CONTENT_TYPE_LATEST)


def _from_loopback(request: HttpRequest) -> bool:
    """Behind a proxy everybody comes from loopback, so a forwarded call does not count."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback
    except (KeyError, ValueError):
        return False


def _has_metrics_token(request: HttpRequest) -> bool:
    expected = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return bool(expected) and secrets.compare_digest(given.encode(), expected.encode())
