"""Turns profiles into runnable agents; one per process, made once."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Self

from agents.db import db
from agents.exceptions import UnknownAgent
from agents.llm.openai_chat import OpenAIChat, chat_model_from_settings
from agents.llm.port import ChatModel, LlmError, LlmRefused
from agents.models import AgentProfile
from agents.runtime import Agent, GuardedModel, Recall
from agents.tools.registry import toolbox
from agents.validators import tool_problems

if TYPE_CHECKING:
    from tws.reader import PlanReader

logger = logging.getLogger(__name__)

Health = tuple[Literal["ok", "degraded", "down"], str]


class AgentManager:
    """The agents of a process and what they share: one plan reader, one client.

    Everything is made at first use and once, however many sockets come first at the
    same moment. A reload swaps the agents; a running turn keeps the one it has.
    """

    def __init__(
        self,
        make_reader: "Callable[[], PlanReader]",
        make_model: Callable[[str], ChatModel] = chat_model_from_settings,
        memory: Recall | None = None,
    ) -> None:
        self._make_reader = make_reader
        self._make_model = make_model
        self._memory = memory
        self._reader: PlanReader | None = None
        self._models: dict[str, GuardedModel] = {}
        self._agents: dict[str, Agent] | None = None
        self._loading = asyncio.Lock()
        # Not the lock above: a view in a thread may ask for the reader, too.
        self._making = threading.Lock()

    @classmethod
    def from_settings(cls, memory: Recall | None = None) -> Self:
        from tws.reader import reader_from_settings

        return cls(reader_from_settings, chat_model_from_settings, memory)

    @property
    def reader(self) -> "PlanReader":
        """The one reader of the plan; usable outside a turn."""
        with self._making:
            if self._reader is None:
                self._reader = self._make_reader()
            return self._reader

    async def get(self, agent_id: str) -> Agent:
        """The agent with this id.

        Raises:
            UnknownAgent: there is none, or it is disabled.
        """
        agents = await self._loaded()
        if agent_id not in agents:
            raise UnknownAgent(agent_id, sorted(agents))
        return agents[agent_id]

    async def all(self) -> list[Agent]:
        """The enabled agents, by id."""
        return list((await self._loaded()).values())

    async def reload(self) -> None:
        """Read the profiles anew; the old agents stay when that fails."""
        async with self._loading:
            self._agents = await self._load()

    async def model_health(self) -> Health:
        """Whether answers come from a model, and why not."""
        guarded = self._guarded("")
        model = guarded.model
        if not isinstance(model, OpenAIChat):
            return (
                "degraded",
                "No model is configured (LLM_BASE_URL): answers are computed.",
            )
        try:
            await model.ping()
        except LlmRefused as error:
            return "down", str(error)
        except LlmError as error:
            return "down", f"{error} Answers are computed meanwhile."
        if guarded.breaker.last_error is not None:
            return "degraded", f"The last answer failed: {guarded.breaker.last_error}"
        return "ok", f"The endpoint of the model {model.name} answers."

    async def aclose(self) -> None:
        """Close what was opened; a manager that is used again opens it anew."""
        async with self._loading:
            models, self._models = self._models, {}
            reader, self._reader = self._reader, None
            self._agents = None
            for guarded in models.values():
                await guarded.model.aclose()
            if reader is not None:
                await reader.aclose()

    async def _loaded(self) -> dict[str, Agent]:
        async with self._loading:
            if self._agents is None:
                self._agents = await self._load()
            return self._agents

    async def _load(self) -> dict[str, Agent]:
        profiles = await db(_enabled_profiles)()
        return {str(profile.pk): self._agent(profile) for profile in profiles}

    def _agent(self, profile: AgentProfile) -> Agent:
        return Agent(
            profile,
            toolbox(profile.tools, lambda: self.reader),
            self._guarded(profile.model_name),
            self._memory,
        )

    def _guarded(self, model_name: str) -> GuardedModel:
        """One model and one breaker for all agents that name the same."""
        with self._making:
            if model_name not in self._models:
                self._models[model_name] = GuardedModel(self._make_model(model_name))
            return self._models[model_name]


def _enabled_profiles() -> list[AgentProfile]:
    """What can run; a row that came in past ``save`` with wrong tools cannot."""
    usable = []
    for profile in AgentProfile.objects.filter(enabled=True).order_by("id"):
        problems = tool_problems(profile.tools)
        if problems:
            logger.error(
                "agent left out: %s",
                "; ".join(problems),
                extra={"action": "agent_left_out", "agent": profile.pk},
            )
        else:
            usable.append(profile)
    return usable
