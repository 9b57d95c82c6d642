"""A question while it is being answered: what its events make of frames, text and evidence."""

import asyncio
from dataclasses import asdict
from typing import Literal
from uuid import UUID

from agents.conversations import ConversationLog
from agents.events import Answered, Event, Piece, ToolUse, TurnStatus
from agents.frames import Frame
from agents.llm.port import Mode
from agents.llm.text import clean
from agents.outcome import JsonDict, Outcome
from agents.rendering import render_plain
from agents.text import clean_json, cut, cut_with_mark
from agents.turn_rows import NewTurn, Progress

# Pieces that come within this time go out as one frame: the browser paints less.
FLUSH_SECONDS = 0.04
LONGEST_ANSWER = 32_768
LONGEST_OUTPUT = 8_192
TOO_LONG = "The answer was longer than 32 KiB and has been cut."
NO_ANSWER = "The answer could not be finished: ask again."

# Why a turn is told to end before it has answered.
Ending = Literal["stopped", "interrupted", "failed"]


class RunningTurn:
    """One turn of this process, from the echo of the question to the final frame."""

    def __init__(
        self,
        turn_id: UUID,
        log: ConversationLog,
        question: str,
        client_id: UUID | None,
    ) -> None:
        self.id = turn_id
        self.log = log
        self.question = question
        self.client_id = client_id
        self.first_seq = log.next_seq
        self.frames: list[Frame] = []
        self.answered: Answered | None = None
        self.outcome: Outcome | None = None
        self.ending: Ending | None = None
        self.reason = ""
        self.told_to_end = asyncio.Event()
        self.over = asyncio.Event()  # the final frame has been told
        self.saved = asyncio.Event()  # and the row says so too
        self._answer = ""
        self._room = LONGEST_ANSWER
        self._pending: list[str] = []
        self._full = False
        self._concluded = False
        self._flush: asyncio.TimerHandle | None = None
        self._tools: dict[str, JsonDict] = {}
        self._evidence: list[JsonDict] = []
        self.version = 0  # rises with everything that is worth saving

    def row(self) -> NewTurn:
        """The row to begin with."""
        return NewTurn(
            id=self.id,
            conversation_id=self.log.id,
            user_id=self.log.user_id,
            agent_id=self.log.agent_id,
            question=self.question,
            client_id=self.client_id,
            first_seq=self.log.next_seq,
        )

    def echo(self) -> None:
        """Tell the question to everybody who follows the conversation."""
        self.first_seq = self.log.next_seq
        self._tell(
            {
                "type": "message",
                "sender": "user",
                "is_final": False,
                "message": self.question,
                "html": render_plain(self.question),
                "client_id": str(self.client_id) if self.client_id else None,
            }
        )

    def end(self, ending: Ending, reason: str = "") -> None:
        """Ask the turn to end; the first who asks decides how."""
        if self.ending is None:
            self.ending, self.reason = ending, reason
        self.told_to_end.set()

    def take(self, event: Event) -> None:
        """Turn one event of the agent into what is told and kept."""
        if self._concluded:
            return  # from an agent that did not let go when it was told to
        if isinstance(event, Piece):
            self._take_text(clean(event.text))
        elif isinstance(event, ToolUse):
            self.flush()
            self._take_tool(event)
        else:
            self.answered = event

    def _take_text(self, text: str) -> None:
        kept = cut(text, self._room)
        self._full = self._full or len(kept) < len(text)
        if not kept:
            return
        self._answer += kept
        self._room -= len(kept.encode())
        self._pending.append(kept)
        self.version += 1
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Tell the pieces that wait."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._tell({"type": "stream", "sender": "agent", "message": text})

    def _take_tool(self, event: ToolUse) -> None:
        call: JsonDict = clean_json(
            {
                "call_id": event.call_id,
                "name": event.name,
                "arguments": event.arguments,
                "output": cut_with_mark(clean(event.output), LONGEST_OUTPUT),
                "ms": event.ms,
            }
        )
        self._tools[event.call_id] = {**call, "status": event.state}
        if event.result is not None:
            self._evidence.append(clean_json(event.result))
        self.version += 1
        self._tell({"type": "tool", **call, "state": event.state})

    def _tell(self, frame: Frame) -> None:
        self.frames.append(self.log.append({**frame, "turn": str(self.id)}))

    def progress(self) -> Progress:
        self.flush()  # what is saved has been told
        return Progress(
            turn_id=self.id,
            conversation_id=self.log.id,
            answer=self._answer,
            tools=list(self._tools.values()),
            frames=list(self.frames),
            first_seq=self.first_seq,
            next_seq=self.log.next_seq,
        )

    def conclude(self, mode: Mode) -> Outcome:
        """How the turn ended; ``mode`` is the agent's, for a turn that never answered."""
        answered = self.answered
        if answered is None:
            outcome = self._outcome(self.ending or "failed", mode, self._unfinished())
        else:
            self._tell_the_rest(clean(answered.text))
            if self._full and answered.status == "ok":
                outcome = self._outcome("truncated", answered.mode, TOO_LONG)
            else:
                error = clean(answered.error)
                outcome = self._outcome(answered.status, answered.mode, error)
        self.flush()
        self._concluded = True
        if outcome.status == "failed":
            message = outcome.error or NO_ANSWER
            self._tell({"type": "error", "code": "turn_failed", "message": message})
        return outcome

    def _unfinished(self) -> str:
        return "" if self.ending == "stopped" else self.reason or NO_ANSWER

    def _tell_the_rest(self, whole: str) -> None:
        """The pieces joined are the answer; what the agent did not stream follows."""
        if whole.startswith(self._answer):
            self._take_text(whole.removeprefix(self._answer))

    def _outcome(self, status: TurnStatus, mode: Mode, error: str) -> Outcome:
        answered = self.answered
        return Outcome(
            turn_id=self.id,
            conversation_id=self.log.id,
            agent_id=self.log.agent_id,
            question=self.question,
            answer=self._answer,
            status=status,
            mode=mode,
            tools=[_ended(tool) for tool in self._tools.values()],
            sources=clean_json([asdict(source) for source in answered.sources])
            if answered
            else [],
            grounding=clean_json(answered.grounding) if answered else {},
            evidence=self._all_evidence(),
            error=error,
        )

    def _all_evidence(self) -> list[JsonDict]:
        if self.answered is None or not self.answered.evidence:
            return self._evidence
        evidence: list[JsonDict] = clean_json(self.answered.evidence)
        return evidence

    def tell_the_end(self, frame: Frame, outcome: Outcome) -> None:
        """Tell the final frame."""
        self._tell(frame)
        self.outcome = outcome
        self.over.set()

    def give_up(self) -> None:
        """Tell an end with what is surely at hand, when the real one broke down."""
        if self.over.is_set():
            return
        self._concluded = True
        outcome = Outcome(
            turn_id=self.id,
            conversation_id=self.log.id,
            agent_id=self.log.agent_id,
            question=self.question,
            answer=self._answer,
            status="failed",
            mode="computed",
            error=NO_ANSWER,
        )
        self.tell_the_end(outcome.frame_of(render_plain(self._answer)), outcome)


def _ended(tool: JsonDict) -> JsonDict:
    """A tool that was running when the turn ended did not end well."""
    return {**tool, "status": "failed"} if tool["status"] == "running" else tool
