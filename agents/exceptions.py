"""What can go wrong in the chat; each message is a whole sentence, safe to show.

AgentError
  UnknownAgent      no enabled agent has this id
  ProfileError      a profile, or a file of profiles, cannot be used
  EmptyQuestion     nothing was asked
  QuestionTooLong   more than a frame of the socket may hold
  UnknownConversation   not there, or another user's
  UnknownTurn       not there, or in another user's conversation
  NothingToRate     the answer is not finished, or not remembered
  TurnRunning       one question at a time in a conversation
  TooMany           slow down; carries when to come back
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


class EmptyQuestion(AgentError):
    """Write a question first: the message holds only spaces."""


class QuestionTooLong(AgentError):
    """The question is longer than 16 384 bytes: ask in fewer words."""


class UnknownConversation(AgentError):
    """There is no such conversation of yours: begin a new one."""


class UnknownTurn(AgentError):
    """There is no such answer in a conversation of yours."""


class NothingToRate(AgentError):
    """This answer is not remembered, so a rating would reach nobody."""


class TurnRunning(AgentError):
    """The last question is still being answered: wait for it or stop it."""


class TooMany(AgentError):
    """Too many questions in a short time."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"Too many questions in a short time: try again in {retry_after} s."
        )
