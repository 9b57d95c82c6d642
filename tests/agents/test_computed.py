"""Answers without a model: right, short, borne out by the evidence, in two languages."""

import asyncio
import re
from string import Formatter

import pytest

from agents.events import Answered, ToolUse
from agents.llm.computed import ComputedModel
from agents.llm.computed.intents import Intent
from agents.llm.computed.phrasing import phrase
from agents.llm.computed.telling import Telling
from agents.llm.computed.wording import SENTENCES
from agents.llm.port import LlmRefused, Message
from agents.models import AgentProfile
from agents.runtime import Agent, GuardedModel, HistoryItem
from agents.tools.names import TOOL_NAMES
from agents.tools.registry import toolbox
from tws.exceptions import TwsUnavailable
from tws.reader import reader_from_settings
from tws.simulator import serve
from tws.simulator.scenarios import SCENARIOS

GL_LOAD = "`/AGT_FIN#/FIN/LEDGER.GL_LOAD`"
PAYROLL = "`/AGT_PAY#/HR/PAYROLL`"
FOOTER = {
    "en": "\n\n_Computed from the plan; no language model was used._",
    "pt": "\n\n_Calculado a partir do plano; nenhum modelo de linguagem foi usado._",
}


@pytest.fixture(scope="module")
def night():
    with serve("night", speed=0) as simulator:
        yield simulator


def an_agent(reader, tools=TOOL_NAMES) -> Agent:
    profile = AgentProfile(id="t", name="T", role="r", goal="g", tools=list(tools))
    return Agent(profile, toolbox(tools, lambda: reader), GuardedModel(ComputedModel()))


@pytest.fixture
async def agent(night):
    night.clear_faults()
    reader = reader_from_settings(url=night.url)
    yield an_agent(reader)
    await reader.aclose()


async def ask(agent, question, *exchanges):
    """The answer without its footer, and the tools used; it must be well grounded."""
    history = [HistoryItem(*exchange) for exchange in exchanges]
    deadline = asyncio.get_running_loop().time() + 20
    uses, answered = [], None
    async for event in agent.run(question, history=history, deadline=deadline):
        if isinstance(event, ToolUse) and event.state != "running":
            uses.append((event.name, event.state))
        if isinstance(event, Answered):
            answered = event
    assert answered.mode == "computed"
    assert answered.status == "ok", answered
    wrong = [
        claim
        for claim in answered.grounding["claims"]
        if claim["outcome"] in {"unsupported", "contradicted"}
    ]
    assert wrong == []
    footer = next(f for f in FOOTER.values() if answered.text.endswith(f))
    return answered.text.removesuffix(footer), uses


async def test_the_status_of_the_plan(agent):
    text, uses = await ask(agent, "What is the status of the plan?")

    assert uses == [("tws_status", "ok")]
    assert re.match(r"\*\*\d\d jobs in the plan:\*\* \d\d WAITING, \d\d SUCC", text)
    assert f"**In error:**\n- {GL_LOAD}: ABEND, return code 12, end " in text
    assert "- `/FTA_BRANCH`: not linked, running, type FTA, limit 5, fence 0" in text


async def test_the_status_of_the_plan_in_portuguese(agent):
    text, _ = await ask(agent, "Qual é a situação do plano?")

    assert re.match(r"\*\*\d\d jobs no plano:\*\* \d\d WAITING, \d\d SUCC", text)
    assert f"**Em erro:**\n- {GL_LOAD}: ABEND, código de retorno 12, fim " in text
    assert "- `/FTA_BRANCH`: desvinculada, em funcionamento, tipo FTA" in text


async def test_jobs_in_error_and_nothing_else(agent):
    text, _ = await ask(agent, "Which jobs failed?")

    assert re.fullmatch(
        rf"\*\*In error:\*\*\n- {re.escape(GL_LOAD)}: ABEND, return code 12, "
        r"end \d\d:\d\d UTC",
        text,
    )


async def test_why_a_stream_does_not_run(agent):
    text, uses = await ask(agent, "Why does PAYROLL not run?")

    assert uses == [("tws_troubleshooting", "ok")]
    assert text.startswith(
        f"{PAYROLL} is EXEC.\n\n**Cause:** {GL_LOAD}: It ended in ABEND"
    )
    assert "SQL0964C" in text
    assert (
        "**What to do:** Read its log (`conman sj "
        "/AGT_FIN#/FIN/LEDGER.GL_LOAD;stdlist`), mend the cause, then rerun it: `conman "
        "rr /AGT_FIN#/FIN/LEDGER.GL_LOAD`. If the failure does no harm: `conman confirm "
        "/AGT_FIN#/FIN/LEDGER.GL_LOAD;succ`. That frees" in text
    )
    assert f"- {GL_LOAD}: ABEND" in text.partition("How it hangs together")[2]
    at_stake = text.partition("**Deadlines at stake:**")[2]
    assert "`/AGT_PAY#/HR/PAYROLL.PAY_TRANSFER`: deadline" in at_stake
    assert "late by" in at_stake


async def test_why_a_stream_does_not_run_in_portuguese(agent):
    text, _ = await ask(agent, "Por que o PAYROLL não roda?")

    assert text.startswith(
        f"{PAYROLL} está em EXEC.\n\n**Causa:** {GL_LOAD}: Terminou em ABEND, código de "
        "retorno 12, às "
    )
    assert (
        "**O que fazer:** Leia o log (`conman sj /AGT_FIN#/FIN/LEDGER.GL_LOAD;stdlist`), "
        "corrija a causa e execute-o de novo: `conman rr /AGT_FIN#/FIN/LEDGER.GL_LOAD`. "
        "Se a falha não causa dano: "
        "`conman confirm /AGT_FIN#/FIN/LEDGER.GL_LOAD;succ`. "
        f"Isso libera {PAYROLL}." in text
    )


async def test_one_job_and_one_stream(agent):
    job, _ = await ask(agent, "status of GL_LOAD")
    stream, _ = await ask(agent, "PAYROLL")

    assert re.fullmatch(
        rf"{re.escape(GL_LOAD)} is ABEND; return code 12, scheduled for \d\d:\d\d UTC, "
        r"start \d\d:\d\d UTC, end \d\d:\d\d UTC, took 16 min\.",
        job,
    )
    assert stream.startswith(f"{PAYROLL} is EXEC; ")
    assert "- `/AGT_PAY#/HR/PAYROLL.PAY_CALC`: HOLD" in stream


async def test_names_may_be_written_small_or_with_their_workstation(agent):
    for name in ("gl_load", "AGT_FIN#LEDGER.GL_LOAD", "LEDGER.GL_LOAD"):
        text, _ = await ask(agent, f"status of {name}")
        assert text.startswith(f"{GL_LOAD} is ABEND")
    text, _ = await ask(agent, "why is payroll not running")
    assert text.startswith(f"{PAYROLL} is EXEC")


async def test_an_unknown_name_gets_the_nearest_ones(agent):
    text, _ = await ask(agent, "Why does PAYROL not run?")

    assert text.startswith(
        "There is nothing called `PAYROL` in the plan. Names like it:"
    )
    assert PAYROLL in text
    every_way, _ = await ask(agent, "PAYROL")
    assert every_way.count(PAYROLL) == 1
    text, _ = await ask(agent, "Por que NADA_DISSO não roda?")
    assert text == "Não há nada chamado `NADA_DISSO` no plano."


async def test_several_matches_are_listed(agent):
    text, _ = await ask(agent, "PAY_*")

    assert text.startswith("5 objects match `PAY_*`:\n- ")
    assert text.count("\n- ") == 5


async def test_a_question_about_several_asks_which_one(agent):
    text, _ = await ask(agent, "Why does GL_* not run?")
    portuguese, _ = await ask(agent, "Por que GL_* não roda?")

    assert text.startswith(
        "6 objects match `GL_@`; ask again with one of them:\n- `/AGT"
    )
    assert portuguese.startswith("6 objetos combinam com `GL_@`; pergunte de novo")


async def test_instances_of_one_name_are_told_apart(agent):
    text, _ = await ask(agent, "why is INTRADAY late?")

    assert text.startswith("2 objects match `INTRADAY`; ask again with one of them:")
    one, other = re.findall(r"scheduled for (\d\d:\d\d) UTC, id `([\w-]+)`", text)
    assert one[0] != other[0]
    again, _ = await ask(agent, f"why is {one[1]} late?")
    assert again.startswith("`/AGT_RISK#/RISK/INTRADAY` is")


async def test_a_job_that_has_not_run_has_no_log(agent):
    text, _ = await ask(agent, "log of PAY_CALC")
    portuguese, _ = await ask(agent, "mostre o log do PAY_CALC")

    assert text.startswith("There is no log for `/AGT_PAY#/HR/PAYROLL.PAY_CALC`")
    assert portuguese.startswith("Não há log de `/AGT_PAY#/HR/PAYROLL.PAY_CALC`")


async def test_the_log_of_a_job_as_a_block(agent):
    text, _ = await ask(agent, "show me the log of GL_LOAD")

    assert text.startswith(f"What the log of {GL_LOAD} tells:\n```\nSQL0964C")
    assert text.endswith("\n```")
    assert "load_gl.sh: exiting with return code 12" in text


async def test_as_many_lines_of_a_log_as_were_asked_for(agent):
    text, _ = await ask(agent, "last 3 lines of the log of GL_LOAD")

    _, _, tail = text.partition("Last lines of the log")
    assert len(tail.partition("```\n")[2].removesuffix("\n```").splitlines()) == 3


async def test_an_order_is_declined_with_what_is_known(agent):
    text, uses = await ask(agent, "rerun GL_LOAD")
    portuguese, _ = await ask(agent, "reexecute o GL_LOAD")

    assert text.startswith("I only read the plan and change nothing")
    assert "conman rr /AGT_FIN#/FIN/LEDGER.GL_LOAD" in text
    assert uses == [("tws_troubleshooting", "ok")]
    assert portuguese.startswith("Apenas leio o plano e não mudo nada")


async def test_a_follow_up_means_the_object_of_the_last_answer(agent):
    question = "Why does PAYROLL not run?"
    first, _ = await ask(agent, question)

    log, _ = await ask(agent, "and its log?", (question, first))
    impact, _ = await ask(agent, "e quem espera por ele?", ("situação de GL_LOAD", "…"))

    assert f"Last lines of the log of {GL_LOAD}:" in log
    assert re.match(
        rf"\*\*Impacto:\*\* \d+ jobs esperam por {re.escape(GL_LOAD)}\.", impact
    )


async def test_what_waits_and_which_deadlines_that_endangers(agent):
    text, _ = await ask(agent, "What waits for GL_LOAD?")

    assert re.match(
        rf"\*\*Impact:\*\* \d+ jobs wait for {re.escape(GL_LOAD)}\.\n- ", text
    )
    assert f"\n- {PAYROLL}: 4" in text
    assert re.search(
        r"PAY_TRANSFER`: deadline \d\d:\d\d UTC, expected \d\d:\d\d UTC, late by \d+ min",
        text,
    )


async def test_neighbours(agent):
    before, _ = await ask(agent, "predecessors of PAY_CALC")
    after, _ = await ask(agent, "sucessores de GL_LOAD")

    assert before.startswith("`/AGT_PAY#/HR/PAYROLL.PAY_CALC` follows:\n- ")
    assert after.startswith(f"Depois de {GL_LOAD} vêm:\n- ")


async def test_workstations(agent):
    one, _ = await ask(agent, "why is workstation FTA_BRANCH down?")
    two, _ = await ask(agent, "why is FTA_BRANCH down?")
    every, _ = await ask(agent, "Which workstations are there?")
    down, _ = await ask(agent, "quais estações estão fora do ar?")

    assert down.count("\n- `/") == 1
    assert "`/FTA_BRANCH`: desvinculada" in down
    assert one == two
    assert one.endswith("**What to do:** `conman link FTA_BRANCH`.")
    assert every.count("\n- `/") == 6


async def test_a_resource_and_who_holds_it(agent):
    text, _ = await ask(agent, "Quem segura o recurso RISKDB?")

    assert text.startswith("`/AGT_RISK#/RISKDB`: 1 unidades, 1 em uso, 0 livres.") or (
        "RISKDB`: 1 unidades, 1 em uso, 0 livres." in text
    )
    assert "RISK_SIMULATE`: 1" in text
    unsaid, _ = await ask(agent, "Quem segura RISKDB?")
    assert unsaid == text


async def test_what_is_wrong_with_the_plan_is_told_by_cause(agent):
    text, uses = await ask(agent, "What is wrong?")
    portuguese, _ = await ask(agent, "O que está errado?")

    assert uses == [("tws_status", "ok"), ("tws_troubleshooting", "ok")]
    assert "**What holds the plan up, by cause:**\n1. " in text
    assert re.search(
        rf"\d\. {re.escape(GL_LOAD)}: It ended in ABEND .* behind it: ", text
    )
    assert re.search(r"\d\. `/FTA_BRANCH`: /FTA_BRANCH is unlinked", text)
    assert f"{GL_LOAD}: Terminou em ABEND, código de retorno 12, às " in portuguese


async def test_a_plan_without_trouble_says_so():
    with serve("healthy", speed=0) as simulator:
        reader = reader_from_settings(url=simulator.url)
        agent = an_agent(reader)

        wrong, _ = await ask(agent, "What is wrong?")
        prompts, _ = await ask(agent, "Quais prompts estão abertos?")
        late, _ = await ask(agent, "quais jobs estão atrasados?")
        failed, _ = await ask(agent, "Which jobs failed?")
        await reader.aclose()

    assert wrong == "Nothing holds the plan up that does not pass by itself."
    assert prompts == "Nada atrapalha o plano que não passe por si."
    assert late == "Nenhum prazo está em risco."
    assert failed == "No job is in error."


async def test_failed_jobs_are_diagnosed_when_the_whole_plan_cannot_be_read(night):
    reader = reader_from_settings(url=night.url)

    async def unreadable(*args):
        raise TwsUnavailable("TWS broke off.", action="Try again.")

    reader.incidents = unreadable
    text, uses = await ask(an_agent(reader), "What is wrong?")

    assert uses == [
        ("tws_troubleshooting", "failed"),
        ("tws_status", "ok"),
        ("tws_troubleshooting", "ok"),
    ]
    assert f"**Cause:** {GL_LOAD}: It ended in ABEND" in text
    await reader.aclose()


async def test_open_prompts(agent):
    text, uses = await ask(agent, "Quais prompts estão abertos?")

    assert uses == [("tws_troubleshooting", "ok")]
    assert text.startswith(
        "**Prompts em aberto que seguram algo:**\n1. O prompt `TARIFFS_RELEASED` "
        '("Are the tariffs of this month released? (y/n)") está em aberto: ninguém '
        "respondeu. "
    )
    assert text.count("\n") == 1


async def test_deadlines_in_danger(agent):
    late, _ = await ask(agent, "Which jobs are late?")
    risk, _ = await ask(agent, "prazos em risco?")

    assert re.match(
        r"\*\*Deadlines in danger \(\d\):\*\*\n- `/AGT_PAY#.*, late by ", late
    )
    assert risk.startswith("**Prazos em risco (")


async def test_jobs_of_one_status(agent):
    running, _ = await ask(agent, "quais jobs estão rodando?")
    held, _ = await ask(agent, "which jobs are in HOLD?")

    assert re.match(r"\d jobs estão no status RUNNING:\n- ", running)
    assert "RISK_SIMULATE`: EXEC, início " in running
    assert re.match(r"\d\d jobs are in the status WAITING:\n- ", held)
    assert "\n- and " in held


async def test_help_needs_no_tool(agent):
    text, uses = await ask(agent, "ajuda")

    assert uses == []
    assert text.startswith("Pergunte sobre o plano atual")


async def test_what_is_not_understood_says_so_and_shows_the_plan(agent):
    text, _ = await ask(agent, "tell me a joke about penguins")

    assert text.startswith("Without a language model I do not understand the question")
    assert "jobs in the plan:**" in text


async def test_an_agent_with_few_tools_uses_what_it_has(agent, night):
    reader = reader_from_settings(url=night.url)
    few = an_agent(reader, ["tws_search"])
    none = an_agent(reader, ["tws_resource"])

    text, uses = await ask(few, "Why does GL_LOAD not run?")
    nothing, _ = await ask(none, "Why does GL_LOAD not run?")

    assert uses == [("tws_search", "ok")]
    assert f"{GL_LOAD}: ABEND" in text
    assert nothing == (
        "This agent has no tool that could answer that. Its tools: tws_resource."
    )
    await reader.aclose()


async def test_old_data_says_its_age(agent, night):
    from datetime import UTC, datetime, timedelta

    old = {
        "tool": "tws_status",
        "arguments": {},
        "status": "ok",
        "read_at": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "age_seconds": 300.0,
        "data": {
            "total": 1,
            "counts": {"SUCC": 1},
            "stale": True,
            "stale_reason": "TWS is down. Start it.",
        },
    }

    english = phrase(Telling(old, Intent("plan"), "en"))
    portuguese = phrase(Telling(old, Intent("plan"), "pt"))

    assert english[-1] == (
        "The plan cannot be read at the moment: this is how it was 5 min ago."
        " TWS is down. Start it."
    )
    assert "há 5 min" in portuguese[-1]


def test_jobs_that_nobody_has_counted_by_status_are_told_by_their_number():
    uncounted = {
        "tool": "tws_status",
        "status": "ok",
        "read_at": "2026-11-24T02:00:00+00:00",
        "data": {"total": 4_000, "counts": {}},
    }

    english = phrase(Telling(uncounted, Intent("plan"), "en"))
    portuguese = phrase(Telling(uncounted, Intent("plan"), "pt"))

    assert english[0] == "**4000 jobs in the plan.**"
    assert portuguese[0] == "**4000 jobs no plano.**"


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_cause_is_told_in_both_languages_and_borne_out(scenario):
    with serve(scenario, speed=0) as simulator:
        reader = reader_from_settings(url=simulator.url)
        agent = an_agent(reader)
        target = simulator.scenario.targets[0]
        for question in ('Why does "{}" not run?', 'Por que "{}" não roda?'):
            text, _ = await ask(agent, question.format(target.name))
            for root in target.roots:
                names = (root.object, *root.aliases)
                assert any(name[:200] in text for name in names), (root, text)
        await ask(agent, f'situação de "{target.name}"')
        await ask(agent, "What is wrong?")
        await reader.aclose()


async def test_a_log_that_gives_orders_stays_inside_its_block():
    with serve("log-orders", speed=0) as simulator:
        reader = reader_from_settings(url=simulator.url)
        target = simulator.scenario.targets[0]
        root = target.roots[0].object
        text, _ = await ask(an_agent(reader), f'log of "{root}"')
        outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert "ignore" in text.lower()
        assert "ignore" not in outside.lower()
        await reader.aclose()


def test_each_sentence_is_there_in_both_languages_with_the_same_places():
    for key, sentence in SENTENCES.items():
        places = {
            language: {name for _, name, _, _ in Formatter().parse(text) if name}
            for language, text in sentence.items()
        }
        assert set(places) == {"en", "pt"}, key
        assert places["en"] == places["pt"], key


async def test_a_judge_cannot_be_had_from_it():
    with pytest.raises(LlmRefused, match="LLM_BASE_URL"):
        await ComputedModel().complete([Message("user", "?")], max_tokens=5)
