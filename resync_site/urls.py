"""Addresses of the pages, the API and the probes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from resync_site import health
from resync_site.api import api
from resync_site.services import services
from tws.reader import PlanReader
from tws.urls import plan_urlpatterns


def plan_reader() -> PlanReader:
    """The process's one reader of the plan."""
    return services().manager.reader


async def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the event loop answers."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to serve: the database answers and is migrated."""
    found = await health.check("app")
    return JsonResponse(found, status=503 if found["status"] == "down" else 200)


urlpatterns = [
    path("", include("agents.urls")),
    path("plan/", include(plan_urlpatterns(plan_reader))),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("api/", api.urls),
    path("healthz", healthz),
    path("readyz", readyz),
]
