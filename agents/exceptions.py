"""What can go wrong in the chat; each message is a whole sentence, safe to show.

AgentError
  UnknownAgent      no enabled agent has this id
  ProfileError      a profile, or a file of profiles, cannot be used
  BudgetSpent       a turn used up its seconds, rounds, calls or tokens
"""


class AgentError(Exception):
    """Something went wrong in the chat."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class UnknownAgent(AgentError):
    """There is no such agent."""

    def __init__(self, agent_id: str, known: list[str]) -> None:
        self.agent_id = agent_id
        shown = agent_id if len(agent_id) <= 60 else agent_id[:60] + "…"
        agents = ", ".join(known) or "none; load some with `manage.py load_agents FILE`"
        super().__init__(f"There is no agent called “{shown}”. Agents: {agents}.")


class ProfileError(AgentError):
    """The agent profile cannot be used."""


class BudgetSpent(AgentError):
    """The turn has used up its budget."""
