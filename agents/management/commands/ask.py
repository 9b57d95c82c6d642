"""``manage.py ask QUESTION``: one turn from the terminal."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from agents.exceptions import AgentError
from agents.frames import Frame
from agents.llm.openai_chat import chat_model_from_settings
from agents.manager import AgentManager
from agents.turns import TurnRunner
from memory.gateway import KnowledgeGraph, knowledge_graph
from tws.exceptions import TwsError
from tws.reader import reader_from_settings

NO_AGENTS = (
    "There are no agents yet: run manage.py load_agents agents/fixtures/agents.json."
)
PREFERRED = "tws-troubleshooter"


class Command(BaseCommand):
    """The same turn that a socket would have, with the same memory of it."""

    help = (
        "Ask an agent about the plan."
        ' Example: manage.py ask "Quais jobs falharam?" --agent tws-analyzer --json'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question", metavar="QUESTION")
        parser.add_argument(
            "--agent", metavar="ID", help=f"which agent to ask (default: {PREFERRED})"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document"
        )

    def handle(self, *_: Any, question: str, **options: Any) -> None:
        tell = self._tell_json if options["json"] else self._tell
        try:
            problem = async_to_sync(tell)(question, options["agent"])
        except (AgentError, TwsError) as error:
            self._fail(str(error), error, as_json=options["json"])
        except DatabaseError as error:
            told = str(error).strip().splitlines() or ["it does not answer"]
            problem = (
                f"The database cannot be used: {told[0]}. If it is new, run "
                "manage.py migrate."
            )
            self._fail(problem, error, as_json=options["json"])
        if problem:
            raise CommandError(problem)

    def _fail(self, problem: str, cause: Exception, *, as_json: bool) -> NoReturn:
        if as_json:
            failure = {"error": "failed", "detail": problem}
            self.stdout.write(json.dumps(failure, ensure_ascii=False))
        raise CommandError(problem) from cause

    async def _tell_json(self, question: str, agent: str | None) -> str:
        async with self._runner() as runner:
            result = await runner.ask(
                user=None, agent_id=agent or await _default(runner), message=question
            )
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        return _problem(result["status"], result["error"])

    async def _tell(self, question: str, agent: str | None) -> str:
        """Stream the answer as it comes; the tools are told beside it."""
        final: Frame = {}
        async with self._runner() as runner:
            frames = runner.stream(
                user=None, agent_id=agent or await _default(runner), message=question
            )
            async for frame in frames:
                self._tell_frame(frame)
                final = frame
        self.stdout.write("")
        return _problem(final.get("status", "failed"), final.get("error", ""))

    def _tell_frame(self, frame: Frame) -> None:
        if frame["type"] == "stream":
            self.stdout.write(frame["message"], ending="")
            self.stdout.flush()
        elif frame["type"] == "tool" and frame["state"] != "running":
            arguments = json.dumps(frame["arguments"], ensure_ascii=False)
            line = f"· {frame['name']} {arguments}: {frame['state']}, {frame['ms']} ms"
            self.stderr.write(self.style.NOTICE(line))

    @asynccontextmanager
    async def _runner(self) -> AsyncIterator[TurnRunner]:
        memory = knowledge_graph()
        if settings.TWS_URLS:
            manager = AgentManager.from_settings(memory)
            async with _closing(manager, memory) as runner:
                yield runner
            return
        from tws.simulator import serve

        self.stderr.write("TWS_URL is not set: this is the simulator's plan 'night'.")
        with serve("night") as simulator:
            manager = AgentManager(
                lambda: reader_from_settings(url=simulator.url),
                chat_model_from_settings,
                memory,
            )
            async with _closing(manager, memory) as runner:
                yield runner


@asynccontextmanager
async def _closing(
    manager: AgentManager, memory: KnowledgeGraph
) -> AsyncIterator[TurnRunner]:
    runner = TurnRunner(manager, memory)
    try:
        yield runner
    finally:
        await runner.aclose()
        await manager.aclose()
        await memory.settle()


async def _default(runner: TurnRunner) -> str:
    ids = [agent.id for agent in await runner.manager.all()]
    if not ids:
        raise AgentError(NO_AGENTS)
    return PREFERRED if PREFERRED in ids else ids[0]


def _problem(status: str, error: str) -> str:
    """What to say on stderr; nothing when the question was answered."""
    if status in {"ok", "truncated"}:
        return ""
    return error or f"The turn ended as {status}."
