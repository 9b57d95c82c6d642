"""The REST calls by which people say whether an answer helped or was wrong."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from agents import ratings
from agents.exceptions import (
    NothingToRate,
    TooMany,
    UnknownConversation,
    UnknownTurn,
)
from agents.rates import Rates
from memory.exceptions import MemoryUnavailable
from memory.gateway import Rating
from memory.models import LONGEST_COMMENT
from resync_site.api_auth import SignedIn
from resync_site.services import services

# A person presses a button now and then; each change is a line of the history.
BURST, PER_SECOND = 30, 0.5

CHAT = SignedIn("agents.use_chat")

router = Router(auth=CHAT, tags=["ratings"])
rates = Rates(burst=BURST, per_second=PER_SECOND)

T = TypeVar("T")


class RatingIn(Schema):
    """What the user says of an answer: 1 it was wrong, 5 it helped."""

    rating: Annotated[int, Field(strict=True, ge=1, le=5)]
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""


class RatingOut(Schema):
    """What is known of one answer; ``rating`` is null when nothing is said of it."""

    turn: UUID
    rating: int | None
    comment: str
    rated_at: datetime | None


class RatingsOut(Schema):
    """The answers of a conversation that can be rated, the newest 200 first."""

    ratings: list[RatingOut]


@router.put("/turns/{turn}/rating", response=RatingOut)
async def rate(
    request: HttpRequest, turn: UUID, body: RatingIn
) -> Rating | HttpResponse:
    """Say that an answer helped or was wrong; a later word replaces an earlier one."""
    return await _changed(request, turn, body.rating, body.comment)


@router.delete("/turns/{turn}/rating", response=RatingOut)
async def take_back(request: HttpRequest, turn: UUID) -> Rating | HttpResponse:
    """Take the rating back; what a reviewer has been asked to look at stays there."""
    return await _changed(request, turn, None)


@router.get("/conversations/{conversation}/ratings", response=RatingsOut)
async def of_conversation(request: HttpRequest, conversation: UUID) -> dict[str, Any]:
    """The answers that can be rated, and what was said of each."""
    told = ratings.ratings(services().memory, _user_id(request), conversation)
    return {"ratings": await _or_refused(told)}


async def _changed(
    request: HttpRequest, turn: UUID, rating: int | None, comment: str = ""
) -> Rating | HttpResponse:
    user_id = _user_id(request)
    try:
        rates.take(user_id)
    except TooMany as error:
        seconds = str(error.retry_after)
        return JsonResponse(
            {"detail": f"Too many ratings at once: try again in {seconds} s."},
            status=429,
            headers={"Retry-After": seconds},
        )
    said = ratings.rate(services().memory, user_id, turn, rating, comment)
    return await _or_refused(said)


async def _or_refused(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except (UnknownTurn, UnknownConversation) as error:
        raise HttpError(404, str(error)) from error
    except NothingToRate as error:
        raise HttpError(409, str(error)) from error
    except MemoryUnavailable as error:
        raise HttpError(503, f"{error} Try again in a moment.") from error


def _user_id(request: HttpRequest) -> int:
    return int(request.auth.pk)  # type: ignore[attr-defined]  # set by SignedIn
