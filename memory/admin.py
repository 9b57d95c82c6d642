"""Memories in the Django admin: evidence to read; decisions are the review desk's."""

import json
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from memory.models import MAX_INDEX_ATTEMPTS, Memory

if TYPE_CHECKING:
    MemoryAdminBase = admin.ModelAdmin[Memory]
else:
    MemoryAdminBase = admin.ModelAdmin

SHOWN_LIMIT = 20_000


class IndexedFilter(admin.SimpleListFilter):
    """Is it found by meaning?"""

    title = _("index")
    parameter_name = "index"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Memory]"
    ) -> list[tuple[str, str]]:
        return [
            ("yes", gettext("indexed")),
            ("no", gettext("not indexed yet")),
            ("never", gettext("given up")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Memory]
    ) -> QuerySet[Memory]:
        return {
            "yes": queryset.filter(indexed_at__isnull=False),
            "no": queryset.filter(indexed_at=None),
            "never": queryset.filter(
                indexed_at=None, index_attempts__gte=MAX_INDEX_ATTEMPTS
            ),
        }.get(self.value() or "", queryset)


@admin.register(Memory)
class MemoryAdmin(MemoryAdminBase):
    """Read-only: a memory's text never changes, and its state by a decision alone."""

    list_display = (
        "question_start",
        "agent_id",
        "user",
        "state",
        "trust",
        "doubted",
        "created_at",
        "index_attempts",
    )
    list_filter = ("state", "trust", "doubted", IndexedFilter, "agent_id", "created_at")
    search_fields = ("question", "answer")
    search_help_text = _("Words of the question or the answer")
    ordering = ("-created_at", "-id")
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("question", "answer", "correction", "evidence_text")}),
        (_("State"), {"fields": ("state", "twin_of", "trust", "doubted")}),
        (_("The user's word"), {"fields": ("rating", "rating_comment", "rated_at")}),
        (
            _("Where it came from"),
            {
                "fields": (
                    "id",
                    "turn_id",
                    "conversation_id",
                    "user",
                    "agent_id",
                    "mode",
                    "grounding_text",
                    "created_at",
                )
            },
        ),
        (
            _("Index"),
            {
                "fields": (
                    "indexed_at",
                    "index_attempts",
                    "index_after",
                    "index_error",
                    "content_hash",
                )
            },
        ),
    )

    @admin.display(description=_("question"), ordering="question")
    def question_start(self, memory: Memory) -> str:
        return memory.question[:120] or "-"

    @admin.display(description=_("evidence"))
    def evidence_text(self, memory: Memory) -> SafeString:
        return _pretty(memory.evidence)

    @admin.display(description=_("grounding"))
    def grounding_text(self, memory: Memory) -> SafeString:
        return _pretty(memory.grounding)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Memory]:
        """A list without what only the page of one memory shows."""
        queryset = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "memory_memory_changelist":
            return queryset.defer("evidence", "grounding", "answer")
        return queryset

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Memory | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Memory | None = None
    ) -> bool:
        return False


def _pretty(value: object) -> SafeString:
    shown = json.dumps(value, indent=2, ensure_ascii=False)
    if len(shown) > SHOWN_LIMIT:
        shown = shown[:SHOWN_LIMIT] + "\n… (more is stored)"
    return format_html("<pre>{}</pre>", shown)
