"""The whole path of one question on real parts, from the socket to the review desk.

A real Daphne, real sockets, the simulator, a scripted OpenAI-compatible server, the
suite's PostgreSQL, a real worker: a false answer is remembered, doubted, rejected by a
person over HTTP, and never reaches a prompt again.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from audit.models import AuditEntry
from tests.conftest import PASSWORD
from tests.fakes.llm import FakeLlm, Reply, Wire, calls, text
from tests.fakes.server import RunningServer, served
from tests.fakes.tab import open_tab
from tws.simulator import serve

ROOT = Path(__file__).parent.parent
QUESTION = "Why is PAYROLL not running?"
# Nothing that the plan could refute: only the judge can doubt it.
FALSE_CLAIM = "First the moon has to rise over the data centre."
DOUBT = {"is_incorrect": True, "confidence": 0.7, "reason": "The moon is no evidence."}


def by_role(answers: dict[str, Reply]) -> Reply:
    """One endpoint serves chat and judge, as at a small site: tell them apart."""

    def reply(wire: Wire) -> None:
        request = wire.request
        if "is_incorrect" in request.prompt:
            answers["judge"](wire)
        elif any(message["role"] == "tool" for message in request.messages):
            answers["after tools"](wire)
        elif request.tool_names:
            answers["first"](wire)
        else:
            answers["after tools"](wire)

    return reply


@contextmanager
def worker(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=ROOT, env={**os.environ, **env}
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


@pytest.fixture
def llm() -> Iterator[FakeLlm]:
    with FakeLlm() as fake:
        fake.default = by_role(
            {
                "first": calls(("tws_troubleshooting", {"name": "PAYROLL"})),
                "after tools": text(FALSE_CLAIM[:20], FALSE_CLAIM[20:]),
                "judge": text(json.dumps(DOUBT)),
            }
        )
        yield fake


@pytest.fixture
def site(database_url: str, llm: FakeLlm) -> Iterator[RunningServer]:
    """Simulator, web process and worker, all for real."""
    call_command("load_agents", "agents/fixtures/agents.json")
    with serve("night", speed=0) as simulator:
        env = {
            "DATABASE_URL": database_url,
            "TWS_URL": simulator.url,
            "LLM_BASE_URL": llm.base_url,
            "LLM_MODEL": "scripted",
        }
        with (
            served("daphne", "resync_site.asgi:application", env) as server,
            worker(env),
        ):
            yield server


def signed_in(server: RunningServer, username: str) -> httpx.Client:
    client = httpx.Client(base_url=f"http://{server.host}", trust_env=False, timeout=30)
    client.get("/accounts/login/")
    answer = client.post(
        "/accounts/login/",
        data={
            "username": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        },
    )
    assert answer.status_code == 302, answer.text
    return client


def eventually(ask: Callable[[], Any], patience: float = 30) -> Any:
    """What ``ask`` returns once it is true."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {patience} s: {ask}")


def press(
    client: httpx.Client, page: str, button: str, **fields: str
) -> httpx.Response:
    """Send the form of an admin page by the button with this value."""
    html = client.get(page).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    action = re.search(r'<form[^>]*action="([^"]*decide[^"]*)"', html)
    assert token, html
    assert action, html
    return client.post(
        str(httpx.URL(page).join(action[1].replace("&amp;", "&"))),
        data={"csrfmiddlewaretoken": token[1], "verb": button, **fields},
        headers={"Referer": f"{client.base_url}{page}"},
        follow_redirects=True,
    )


@pytest.fixture
def people(operator: User, reviewer: User) -> None:
    """Who signs in below."""


@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
async def test_a_rejected_answer_never_reaches_a_prompt_again(
    people: None, site: RunningServer, llm: FakeLlm
) -> None:
    operator = signed_in(site, "operator")
    session = operator.cookies["sessionid"]
    eventually(lambda: operator.get("/api/health/memory").json()["status"] == "ok")
    path = "/ws/tws-troubleshooter/"

    async with open_tab(site.host, session, path=path) as tab:
        await tab.ask(QUESTION)
        answer = await tab.final(30)
    assert (answer["status"], answer["mode"]) == ("ok", "llm")
    assert answer["message"] == FALSE_CLAIM
    assert [f["state"] for f in tab.frames if f["type"] == "tool"] == ["running", "ok"]

    reviewer = signed_in(site, "reviewer")
    flags = "/api/audit/flags"
    pending = eventually(lambda: reviewer.get(flags).json()["results"])
    assert [(f["user_query"], f["agent_response"]) for f in pending] == [
        (QUESTION, FALSE_CLAIM)
    ]
    assert pending[0]["ia_audit_confidence"] >= 0.6

    # Only flagged, the memory is still recalled: so its absence later means something.
    prompts = await asked_again(site, session, path, llm)
    assert FALSE_CLAIM in prompts

    for entry in await both_pending():
        page = f"/admin/audit/auditentry/{entry}/change/"
        decided = press(reviewer, page, "reject", comment="No such dependency.")
        assert decided.status_code == 200, decided.text
    assert reviewer.get(flags, params={"status": "rejected"}).json()["count"] >= 1

    prompts = await asked_again(site, session, path, llm)
    assert FALSE_CLAIM not in prompts


async def asked_again(
    site: RunningServer, session: str, path: str, llm: FakeLlm
) -> str:
    """All that the chat model reads when the question is asked in a new conversation."""
    before = len(llm.requests)
    async with open_tab(site.host, session, path=path) as tab:
        await tab.ask(f"{QUESTION} (again)")
        await tab.final(30)
    return prompts_since(llm, before)


def prompts_since(llm: FakeLlm, before: int) -> str:
    """System prompt and question of each turn that began after ``before`` requests."""
    return "\n".join(
        request.messages[0]["content"] + request.messages[-1]["content"]
        for request in llm.requests[before:]
        if request.tool_names and request.messages[-1]["role"] == "user"
    )


async def both_pending() -> list[int]:
    """The entries of both questions, once the auditor has doubted the second, too."""
    doubted = AuditEntry.objects.filter(status="pending", memory__answer=FALSE_CLAIM)
    async with asyncio.timeout(30):
        while (found := [entry.pk async for entry in doubted.all()]) and len(found) < 2:
            await asyncio.sleep(0.1)
    return found
