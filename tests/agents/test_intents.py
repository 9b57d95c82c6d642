"""What a question asks for, in English and in Portuguese."""

import time

import pytest

from agents.language import language_of
from agents.llm.computed.intents import Exchange, understand

ABOUT_PAYROLL = [
    Exchange(
        "Why does PAYROLL not run?", "It waits for /WS1#/FIN/LEDGER.GL_LOAD, ABEND."
    )
]


@pytest.mark.parametrize(
    ("question", "kind", "names"),
    [
        ("What is the status of the plan?", "plan", ()),
        ("How many jobs are there?", "plan", ()),
        ("Is all well?", "plan", ()),
        ("Como está a noite?", "plan", ()),
        ("qual o estado do plano agora?", "plan", ()),
        ("Which jobs failed?", "errors", ()),
        ("jobs in ABEND", "errors", ()),
        ("Quais jobs falharam?", "errors", ()),
        ("Any anomalies?", "errors", ()),
        ("Which jobs are late?", "jobs", ()),
        ("quais jobs estão rodando?", "jobs", ()),
        ("What is wrong?", "trouble", ()),
        ("what needs my attention?", "trouble", ()),
        ("why is everything so slow tonight", "trouble", ()),
        ("Which prompts are open?", "trouble", ()),
        ("Why does PAYROLL not run?", "why", ("PAYROLL",)),
        ("WHY IS PAYROLL NOT RUNNING", "why", ("PAYROLL",)),
        ("why is payroll not running", "why", ("payroll",)),
        ("why is PAYROLL STILL not RUNNING", "why", ("PAYROLL",)),
        ("Por que o PAYROLL não roda?", "why", ("PAYROLL",)),
        ("por que a payroll está parada?", "why", ("payroll",)),
        ("What is PAYROLL waiting for?", "why", ("PAYROLL",)),
        ("o que o PAYROLL está esperando?", "why", ("PAYROLL",)),
        ("what is holding PAYROLL?", "why", ("PAYROLL",)),
        ("What should I do about LOAD_DW?", "why", ("LOAD_DW",)),
        ("how do I fix the failed job load_dw", "why", ("load_dw",)),
        ("O que devo fazer com LOAD_DW?", "why", ("LOAD_DW",)),
        ("why doesn't PAYROLL run on workstation WS1?", "why", ("PAYROLL",)),
        ('Why did "MY JOB" fail?', "why", ("MY JOB",)),
        ("Why did \"X' OR name LIKE '@\" fail?", "why", ("X' OR name LIKE '@",)),
        ("why ../../../admin/user does not run", "why", ("../../../admin/user",)),
        ("status of WS1#PAYROLL.EXTRACT", "object", ("WS1#PAYROLL.EXTRACT",)),
        ("/F/WS1#/F/STREAM.JOB", "object", ("/F/WS1#/F/STREAM.JOB",)),
        ("is LOAD_01 done?", "object", ("LOAD_01",)),
        ("When will REPORT finish?", "object", ("REPORT",)),
        ("PAY*", "object", ("PAY*",)),
        ("jobs like PAY@", "object", ("PAY@",)),
        ("estado do job billing", "object", ("billing",)),
        ("compare LOAD_A and LOAD_B", "object", ("LOAD_A", "LOAD_B")),
        ("What about `odd name`?", "object", ("odd name",)),
        ("Show me the log of LOAD_01", "log", ("LOAD_01",)),
        ("Mostre o log do LOAD_01", "log", ("LOAD_01",)),
        ("What waits for LOAD_01?", "impact", ("LOAD_01",)),
        ("who is waiting for LOAD_01", "impact", ("LOAD_01",)),
        ("O que depende do LOAD_01?", "impact", ("LOAD_01",)),
        ("Quem espera o LOAD_01?", "impact", ("LOAD_01",)),
        ("o que o job LOAD_01 bloqueia?", "impact", ("LOAD_01",)),
        ("What's the impact of LOAD_01 failing?", "impact", ("LOAD_01",)),
        ("What does LOAD_01 depend on?", "predecessors", ("LOAD_01",)),
        ("de que depende LOAD_01?", "predecessors", ("LOAD_01",)),
        ("predecessoras de LOAD_01", "predecessors", ("LOAD_01",)),
        ("successors of LOAD_01", "successors", ("LOAD_01",)),
        ("state of workstation FTA_EAST", "workstation", ("FTA_EAST",)),
        ("why is workstation FTA_EAST down?", "workstation", ("FTA_EAST",)),
        ("estado da estação FTA_EAST", "workstation", ("FTA_EAST",)),
        ("Which workstations are unlinked?", "workstation", ()),
        ("Who holds resource DB_LOCK?", "resource", ("DB_LOCK",)),
        ("Quem segura o recurso DB_LOCK?", "resource", ("DB_LOCK",)),
        ("prompt TARIFFS_RELEASED", "trouble", ()),
        ("is the prompt tariffs_released open?", "trouble", ()),
        ("why does LOAD_01 wait for prompt TARIFFS?", "why", ("LOAD_01", "TARIFFS")),
        ("is everything ok?", "plan", ()),
        ("what runs now?", "jobs", ()),
        ("o que está rodando agora?", "jobs", ()),
        ("how many jobs are waiting?", "jobs", ()),
        ("quantos jobs estão esperando?", "jobs", ()),
        ("por que há jobs esperando?", "trouble", ()),
        ("algum job abendou?", "errors", ()),
        ("rerun LOAD_01", "why", ("LOAD_01",)),
        ("reexecute o LOAD_01", "why", ("LOAD_01",)),
        ("last 5 lines of the log of LOAD_01", "log", ("LOAD_01",)),
        ("thanks!", "help", ()),
        ("obrigado", "help", ()),
        ("help", "help", ()),
        ("Ajuda!", "help", ()),
        ("o que você faz?", "help", ()),
        ("tell me a joke about penguins", "unclear", ()),
        ("?", "unclear", ()),
    ],
)
def test_a_question_is_understood(question, kind, names):
    intent = understand(question)

    assert (intent.kind, intent.names) == (kind, names)


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("last 5 lines of the log of LOAD_01", 5),
        ("últimas 7 linhas do log do LOAD_01", 7),
        ("log of LOAD_01, 999999 lines", 200),
        ("log of LOAD_01", 0),
    ],
)
def test_how_much_of_a_log_is_wanted(question, lines):
    assert understand(question).lines == lines


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("rerun LOAD_01", True),
        ("please cancel LOAD_01", True),
        ("por favor, libere o LOAD_01", True),
        ("why was LOAD_01 cancelled?", False),
        ("how do I rerun LOAD_01?", False),
        ("rerun it", False),
    ],
)
def test_an_order_is_told_from_a_question(question, order):
    assert understand(question).order == order


@pytest.mark.parametrize(
    ("question", "kind", "names"),
    [
        ("why?", "why", ("PAYROLL",)),
        ("Por que ele falhou?", "why", ("PAYROLL",)),
        ("and what depends on it?", "impact", ("PAYROLL",)),
        # A job stream has no log: its failed job is meant.
        ("and its log?", "log", ("/WS1#/FIN/LEDGER.GL_LOAD",)),
        ("e o log dele?", "log", ("/WS1#/FIN/LEDGER.GL_LOAD",)),
        ("What is the status of the plan?", "plan", ()),
        ("Which prompts are open?", "trouble", ()),
        ("Why did BILLING fail?", "why", ("BILLING",)),
    ],
)
def test_what_is_only_pointed_at_comes_from_the_last_exchange(question, kind, names):
    intent = understand(question, ABOUT_PAYROLL)

    assert (intent.kind, intent.names) == (kind, names)


def test_the_newest_exchange_is_meant():
    history = [*ABOUT_PAYROLL, Exchange("And BILLING?", "It is in HOLD.")]

    assert understand("why?", history).names == ("BILLING",)


def test_at_most_three_names_are_looked_at():
    assert len(understand("A_1 A_2 A_3 A_4 A_5").names) == 3


@pytest.mark.parametrize(
    "text",
    [
        "□" * 50,
        "#" * 9999,
        "'\"`" * 999,
        "a_b " * 4000,
        "which " * 2700,
        "de que " * 2300,
        "",
    ],
    ids=["marks", "hashes", "quotes", "names", "which", "de que", "nothing"],
)
def test_odd_questions_are_survived_and_cost_little(text):
    began = time.process_time()

    understand(text)

    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Why does PAYROLL not run?", "en"),
        ("Which jobs failed?", "en"),
        ("PAYROLL", "en"),
        ("", "en"),
        ("status", "en"),
        ("Por que PAYROLL não roda?", "pt"),
        ("quais jobs falharam", "pt"),
        ("ajuda", "pt"),
        ("situacao do plano", "pt"),
        ("log do LOAD_01", "pt"),
    ],
)
def test_the_language_of_a_question(text, language):
    assert language_of(text) == language
