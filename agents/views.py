"""The chat's page: the conversation so far, and what its script needs to go on."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from agents.doorkeeper import PERMISSION
from agents.models import AgentProfile, Conversation, Turn
from agents.questions import MOST_BYTES
from agents.rendering import render, render_plain
from agents.turn_rows import end_the_abandoned
from agents.wording import texts

TURNS_SHOWN = 50
CONVERSATIONS_SHOWN = 20
LONGEST_ASK = 2000


@dataclass(frozen=True)
class ShownTurn:
    """A turn with its texts as HTML."""

    turn: Turn

    @property
    def question(self) -> SafeString:
        return mark_safe(render_plain(self.turn.question))  # noqa: S308  escaped there

    @property
    def answer(self) -> SafeString:
        """Empty while it runs: the socket tells it again from its beginning."""
        if self.turn.status == Turn.Status.RUNNING:
            return SafeString()
        return mark_safe(render(self.turn.answer))  # noqa: S308  sanitised there

    def details(self) -> dict[str, Any]:
        """What the script shows beside the answer."""
        names = ("status", "mode", "tools", "sources", "grounding", "error")
        return {
            "turn": str(self.turn.pk),
            **{name: getattr(self.turn, name) for name in names},
        }


class ChatView(LoginRequiredMixin, PermissionRequiredMixin, TemplateView):
    """One conversation, or the beginning of one."""

    template_name = "agents/chat.html"
    permission_required = PERMISSION

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        conversation = self._conversation()
        turns = self._turns(conversation)
        agents = list(AgentProfile.objects.filter(enabled=True).order_by("name"))
        agent_id = self._agent_id(conversation, agents)
        return super().get_context_data(
            conversation=conversation,
            turns=turns,
            recent=self._own().order_by("-updated_at")[:CONVERSATIONS_SHOWN],
            agents=agents,
            agent_id=agent_id,
            agent_works=any(agent.id == agent_id for agent in agents),
            new_url=f"{reverse('chat')}?{urlencode({'agent': agent_id})}",
            examples=examples(),
            # Other pages put a question in; it is only sent by hand.
            ask=self.request.GET.get("ask", "")[:LONGEST_ASK],
            page={
                "agent": agent_id,
                "conversation": str(conversation.id) if conversation else None,
                "after": _seen(conversation, turns),
                "turns": [shown.details() for shown in turns],
                "longestFrame": MOST_BYTES,
                "texts": texts(),
            },
            **kwargs,
        )

    def _own(self) -> QuerySet[Conversation]:
        return Conversation.objects.filter(user=self.request.user.pk)

    def _conversation(self) -> Conversation | None:
        wanted = self.request.GET.get("c")
        if not wanted:
            return None
        try:
            found = self._own().filter(id=UUID(wanted)).first()
        except ValueError:
            found = None
        if found is None:
            raise Http404(wanted)
        end_the_abandoned(found.id)
        return found

    def _turns(self, conversation: Conversation | None) -> list[ShownTurn]:
        if conversation is None:
            return []
        newest = conversation.turns.order_by("-number").defer("evidence", "frames")
        return [ShownTurn(turn) for turn in reversed(newest[:TURNS_SHOWN])]

    def _agent_id(
        self, conversation: Conversation | None, agents: list[AgentProfile]
    ) -> str:
        if conversation is not None:
            return conversation.agent_id
        known = [agent.id for agent in agents]
        wanted = self.request.GET.get("agent")
        if wanted in known:
            return wanted
        return known[0] if known else ""


def _seen(conversation: Conversation | None, turns: list[ShownTurn]) -> int:
    """The number of the last frame that the page shows already."""
    if conversation is None:
        return 0
    newest = turns[-1].turn if turns else None
    if newest is not None and newest.status == Turn.Status.RUNNING:
        return (newest.first_seq or 1) - 1
    return conversation.next_seq - 1


def examples() -> list[str]:
    """Questions to begin with."""
    return [
        _("What is the state of the plan?"),
        _("Which jobs are in ABEND?"),
        _("Why does PAYROLL not run?"),
        _("Are all workstations up?"),
    ]
