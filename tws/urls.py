"""Addresses of the plan's pages, for whoever has a reader of the plan."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tws.reader import PlanReader
from tws.views import PlanPages

PERMISSION = "agents.use_chat"

View = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]


def plan_urlpatterns(reader: Callable[[], PlanReader]) -> list[URLPattern]:
    """To be included under ``plan/``; the reader is asked for at each request."""
    pages = PlanPages(reader)
    return [
        path("", _for_operators(pages.plan), name="plan"),
        path("job/", _for_operators(pages.job), name="plan-job"),
        path("stream/", _for_operators(pages.stream), name="plan-stream"),
        path(
            "workstation/", _for_operators(pages.workstation), name="plan-workstation"
        ),
        path("resource/", _for_operators(pages.resource), name="plan-resource"),
    ]


def _for_operators(view: View) -> View:
    """Who is not signed in is asked to; who may not is told so.

    As Django's own decorators do it, but in one trip to the database and back: each
    costs a busy event loop several turns.
    """

    async def guarded(request: HttpRequest) -> HttpResponse:
        user, allowed = await _visitor(request)
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not allowed:
            raise PermissionDenied
        request.user = user
        return await view(request)

    safe: View = require_safe(guarded)
    return safe


@partial(database_sync_to_async, thread_sensitive=False)
def _visitor(request: HttpRequest) -> tuple[User | AnonymousUser, bool]:
    """What is asked of the user here is known to them when a page is rendered."""
    user = get_user(request)
    return user, user.has_perm(PERMISSION)
