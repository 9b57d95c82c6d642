"""The task behind a running turn: drives the agent, saves, ends in time whatever happens."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from django.db import DataError
from django.db import Error as DatabaseFailure

from agents.db import db
from agents.events import Event
from agents.llm.port import Mode
from agents.outcome import Outcome
from agents.prompts import HistoryItem
from agents.running import RunningTurn
from agents.turn_rows import finish, save_progress

logger = logging.getLogger(__name__)

SAVE_EVERY_SECONDS = 1.0
# After a stop the final frame is due within a second: what an agent and a database
# may take of it.
LET_GO_SECONDS = 0.3
SAVE_PATIENCE_SECONDS = 0.5
# The agent's own deadline comes first, so that it can still say what it has found.
MARGIN_SECONDS = 1.0
PAUSES_BETWEEN_SAVES = (0.2, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
TOOK_TOO_LONG = "The answer took too long and was ended: ask again, or ask for less."
BROKE_DOWN = "Something broke while answering. The log of the server says what."
NOBODY_LISTENED = "Nobody was listening any more, so the answer was ended."


class RunnableAgent(Protocol):
    """What a turn needs of an agent."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def mode(self) -> Mode: ...

    def run(
        self, question: str, *, history: Sequence[HistoryItem], deadline: float
    ) -> AsyncIterator[Event]: ...


class TurnTask:
    """Runs one turn from the first event to the saved row."""

    def __init__(
        self, turn: RunningTurn, agent: RunnableAgent, *, seconds: float, grace: float
    ) -> None:
        self.turn = turn
        self.agent = agent
        self.seconds = seconds
        self.grace = grace
        self._saving: asyncio.Task[None] | None = None
        self._alone_since: float | None = None

    async def run(self, history: Sequence[HistoryItem]) -> Outcome:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.seconds - min(MARGIN_SECONDS, self.seconds / 10)
        work = asyncio.create_task(self._consume(history, deadline))
        ended = asyncio.create_task(self.turn.told_to_end.wait())
        try:
            while not work.done() and not ended.done():
                await self._one_second(work, ended, deadline)
        finally:
            ended.cancel()
            work.cancel()
        # An agent that does not let go is left behind: the operator waits no longer.
        await asyncio.wait({work}, timeout=LET_GO_SECONDS)
        return await self._conclude()

    async def _consume(self, history: Sequence[HistoryItem], deadline: float) -> None:
        agent, turn = self.agent, self.turn
        # The agent's own deadline is a little earlier than the hard one.
        events = agent.run(
            turn.question,
            history=history,
            deadline=deadline - min(MARGIN_SECONDS, self.seconds / 10),
        )
        try:
            async for event in events:
                turn.take(event)
        except Exception:
            logger.exception("turn broke down", extra={"turn_id": str(turn.id)})
            turn.end("failed", BROKE_DOWN)

    async def _one_second(
        self,
        work: asyncio.Task[None],
        ended: asyncio.Task[bool],
        deadline: float,
    ) -> None:
        now = asyncio.get_running_loop().time()
        if now >= deadline:
            self.turn.end("failed", TOOK_TOO_LONG)
        elif self._nobody_listens(now):
            self.turn.end("interrupted", NOBODY_LISTENED)
        elif self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_progress())
        await asyncio.wait(
            {work, ended},
            timeout=max(0.0, min(SAVE_EVERY_SECONDS, deadline - now)),
            return_when=asyncio.FIRST_COMPLETED,
        )

    def _nobody_listens(self, now: float) -> bool:
        if self.turn.log.followers:
            self._alone_since = None
            return False
        if self._alone_since is None:
            self._alone_since = now
        return now - self._alone_since >= self.grace

    async def _save_progress(self) -> None:
        turn = self.turn
        try:
            status = await db(save_progress)(turn.progress())
        except DatabaseFailure:
            # The next second tries again; the text is in memory until then.
            logger.warning("turn not saved yet", extra={"turn_id": str(turn.id)})
            return
        if status != "running":
            turn.end("stopped" if status == "stopped" else "interrupted")

    async def _conclude(self) -> Outcome:
        turn = self.turn
        outcome = turn.conclude(self.agent.mode)
        frame = await asyncio.to_thread(outcome.frame)
        saving = asyncio.create_task(self._save_the_end(outcome))
        # Saved first, so that whoever reads the final frame finds the row; but a slow
        # database must not hold it back.
        await asyncio.wait({saving}, timeout=SAVE_PATIENCE_SECONDS)
        turn.tell_the_end(frame, outcome)
        logger.info(
            "turn ended",
            extra={
                "action": "turn_ended",
                "turn_id": str(turn.id),
                "status": outcome.status,
                "mode": outcome.mode,
                "tools": len(outcome.tools),
            },
        )
        await saving
        return outcome

    async def _save_the_end(self, outcome: Outcome) -> None:
        progress = self.turn.progress()
        if self._saving is not None:
            await asyncio.wait({self._saving})
        for pause in (*PAUSES_BETWEEN_SAVES, None):
            try:
                await db(finish)(outcome, progress)
            except DataError:
                logger.exception("the end of a turn cannot be saved")
                break  # the same data would be refused again
            except DatabaseFailure:
                logger.exception("the end of a turn was not saved")
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                break
        self.turn.saved.set()
