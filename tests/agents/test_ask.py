"""``manage.py ask``: one turn from the terminal, in text and as JSON."""

import json
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agents.models import Turn
from tests.fakes import llm as fake
from tws.simulator import serve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(settings):
    with serve("night", speed=0) as simulator:
        settings.TWS_URLS = [simulator.url]
        yield simulator


@pytest.fixture
def agents():
    call_command("load_agents", "agents/fixtures/agents.json", stdout=StringIO())


def ask(*args) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("ask", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_json_has_the_fields_that_are_promised(night, agents):
    out, _ = ask("Why does PAYROLL not run?", "--agent", "tws-analyzer", "--json")

    result = json.loads(out)
    assert {
        "turn",
        "agent",
        "answer",
        "status",
        "mode",
        "tools",
        "grounding",
        "sources",
    } <= (set(result))
    assert (result["agent"], result["status"], result["mode"]) == (
        "tws-analyzer",
        "ok",
        "computed",
    )
    assert "GL_LOAD" in result["answer"]
    (tool,) = result["tools"]
    assert (tool["name"], tool["arguments"], tool["status"]) == (
        "tws_troubleshooting",
        {"name": "PAYROLL"},
        "ok",
    )
    assert isinstance(tool["ms"], int)
    assert result["grounding"]["supported"] > 0
    assert result["grounding"]["unsupported"] == 0
    turn = Turn.objects.get(pk=result["turn"])
    assert (turn.answer, turn.status) == (result["answer"], "ok")
    assert turn.conversation.user is None


def test_text_goes_to_stdout_and_the_tools_beside_it(night, agents):
    out, err = ask("Quais jobs falharam?")

    assert out.startswith("**Em erro:**\n- `/AGT_FIN#/FIN/LEDGER.GL_LOAD`: ABEND")
    assert out.endswith("_\n")
    assert "· tws_status {}: ok, " in err


def test_with_a_model_the_turn_is_the_model_s(night, agents, llm, settings):
    settings.LLM_BASE_URL, settings.LLM_MODEL = llm.base_url, "m1"
    llm.script(fake.calls(("tws_status", {})), fake.text("One job ", "failed."))

    out, _ = ask("How is it?", "--json")

    result = json.loads(out)
    assert (result["answer"], result["mode"]) == ("One job failed.", "llm")
    assert llm.requests[0].body["model"] == "m1"


def test_without_tws_url_the_simulator_answers_and_that_is_said(agents, settings):
    settings.TWS_URLS = []

    out, err = ask("Which jobs failed?")

    assert "TWS_URL is not set: this is the simulator's plan 'night'." in err
    assert "GL_LOAD" in out


def test_a_plan_that_cannot_be_read_is_a_failure_with_its_reason(
    night, agents, settings
):
    settings.TWS_URLS = ["http://127.0.0.1:9/twsd"]
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9"):
        call_command("ask", "status", "--json", stdout=out, stderr=err)

    assert json.loads(out.getvalue())["status"] == "failed"


def test_a_turn_ends_in_time_when_neither_model_nor_plan_answer(
    night, agents, llm, settings
):
    settings.LLM_BASE_URL, settings.LLM_MODEL = llm.base_url, "m1"
    settings.AGENT_TURN_SECONDS = 5.0
    llm.script(fake.hang())
    night.fault("silent", seconds=30)
    out = StringIO()
    began = time.monotonic()

    with pytest.raises(CommandError, match="did not answer within"):
        call_command("ask", "Why does PAYROLL not run?", "--json", stdout=out)

    result = json.loads(out.getvalue())
    assert (result["status"], result["mode"]) == ("failed", "computed")
    assert "The language model failed: it did not answer in time" in result["answer"]
    assert time.monotonic() - began < 5.0 + 2.0  # the rest is shutting down


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["status", "--agent", "nobody"], "There is no agent called “nobody”"),
        (["  "], "only spaces"),
    ],
)
def test_what_cannot_be_asked_gets_one_clear_line(night, agents, args, told):
    with pytest.raises(CommandError, match=told):
        ask(*args)


def test_a_failure_is_one_json_document_where_json_was_asked_for(night, agents):
    out = StringIO()

    with pytest.raises(CommandError) as failure:
        call_command("ask", "status", "--agent", "nobody", "--json", stdout=out)

    told = {"error": "failed", "detail": str(failure.value)}
    assert json.loads(out.getvalue()) == told


def test_before_any_agent_is_loaded(night):
    with pytest.raises(CommandError, match=r"load_agents agents/fixtures/agents\.json"):
        ask("status")
