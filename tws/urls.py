"""Addresses of the plan's pages, for whoever has a reader of the plan."""

from collections.abc import Callable, Coroutine
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
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
    """Who is not signed in is asked to; who may not is told so."""
    allowed = permission_required(PERMISSION, raise_exception=True)(view)
    guarded: View = require_safe(login_required(allowed))
    return guarded
