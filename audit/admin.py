"""The review desk: the queue as a list, its filters and its bulk decisions."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import bulk, desk, queries, review, wording
from audit.calibration import precision
from audit.models import AuditEntry
from memory.models import LEAST_CONTENT

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices

    AuditEntryAdminBase = admin.ModelAdmin[AuditEntry]
else:
    AuditEntryAdminBase = admin.ModelAdmin

MOST_AT_ONCE = 1000
MOST_COUNTED = 9_999
ALL = "all"
Status = AuditEntry.Status
DECIDED_FIRST = (
    Status.APPROVED,
    Status.REJECTED,
    Status.PASSED,
    Status.WAITING,
    Status.JUDGING,
)


class StatusFilter(admin.SimpleListFilter):
    """What waits for a person is shown unless something else is asked for."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        counts = queries.counts_up_to(MOST_COUNTED)
        self.pending = _labelled(str(Status.PENDING.label), [counts[Status.PENDING]])
        self.all = _labelled(_("all"), counts.values())
        return [
            (one, _labelled(str(one.label), [counts[one]])) for one in DECIDED_FIRST
        ]

    def choices(self, changelist: ChangeList) -> Iterator["_ListFilterChoices"]:
        choices = [(None, self.pending), *self.lookup_choices, (ALL, self.all)]
        for value, label in choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value} if value else {},
                    [] if value else [self.parameter_name],
                ),
                "display": label,
            }

    def value(self) -> str | None:
        value = super().value()
        return None if value == Status.PENDING else value

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        if value == ALL:
            return queryset
        return queryset.filter(status=value or Status.PENDING)


def _labelled(label: str, counts: Collection[int]) -> str:
    """The label with a number, or with a bound where counting would take long."""
    known = [min(count, MOST_COUNTED) for count in counts]
    more = "+" if max(counts, default=0) > MOST_COUNTED else ""
    return f"{label} ({sum(known)}{more})"


class SeverityFilter(admin.SimpleListFilter):
    """How strong the doubt is."""

    title = gettext_lazy("severity")
    parameter_name = "severity"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        severity = AuditEntry.Severity
        return [
            (severity.QUARANTINED, _("quarantined (hidden until decided)")),
            (severity.FLAGGED, _("flagged (recalled meanwhile)")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        return queryset.filter(severity=value) if value else queryset


class RatingFilter(admin.SimpleListFilter):
    """What the user who asked says of the answer."""

    title = gettext_lazy("the user's word")
    parameter_name = "rating"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        return [
            ("wrong", _("it was wrong")),
            ("since", _("it was wrong, since it was approved")),
            ("helped", _("it helped")),
            ("none", _("nothing")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        return {
            "wrong": queryset.filter(memory__rating__lt=LEAST_CONTENT),
            "since": queryset.filter(queries.DOUBTED_SINCE_APPROVAL),
            "helped": queryset.filter(memory__rating__gte=LEAST_CONTENT),
            "none": queryset.filter(memory__rating=None),
        }.get(self.value() or "", queryset)


class CommentedActionForm(ActionForm):
    """The bar of the bulk actions, with room for the reason."""

    comment = forms.CharField(
        required=False,
        max_length=review.LONGEST_TEXT,
        label=gettext_lazy("Comment:"),
        widget=forms.TextInput(
            attrs={"placeholder": gettext_lazy("why, for the history")}
        ),
    )


@admin.register(AuditEntry)
class AuditEntryAdmin(AuditEntryAdminBase):
    """Entries are read here and decided; nothing about them can be edited."""

    list_display = (
        "asked",
        "answered",
        "doubt",
        "verdict",
        "state",
        "waits_since",
    )
    list_display_links = ("asked",)
    list_filter = (StatusFilter, SeverityFilter, RatingFilter)
    list_select_related = ("memory", "decided_by")
    list_per_page = 50
    search_fields = ("memory__question", "memory__answer")
    search_help_text = gettext_lazy("Words of the question or the answer")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("created_at", "id")
    action_form = CommentedActionForm
    actions = ("approve", "reject")
    actions_selection_counter = True

    class Media:
        css = {"all": ("audit/desk.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: AuditEntry | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: AuditEntry | None = None
    ) -> bool:
        return False

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audit.review_auditentry")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return (
            super().get_queryset(request).defer("memory__evidence", "memory__grounding")
        )

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide_view)
        return [
            path("<int:entry_id>/decide/", decide, name="audit_auditentry_decide"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Answers to review"),
            "oldest_pending": queries.oldest_pending(),
            "precision": precision(),
            "doubts": queries.said_to_be_wrong(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return desk.entry_page(self, request, object_id)

    def decide_view(self, request: HttpRequest, entry_id: int) -> HttpResponse:
        return desk.decide(self, request, entry_id)

    @admin.action(
        description=gettext_lazy("Approve the selected answers"), permissions=["review"]
    )
    def approve(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> None:
        self._decide_all(request, queryset, review.approve, bulk.APPROVED)

    @admin.action(
        description=gettext_lazy("Reject the selected answers for good"),
        permissions=["review"],
    )
    def reject(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> None:
        self._decide_all(request, queryset, review.reject, bulk.REJECTED)

    def _decide_all(
        self,
        request: HttpRequest,
        queryset: QuerySet[AuditEntry],
        verb: bulk.Verb,
        done: bulk.Done,
    ) -> None:
        outcome = bulk.decide_all(
            verb,
            queryset.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE],
            by=cast(User, request.user),
            comment=request.POST.get("comment", ""),
            done=done,
        )
        level = messages.SUCCESS if outcome.complete else messages.WARNING
        self.message_user(request, str(outcome), level)

    @admin.display(description=gettext_lazy("question"), ordering="memory__question")
    def asked(self, entry: AuditEntry) -> str:
        return Truncator(entry.memory.question).chars(120) or _("(empty)")

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, entry: AuditEntry) -> str:
        return Truncator(entry.memory.answer).chars(160)

    @admin.display(description=gettext_lazy("severity"), ordering="severity")
    def doubt(self, entry: AuditEntry) -> SafeString | str:
        badges = []
        if entry.severity:
            badges.append((entry.severity, "", entry.get_severity_display()))
        memory = entry.memory
        if memory.is_discontent:
            badges.append(("said-wrong", memory.rating_comment, _("it was wrong")))
        elif memory.rating is not None:
            badges.append(("said-helped", memory.rating_comment, _("it helped")))
        badge = '<span class="badge {}" title="{}">{}</span>'
        return format_html_join(" ", badge, badges) or "–"

    @admin.display(description=gettext_lazy("verdict"), ordering="confidence")
    def verdict(self, entry: AuditEntry) -> str:
        reason = Truncator(wording.reason(entry.reason)).chars(120)
        if entry.confidence is None:
            return reason or "–"
        said = _("incorrect") if entry.is_incorrect else _("correct")
        return f"{said}, {entry.confidence:.0%}: {reason}"

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, entry: AuditEntry) -> str:
        label = str(Status(entry.status).label)
        by = entry.decided_by
        if by is None:
            return label
        told = _("%(status)s by %(user)s")
        return told % {"status": label, "user": by.get_username()}

    @admin.display(description=gettext_lazy("since"), ordering="created_at")
    def waits_since(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            entry.created_at.isoformat(),
            f"{entry.created_at:%Y-%m-%d %H:%M} UTC",
            timesince(entry.created_at, timezone.now(), depth=1),
        )
