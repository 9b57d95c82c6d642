"""The plan page and the pages of its objects. They read, and can change nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from tws.found import Ambiguous, Found, NotFound
from tws.pages import one
from tws.pages.asking import FIRST_SECONDS, LATER_SECONDS, LastKnown, Told
from tws.pages.digests import digests_of
from tws.pages.filters import PER_PAGE, read_filter
from tws.pages.glance import (
    MOST_INCIDENTS,
    SHOWN_INCIDENTS,
    WholePlan,
    look,
)
from tws.pages.glance import PARTS as PARTS_OF_PLAN
from tws.pages.links import record_address
from tws.pages.trouble import Trouble, trouble_of
from tws.pages.words import COMMON
from tws.quoting import checked_text
from tws.reader import PlanReader

# In the query of an address: answer with the parts alone.
PARTS = "parts"


class PlanPages:
    """Views over one reader. They share what they were told last.

    With ``parts`` in the query only what may have changed is rendered, for the page's
    script, which can wait longer than a person looking at an empty page. The plan page
    can be asked for some parts by name.
    """

    def __init__(self, reader: Callable[[], PlanReader]) -> None:
        self._reader = reader
        self._known = LastKnown()
        self._whole = WholePlan(reader, self._known)

    async def plan(self, request: HttpRequest) -> HttpResponse:
        wanted = read_filter(request.GET)
        more = request.GET.get("causes", "")
        parts = _parts(request)
        shown = await look(
            self._whole,
            wanted,
            parts=parts,
            causes=MOST_INCIDENTS if more else SHOWN_INCIDENTS,
            seconds=_patience(request),
        )
        context = {
            "glance": shown,
            "trouble": shown.trouble,
            "filter": wanted,
            "paging": _paging(wanted.page, shown.matches, wanted.kind),
            "statuses": COMMON,
            "all_causes": bool(more),
            "parts": parts,
            "digests": digests_of(shown),
        }
        status = _http_status(shown.trouble, bad_request=bool(wanted.problem))
        return await _page(request, "plan", context, status)

    async def job(self, request: HttpRequest) -> HttpResponse:
        return await self._object(request, "job")

    async def stream(self, request: HttpRequest) -> HttpResponse:
        return await self._object(request, "stream")

    async def workstation(self, request: HttpRequest) -> HttpResponse:
        name = request.GET.get("name", "").strip()
        seconds = _patience(request)
        told = await self._known.ask(
            ("workstation", name),
            lambda: self._reader().workstation(checked_text(name)),
            seconds,
        )
        running: Told[Found] = Told()
        if isinstance(told.value, Found):
            pattern = f"{told.value.data['object']}#@.@"
            running = await self._known.ask(
                ("running at", pattern),
                lambda: self._reader().find(pattern, PER_PAGE, status="RUNNING"),
                seconds,
            )
        context = {"running": running, "pattern": f"{name}#@.@"}
        return await self._place(request, "workstation", name, told, context)

    async def resource(self, request: HttpRequest) -> HttpResponse:
        name = request.GET.get("name", "").strip()
        told = await self._known.ask(
            ("resource", name),
            lambda: self._reader().resource(checked_text(name)),
            _patience(request),
        )
        return await self._place(request, "resource", name, told, {})

    async def _object(self, request: HttpRequest, kind: one.Kind) -> HttpResponse:
        question = one.read_question(kind, request.GET)
        shown = await one.look_at(
            self._reader, self._known, question, seconds=_patience(request)
        )
        if shown.is_of_other_kind and PARTS not in request.GET:
            return HttpResponseRedirect(record_address(shown.record))
        context = {
            "shown": shown,
            "trouble": shown.trouble,
            "asked": question.name or question.id,
            "title": _title(shown.record, question.name),
        }
        status = _http_status(shown.trouble, missing=shown.not_found is not None)
        return await _page(request, "object", context, status)

    async def _place(
        self,
        request: HttpRequest,
        kind: str,
        name: str,
        told: Told[Any],
        context: Mapping[str, Any],
    ) -> HttpResponse:
        """A workstation or a resource."""
        trouble = await trouble_of(self._reader, told, _patience(request))
        value = told.value
        missing = isinstance(value, NotFound)
        shown = {
            "kind": kind,
            "asked": name,
            "told": told,
            "record": value.data if isinstance(value, Found) else None,
            "ambiguous": value if isinstance(value, Ambiguous) else None,
            "not_found": value if missing else None,
            "trouble": trouble,
        }
        status = _http_status(trouble, missing=missing)
        return await _page(request, "place", {**shown, **context}, status)


def _parts(request: HttpRequest) -> frozenset[str]:
    """Those that are asked for by name, with the age of what they tell; or all."""
    named = PARTS_OF_PLAN & set(request.GET.get(PARTS, "").split(","))
    return named | {"fresh"} if named else PARTS_OF_PLAN


def _patience(request: HttpRequest) -> float:
    return LATER_SECONDS if PARTS in request.GET else FIRST_SECONDS


def _http_status(
    trouble: Trouble | None, *, missing: bool = False, bad_request: bool = False
) -> int:
    if missing:
        return 404
    if bad_request:
        return 400
    return trouble.http_status if trouble else 200


def _title(record: Mapping[str, Any], asked: str) -> str:
    return str(record.get("name") or asked or _("Nothing was named"))


def _paging(page: int, matches: Told[Found], kind: str) -> dict[str, int]:
    """Numbers of the first and last match shown, and of the pages around."""
    total = matches.value.data[f"{kind}_total"] if matches.value else 0
    last = max(1, -(-total // PER_PAGE))
    first = (page - 1) * PER_PAGE + 1
    return {
        "total": total,
        "first": min(first, total),
        "last": min(page * PER_PAGE, total),
        "pages": last,
        "previous": min(page - 1, last),
        "next": page + 1 if page < last else 0,
    }


async def _page(
    request: HttpRequest, name: str, context: Mapping[str, Any], status: int
) -> HttpResponse:
    """The whole page, or only its parts; rendered beside the event loop."""
    parts = PARTS in request.GET
    template = f"tws/{name}_parts.html" if parts else f"tws/{name}.html"
    response = await sync_to_async(render, thread_sensitive=False)(
        request,
        template,
        {**context, "is_parts": parts},
        status=200 if parts else status,
    )
    response["Cache-Control"] = "no-store"
    return response
