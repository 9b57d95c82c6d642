"""The chat's sockets on a real server, with agents that do what the question says."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from agents.events import Answered, Event, Piece, Source, ToolUse
from agents.exceptions import UnknownAgent
from tests.fakes.asgi import Routed, made

GROUNDING = {"supported": 2, "unsupported": 1, "claims": [{"text": "w0"}]}
SOURCE = Source("0b", "What was it last time?", "2026-11-20T03:00:00+00:00", "passed")
EVIDENCE = {"tool": "TWSStatusTool", "status": "ok", "data": {"counts": {"ABEND": 1}}}


@dataclass
class ScriptedAgent:
    """Reads its script from the question: ``words 5 0.1``, ``crash``, ``hang`` …"""

    id: str
    name: str
    mode: str = "computed"
    histories: list[list[Any]] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)

    async def run(
        self, question: str, *, history: Sequence[Any], deadline: float
    ) -> AsyncIterator[Event]:
        self.histories.append(list(history))
        verb, *arguments = question.split()
        script = SCRIPTS.get(verb, echo)
        try:
            async for event in script(question, arguments):
                yield event
        except asyncio.CancelledError:
            self.aborted.append(question)
            raise


async def echo(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    yield Piece("You asked: ")
    yield Piece(question)
    yield Answered(f"You asked: {question}", "ok", "computed")


async def words(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    count, pause = int(arguments[0]), float(arguments[1])
    for number in range(count):
        yield Piece(f"w{number} ")
        await asyncio.sleep(pause)
    text = "".join(f"w{number} " for number in range(count))
    yield Answered(text, "ok", "llm", [SOURCE], GROUNDING, [EVIDENCE])


async def tool(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    use = ("c1", "TWSStatusTool", {"job": arguments[0] if arguments else "X"})
    yield ToolUse(*use, "running")
    await asyncio.sleep(0.05)
    yield ToolUse(*use, "ok", output="1 job in ABEND", ms=50, result=EVIDENCE)
    yield Piece("One job is in **ABEND**.")
    yield Answered("One job is in **ABEND**.", "ok", "computed", [], GROUNDING)


async def crash(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    yield Piece("So far ")
    await asyncio.sleep(0.1)
    msg = "the agent broke"
    raise RuntimeError(msg)


async def failed(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    yield Piece("TWS cannot be read.")
    yield Answered(
        "TWS cannot be read.", "failed", "computed", error="TWS: connection refused."
    )


async def hang(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    yield Piece("One moment")
    await asyncio.sleep(3600)


async def stubborn(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    yield Piece("I do not stop")
    for _ in range(20):
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            continue
        yield Piece("!")


async def foreign(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    text = "a\0b \ud83d c <script>alert(1)</script>"
    use = ("c1", "X\0", {"a\0": "\udc00", "n": float("nan")}, "ok")
    yield ToolUse(*use, "o\0\ud800", 1, {"tool": "X", "data": {"log": "\0\udfff"}})
    yield Piece(text)
    yield Answered(text, "ok", "computed", evidence=[{"log": "\0\udfff"}])


async def long(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    for _ in range(50):
        yield Piece("ä" * 500)
    yield Answered("ä" * 25_000, "ok", "computed")


async def slow_query(question: str, arguments: list[str]) -> AsyncIterator[Event]:
    """``slow_query own 2``: on a thread of its own; ``shared``: on the one of Django."""
    from asgiref.sync import sync_to_async

    from agents.db import db

    wrap: Callable[[Any], Callable[..., Awaitable[None]]] = (
        db if arguments[0] == "own" else sync_to_async
    )
    yield Piece("querying ")
    await wrap(_pg_sleep)(float(arguments[1]))
    yield Answered("querying ", "ok", "computed")


def _pg_sleep(seconds: float) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


SCRIPTS: dict[str, Callable[[str, list[str]], AsyncIterator[Event]]] = {
    script.__name__: script
    for script in (
        *(words, tool, crash, failed, hang, stubborn, foreign, long),
        slow_query,
    )
}


class ScriptedManager:
    """Two agents, as the product ships."""

    def __init__(self) -> None:
        self.agents = {
            agent.id: agent
            for agent in (
                ScriptedAgent("tws-analyzer", "TWS Analyzer"),
                ScriptedAgent("tws-troubleshooter", "TWS Troubleshooter", mode="llm"),
            )
        }

    async def get(self, agent_id: str) -> ScriptedAgent:
        if agent_id not in self.agents:
            raise UnknownAgent(agent_id, sorted(self.agents))
        return self.agents[agent_id]

    async def all(self) -> list[ScriptedAgent]:
        return list(self.agents.values())


class Notebook:
    """A memory that keeps what it is told; questions with “unkept” are refused."""

    def __init__(self) -> None:
        self.turns: list[Any] = []

    async def remember(self, turn: Any) -> UUID:
        from memory.exceptions import MemoryUnavailable

        if "unkept" in turn.question:
            raise MemoryUnavailable("The memory is full.")
        self.turns.append(turn)
        return uuid4()


class Rows:
    """A memory that keeps its rows, with all that listens to them, and no index."""

    async def remember(self, turn: Any) -> UUID:
        from agents.db import db
        from memory import rows

        return await db(rows.store)(turn)


@dataclass
class Services:
    runner: Any


class Application(Routed):
    """Sockets, and the lifespan that real servers tell."""

    def __init__(self) -> None:
        from channels.routing import ProtocolTypeRouter, URLRouter
        from django.core.asgi import get_asgi_application

        self.site = get_asgi_application()  # sets Django up for what follows

        from agents.doorkeeper import Doorkeeper
        from agents.routing import websocket_urlpatterns
        from agents.turns import TurnRunner

        seconds = float(os.environ.get("CHAT_TURN_SECONDS", "30"))
        grace = float(os.environ.get("CHAT_GRACE_SECONDS", "3"))
        look_again = float(os.environ.get("CHAT_LOOK_AGAIN_SECONDS", "18"))
        door = Doorkeeper(
            look_again_seconds=look_again,
            fresh_seconds=look_again / 2,
            idle_seconds=float(os.environ.get("CHAT_IDLE_SECONDS", "1800")),
        )
        memory = Rows() if os.environ.get("CHAT_MEMORY") == "rows" else Notebook()
        runner = TurnRunner(ScriptedManager(), memory, seconds=seconds, grace=grace)
        self.runner = runner
        self.router = ProtocolTypeRouter(
            {
                "http": self.http,
                "lifespan": self.lifespan,
                "websocket": URLRouter(
                    websocket_urlpatterns(lambda: Services(runner), door)
                ),
            }
        )

    async def http(self, scope: Any, receive: Any, send: Any) -> None:
        """The site; besides, ``/notice/<kind>`` sends a notice to the sockets."""
        from channels.layers import get_channel_layer

        if not scope["path"].startswith("/notice/"):
            await self.site(scope, receive, send)
            return
        kind = scope["path"].removeprefix("/notice/")
        await get_channel_layer().group_send("resync.notices", {"type": kind})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"told"})

    async def aclose(self) -> None:
        await self.runner.aclose()


def __getattr__(name: str) -> Any:
    """``daphne tests.fakes.chat:application`` makes it; a test that imports does not."""
    if name == "application":
        return made(Application)
    raise AttributeError(name)
