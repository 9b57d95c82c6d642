"""The page of one entry on the review desk, and the decisions posted from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from audit import review
from audit.exceptions import AuditError, UnknownEntry
from audit.models import AuditEntry, Decision
from audit.wording import refusal

if TYPE_CHECKING:
    from audit.admin import AuditEntryAdmin

LONGEST_SHOWN = 60_000
LIST = "admin:audit_auditentry_changelist"
PAGE = "admin:audit_auditentry_change"
VERBS = ("approve", "reject", "correct", "reopen", "undo")


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of evidence for the eye."""

    tool: str
    status: str
    read_at: str
    summary: str
    text: str
    cut: int = 0


def entry_page(
    desk: "AuditEntryAdmin", request: HttpRequest, object_id: str
) -> HttpResponse:
    entries = AuditEntry.objects.select_related("memory", "memory__user", "decided_by")
    number = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
    entry = entries.filter(pk=number).first()
    if not desk.has_view_permission(request, entry):
        raise PermissionDenied
    if entry is None:
        raise Http404(f"There is no audit entry {object_id}.")
    may_review = desk.has_review_permission(request)
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "media": desk.media,
        "title": _("Review entry %(number)s") % {"number": entry.pk},
        "entry": entry,
        "memory": entry.memory,
        "doubted_since": _doubted_since(entry),
        "evidence": [_shown(item) for item in _items(entry.memory.evidence)],
        "history": Decision.objects.filter(entry=entry).select_related("by"),
        "is_pending": entry.status == AuditEntry.Status.PENDING,
        "may_review": may_review,
        "may_undo": may_review and _may_undo(entry, request),
        "may_reopen": may_review and entry.status in review.REOPENABLE,
        "longest_text": review.LONGEST_TEXT,
        "undo_minutes": review.UNDO_WINDOW.seconds // 60,
        **_neighbours(entry),
    }
    return TemplateResponse(request, "admin/audit/auditentry/entry.html", context)


def decide(
    desk: "AuditEntryAdmin", request: HttpRequest, entry_id: int
) -> HttpResponse:
    """Carry out one verb, and go on to the next entry that waits."""
    if not desk.has_review_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    page = reverse(PAGE, args=[entry_id])
    try:
        entry = _carry_out(request, entry_id)
    except UnknownEntry as error:
        raise Http404(str(error)) from error
    except AuditError as error:
        desk.message_user(request, refusal(error), messages.ERROR)
        return HttpResponseRedirect(page)
    said = format_html(
        '{} <a href="{}">{}</a>',
        _("Entry %(number)s is %(status)s.")
        % {"number": entry_id, "status": entry.get_status_display()},
        page,
        _("Look at it again"),
    )
    desk.message_user(request, said, messages.SUCCESS)
    if entry.status == AuditEntry.Status.PENDING:
        return HttpResponseRedirect(page)
    return HttpResponseRedirect(_next_page(entry))


def _carry_out(request: HttpRequest, entry_id: int) -> AuditEntry:
    verb = request.POST.get("verb", "")
    comment = request.POST.get("comment", "")
    by = cast(User, request.user)
    match verb:
        case "approve":
            return review.approve(entry_id, by=by, comment=comment)
        case "reject":
            return review.reject(entry_id, by=by, comment=comment)
        case "correct":
            correction = request.POST.get("correction", "")
            return review.correct(
                entry_id, by=by, correction=correction, comment=comment
            )
        case "reopen":
            return review.reopen(entry_id, by=by, reason=comment)
        case "undo":
            return review.undo(entry_id, by=by)
    raise AuditError(f"Choose one of {', '.join(VERBS)}.")


def _may_undo(entry: AuditEntry, request: HttpRequest) -> bool:
    return (
        entry.decided_by_id == request.user.pk
        and entry.decided_at is not None
        and timezone.now() - entry.decided_at < review.UNDO_WINDOW
    )


def _doubted_since(entry: AuditEntry) -> bool:
    """Does the user say that it is wrong, after a person has approved it?"""
    memory = entry.memory
    return (
        entry.status == AuditEntry.Status.APPROVED
        and memory.is_discontent
        and memory.rated_at is not None
        and entry.decided_at is not None
        and memory.rated_at > entry.decided_at
    )


def _neighbours(entry: AuditEntry) -> dict[str, AuditEntry | None]:
    """The pending entries before and after this one, in the order of the list."""
    pending = AuditEntry.objects.pending()
    at, pk = entry.created_at, entry.pk
    earlier = pending.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    later = pending.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk))
    return {
        "previous": earlier.order_by("-created_at", "-id").first(),
        "following": later.oldest_first().first(),
    }


def _next_page(entry: AuditEntry) -> str:
    around = _neighbours(entry)
    following = around["following"] or around["previous"]
    return reverse(PAGE, args=[following.pk]) if following else reverse(LIST)


def _items(evidence: object) -> list[object]:
    return evidence if isinstance(evidence, list) else [evidence] if evidence else []


def _shown(item: object) -> Shown:
    result = item if isinstance(item, Mapping) else {"data": item}
    data = result.get("data") or {
        key: value for key, value in result.items() if key not in {"tool", "summary"}
    }
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return Shown(
        tool=_word(result.get("tool")) or _("evidence"),
        status=_word(result.get("status")),
        read_at=_word(result.get("read_at")),
        summary=_word(result.get("summary")) or _word(result.get("error")),
        text=text[:LONGEST_SHOWN],
        cut=max(len(text) - LONGEST_SHOWN, 0),
    )


def _word(value: Any) -> str:  # noqa: ANN401  # whatever a tool returned
    return str(value) if value is not None else ""
