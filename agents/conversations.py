"""What a conversation has told its sockets: numbered frames, kept for those who resume."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from agents.exceptions import UnknownConversation
from agents.frames import Frame, encode

if TYPE_CHECKING:
    from agents.outcome import Outcome
    from agents.running import RunningTurn

# Above the longest answer with its tools, so that a whole turn can be resumed.
MOST_FRAMES = 4096
MOST_BYTES = 524_288
FARTHEST_AHEAD = 100_000


class Follower(Protocol):
    """Somebody who is told the frames of a conversation as they come."""

    def deliver(self, log: "ConversationLog", seq: int, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A frame that has been told, encoded once for all followers."""

    seq: int
    text: str


class ConversationLog:
    """The frames of one conversation in this process, and who listens.

    Every frame passes through here, also the answer to a ping: so whoever follows
    sees numbers that rise by one, and a number means the same to every socket.
    """

    def __init__(
        self,
        conversation_id: UUID,
        user_id: int | None,
        agent_id: str,
        *,
        next_seq: int = 1,
        frames: Iterable[Frame] = (),
    ) -> None:
        self.id = conversation_id
        self.user_id = user_id
        self.agent_id = agent_id
        self.next_seq = next_seq
        self.followers: set[Follower] = set()
        self.running: RunningTurn | None = None
        self.starting = asyncio.Lock()
        # A turn that another process runs, followed through its row.
        self.watched: asyncio.Task[Outcome | None] | None = None
        # How the newest turn ended, when its process died before it could tell.
        self.untold: Outcome | None = None
        self._told: deque[Told] = deque()
        self._bytes = 0
        for frame in frames:
            self._keep(Told(frame["seq"], encode(frame)))

    def must_be_with(self, agent_id: str) -> None:
        """Refuse to hold one conversation with two agents.

        Raises:
            UnknownConversation: it is held with another agent.
        """
        if self.agent_id != agent_id:
            raise UnknownConversation(
                f"This conversation is held with the agent “{self.agent_id}”: "
                "ask that one, or begin a new conversation."
            )

    def append(self, frame: Frame) -> Frame:
        """Number a frame, keep it and tell the followers."""
        numbered = {**frame, "conversation": str(self.id), "seq": self.next_seq}
        told = Told(self.next_seq, encode(numbered))
        self.next_seq += 1
        self._keep(told)
        for follower in tuple(self.followers):
            follower.deliver(self, told.seq, told.text)
        return numbered

    def since(self, after: int) -> list[Told]:
        return [told for told in self._told if told.seq > after]

    def catch_up(self, seen: int) -> None:
        """Go on from the number that a client has seen, if it is ahead of ours.

        A process that was killed had told more than it could save. What a client
        claims is believed only within reason, and not while others follow: for them
        the numbers must rise by one.
        """
        if self.followers:
            return
        if self.next_seq <= seen < self.next_seq + FARTHEST_AHEAD:
            self.next_seq = seen + 1

    def adopt(self, frames: Iterable[Frame], next_seq: int) -> None:
        """Take over what another process has told since."""
        for frame in frames:
            if frame["seq"] >= self.next_seq:
                self._keep(Told(frame["seq"], encode(frame)))
        self.next_seq = max(self.next_seq, next_seq)

    def _keep(self, told: Told) -> None:
        self._told.append(told)
        self._bytes += len(told.text)
        while len(self._told) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self._bytes -= len(self._told.popleft().text)


class ConversationShelf:
    """The logs that somebody may still come back for, the longest unused dropped first."""

    def __init__(self, *, most: int = 1000) -> None:
        self.most = most
        self._logs: dict[UUID, ConversationLog] = {}

    def get(self, conversation_id: UUID) -> ConversationLog | None:
        log = self._logs.pop(conversation_id, None)
        if log is not None:
            self._logs[conversation_id] = log  # now the last used
        return log

    def put(self, log: ConversationLog) -> ConversationLog:
        """Add a log; if another came first, that one stays and is returned."""
        kept = self._logs.setdefault(log.id, log)
        if len(self._logs) > self.most:
            self._drop_unused()
        return kept

    def _drop_unused(self) -> None:
        for log in list(self._logs.values()):
            if len(self._logs) <= self.most:
                return
            if log.running is None and not log.followers:
                del self._logs[log.id]
