"""Agents are edited here; conversations and turns are only looked at."""

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agents.models import AgentProfile, Conversation, Turn
from agents.profiles import FIELDS
from agents.tools.names import TOOL_NAMES

if TYPE_CHECKING:
    ProfileAdmin = admin.ModelAdmin[AgentProfile]
    ConversationAdminBase = admin.ModelAdmin[Conversation]
    TurnAdminBase = admin.ModelAdmin[Turn]
    ProfileForm = forms.ModelForm[AgentProfile]
    AnyAdmin = admin.ModelAdmin[models.Model]
else:
    ProfileAdmin = ConversationAdminBase = TurnAdminBase = AnyAdmin = admin.ModelAdmin
    ProfileForm = forms.ModelForm


class AgentProfileForm(ProfileForm):
    """Tools are ticked, not typed."""

    tools = forms.MultipleChoiceField(
        choices=[(name, name) for name in TOOL_NAMES],
        widget=forms.CheckboxSelectMultiple,
        required=False,  # the model says better what is wrong with none
    )

    class Meta:
        model = AgentProfile
        fields = FIELDS
        widgets = {
            "goal": forms.Textarea(attrs={"rows": 3}),
            "backstory": forms.Textarea(attrs={"rows": 4}),
        }


@admin.register(AgentProfile)
class AgentProfileAdmin(ProfileAdmin):
    """What an agent is told to be and which tools it may call."""

    form = AgentProfileForm
    list_display = (
        "id",
        "name",
        "role",
        "uses_model",
        "memory",
        "enabled",
        "updated_at",
    )
    list_filter = ("enabled", "memory")
    search_fields = ("id", "name", "role", "goal")

    def get_readonly_fields(
        self, request: HttpRequest, obj: AgentProfile | None = None
    ) -> tuple[str, ...]:
        """A changed id would be a new agent beside the old one."""
        return ("id",) if obj else ()

    @admin.display(description="model", ordering="model_name")
    def uses_model(self, profile: AgentProfile) -> str:
        return profile.model_name or "(LLM_MODEL)"


class ReadOnly(AnyAdmin):
    """To be looked at: what happened is not edited."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    """Who asked whom, and when."""

    list_display = ("title", "user", "agent_id", "updated_at")
    list_filter = ("agent_id",)
    list_select_related = ("user",)
    search_fields = ("title", "user__username")
    date_hierarchy = "created_at"


@admin.register(Turn)
class TurnAdmin(ReadOnly):
    """One question and what became of it."""

    list_display = (
        "question_start",
        "conversation",
        "number",
        "status",
        "mode",
        "created_at",
    )
    list_filter = ("status", "mode")
    list_select_related = ("conversation",)
    search_fields = ("question", "answer")
    date_hierarchy = "created_at"
    fields = (
        "conversation",
        "number",
        "status",
        "mode",
        "question",
        "answer",
        "error",
        "shown_tools",
        "shown_evidence",
        "shown_grounding",
        "shown_sources",
        "created_at",
        "finished_at",
    )

    @admin.display(description="question")
    def question_start(self, turn: Turn) -> str:
        return turn.question[:80]

    @admin.display(description="tools")
    def shown_tools(self, turn: Turn) -> SafeString:
        return _shown(turn.tools)

    @admin.display(description="evidence")
    def shown_evidence(self, turn: Turn) -> SafeString:
        return _shown(turn.evidence)

    @admin.display(description="grounding")
    def shown_grounding(self, turn: Turn) -> SafeString:
        return _shown(turn.grounding)

    @admin.display(description="sources")
    def shown_sources(self, turn: Turn) -> SafeString:
        return _shown(turn.sources)


def _shown(value: object) -> SafeString:
    """JSON with its structure visible, and harmless."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html("<pre>{}</pre>", text)
