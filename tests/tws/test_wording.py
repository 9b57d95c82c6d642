"""A diagnosis in Portuguese: the same as in English, whole, and nothing left in English."""

import re

import pytest

from tests.portuguese import english_in
from tests.tws.plans import (
    NOW,
    after,
    at,
    job,
    plan,
    prompt,
    resource,
    stream,
    units,
    workstation,
)
from tws import wording
from tws.diagnosis import diagnose
from tws.found import Found
from tws.knowledge import STATUSES
from tws.payloads import PlanState
from tws.plan import Plan
from tws.reader import reader_from_settings
from tws.simulator import serve
from tws.simulator.scenarios import SCENARIOS
from tws.wording.advice import ADVICE, EFFECTS
from tws.wording.details import DETAILS, STORY
from tws.wording.forms import LONGEST, Form
from tws.wording.words import FIELDS, MEANINGS, RELATIONS, STATES

EVERY_FORM = (*DETAILS, *STORY, *ADVICE, *EFFECTS, *RELATIONS, *FIELDS, *STATES)
NUMBER = re.compile(r"\d+")
COMMAND = re.compile(r"\b(?:conman|planman|composer) \w+")


class Marked:
    """Collects what is typed or a name, and leaves a mark in its place."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __call__(self, text: str) -> str:
        self.found.append(text)
        return "‹›"


def told(translate, english: str) -> tuple[str, list[str]]:
    """The Portuguese without its names and commands, and those."""
    marked = Marked()
    return translate(english, marked), marked.found


def assert_same(translate, english: str) -> None:
    """Nothing is lost: numbers, names and commands are those of the English."""
    portuguese = translate(english)
    assert portuguese != english
    assert set(NUMBER.findall(english)) <= set(NUMBER.findall(portuguese))
    commands = COMMAND.findall(english.replace("conman: ", "conman "))
    assert sorted(COMMAND.findall(portuguese)) == sorted(commands)
    prose, typed = told(translate, english)
    for text in typed:
        assert text.removeprefix("conman ") in english
    assert english_in(prose) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_root_says_in_portuguese_what_it_says_in_english(scenario):
    with serve(scenario, speed=0) as simulator:
        reader = reader_from_settings(url=simulator.url)
        found = [await reader.diagnose(t.name) for t in simulator.scenario.targets]
        incidents = (await reader.incidents(50)).data["incidents"]
        places = (await reader.status())["workstations"]["list"]
        await reader.aclose()

    diagnoses = [one.data for one in found if isinstance(one, Found)]
    roots = [*incidents, *(root for one in diagnoses for root in one["roots"])]
    assert roots
    for root in roots:
        assert_same(wording.detail, root["detail"])
        if len(root["action"]) <= LONGEST:
            assert_same(wording.action, root["action"])
    for step in (step for one in diagnoses for step in one["chain"]):
        assert english_in(wording.relation(step["relation"])) == []
        assert english_in(wording.state(step["status"])) == []
    for place in places:
        assert english_in(wording.trouble(place["trouble"])) == []


def stopped(made: Plan, **state) -> Plan:
    made.state = PlanState(**state)
    return made


def part(*jobs) -> Plan:
    """A plan of which only this was read."""
    made = Plan(complete=False)
    for one in jobs:
        made.put_job(one)
    return made


NO_STATE = workstation(states=frozenset())
MASTER = (
    "Verifique o master: conman status, depois conman start; planman showinfo, e o job "
    "stream FINAL se o plano não foi estendido. Isso libera /A#/S.T."
)
# What the scenarios do not have: a plan, whom to ask about, what is told of it.
TOLD = {
    "a job stream that failed without a job": (
        plan(stream("S", "ABEND")),
        "S",
        "Terminou em ABEND; o plano não mostra nenhum job que explique isso.",
        "Veja seus jobs: conman sj /A#/S.@.",
    ),
    "a job stream with nothing left": (
        plan(stream("S"), job("A", "SUCC")),
        "S",
        "Está em execução, e nenhum de seus jobs ficou esperando.",
        "Nada: espere até que termine.",
    ),
    "a job stream about to start": (
        plan(stream("S", "HOLD")),
        "S",
        "Nada o impede (HOLD): o motor vai iniciá-lo sozinho.",
        "Nada: inicia em instantes.",
    ),
    "a job stream that goes on": (
        plan(
            job("A", "EXEC", started=at(-5), estimated=600.0),
            job("B", "SUCC"),
            job("C", "HOLD", after("A")),
        ),
        "S",
        "Está em EXEC: 1 de 3 jobs terminou bem; A: Está em execução há 5 min, desde as "
        "18:25 UTC; a estimativa é de 10 min; faltam cerca de 5 min.",
        "Nada.",
    ),
    "a status that nobody knows": (
        plan(stream("S", "ODD"), job("T")),
        "T",
        "O job stream está no status ODD, que este programa não conhece.",
        "Veja-o no console ou com o conman: conman ss /A#/S. Isso libera /A#/S.T.",
    ),
    "a pending cancel": (
        plan(job("P", cancel_pending=True), job("T", "HOLD", after("P"))),
        "T",
        "Está para ser cancelado: suas dependências estão resolvidas.",
        "Nada: o motor o cancela em instantes, e isso libera o que depende dele. "
        "Depois disso, /A#/S.T prossegue.",
    ),
    "a prompt in a status that nobody knows": (
        plan(job("T", "HOLD", prompt("GO", "ODD"))),
        "T",
        "O prompt GO está no status ODD.",
        "Descubra o que ele pede e então conman reply GO;y. A resposta n seria "
        "definitiva. Isso libera /A#/S.T.",
    ),
    "a predecessor that was not read": (
        part(job("T", "HOLD", after("P"))),
        "T",
        "/A#/S.T depende de P, que não foi lido; a dependência nada diz sobre o status "
        "dele.",
        "Pergunte pelo próprio P. Isso libera /A#/S.T.",
    ),
    "a condition that cannot be met any more": (
        plan(job("P", "SUCC"), job("T", "HOLD", after("P", conditions=("ABEND",)))),
        "T",
        "Só é executado se /A#/S.P cumprir a condição ABEND, e esse terminou em SUCC sem "
        "cumpri-la.",
        "Se deve ser executado mesmo assim: conman rr /A#/S.P, ou confirme /A#/S.T para "
        "que seus sucessores prossigam (conman confirm /A#/S.T;succ).",
    ),
    "a resource that nobody holds": (
        plan(resource(0, quantity=5), job("T", "READY", units(1))),
        "T",
        "/A#/S.T precisa de 1 unidade de /A#/R; livres: 0. O motor não informa quem o "
        "usa.",
        "Veja quem o usa: conman showresources /A#/R;keys. Isso libera /A#/S.T.",
    ),
    "an agent that does not answer": (
        plan(job("T", "READY", substatus="READY_WAITING_FOR_AGENT")),
        "T",
        "O motor espera pelo agente de /A, embora a estação de trabalho pareça em ordem.",
        "Veja os dois: conman sc /A; conman sj /A#/S.T;props. Isso libera /A#/S.T.",
    ),
    "a workstation that is not in the plan": (
        plan(job("T", "READY", workstation="/GONE")),
        "T",
        "O plano não mostra /GONE, onde /A#/S.T seria executado.",
        "Veja os dois: conman sc /GONE; conman sj /A#/S.T;props. Isso libera /A#/S.T.",
    ),
    "somebody must do something": (
        plan(job("T", "READY", substatus="READY_WAITING_FOR_USER_INTERVENTION")),
        "T",
        "O motor espera que alguém faça algo, e não diz o quê.",
        "Veja os dois: conman sc /A; conman sj /A#/S.T;props.",
    ),
    "no plan": (
        stopped(plan(job("T", "READY")), found=False),
        "T",
        "O motor não tem plano de produção.",
        MASTER,
    ),
    "a plan that ended": (
        stopped(
            plan(job("T", "READY")), found=True, batchman="LIVES", end=at(-60 * 30)
        ),
        "T",
        "O plano terminou às 12:30 UTC de 03/03/2026 e não foi estendido.",
        MASTER,
    ),
    "a plan in which nothing runs": (
        plan(job("OLD", "SUCC", ended=at(-120)), job("T", "READY")),
        "T",
        "Nada é executado no plano inteiro desde as 16:30 UTC, embora /A#/S.T esteja "
        "pronto.",
        MASTER,
    ),
    "one dependency without a name": (
        plan(job("T", "READY", unresolved=1)),
        "T",
        "O motor conta 1 dependência não resolvida, mas não diz qual é.",
        "Veja-as com o conman: conman sj /A#/S.T;deps. Se não houver nenhuma, o banco de "
        "dados do motor está atrasado em relação ao plano: planman checksync.",
    ),
    "a cancelled job": (
        plan(job("T", canceled=True)),
        "T",
        "Foi cancelado: não será executado, e o que dependia dele está livre.",
        "Nada.",
    ),
    "a recovery prompt that goes on": (
        plan(
            job(
                "T",
                "ABEND",
                return_code=8,
                recovery="CONTINUE_PROMPT",
                recovery_prompt="Go?",
            )
        ),
        "T",
        "/A#/S.T terminou em ABEND, código de retorno 8; o prompt de recuperação está em "
        "aberto.",
        "Responda quando a falha estiver entendida: conman reply Go?;y (sim deixa seus "
        "sucessores prosseguirem), ou n para deixar /A#/S.T como está. Isso libera "
        "/A#/S.T.",
    ),
    "a workstation with all kinds of trouble": (
        plan(NO_STATE, job("T", "READY")),
        "T",
        "/A está desvinculada e parada (o jobman está inativo) e offline; nada pode ser "
        "lançado nessa estação de trabalho.",
        "Veja se a máquina e seu agente estão ativos (conman checkhealthstatus /A), e "
        "então conman link /A, depois conman start /A, depois coloque-a online no "
        "console. Isso libera /A#/S.T.",
    ),
    "a job that was killed on another day": (
        plan(job("T", "ABEND", return_code=137, ended=at(-60 * 24))),
        "T",
        "Terminou em ABEND, código de retorno 137 (no UNIX: encerrado pelo sinal 9), às "
        "18:30 UTC de 03/03/2026.",
        "Leia o log (conman sj /A#/S.T;stdlist), corrija a causa e execute-o de novo: "
        "conman rr /A#/S.T. Se a falha não causa dano: conman confirm /A#/S.T;succ.",
    ),
    "a job that hangs at a message": (
        plan(
            job(
                "T",
                "EXEC",
                started=at(-60 * 26),
                estimated=600.0,
                need_message=True,
            ),
            job("U", "HOLD", after("T")),
        ),
        "U",
        "Está em execução há 1 d 2 h, desde as 16:30 UTC de 03/03/2026; a estimativa é "
        "de 10 min, muito ultrapassada; espera a resposta a uma mensagem.",
        "Veja no log se ainda faz alguma coisa (conman sj /A#/S.T;stdlist). Se estiver "
        "travado: conman kill /A#/S.T e depois conman rr /A#/S.T. Isso libera /A#/S.U.",
    ),
    "more jobs than are named": (
        plan(
            workstation(limit=5),
            *(job(f"R{n}", "EXEC", started=at(-5)) for n in range(5)),
            job("T", "READY"),
        ),
        "T",
        "O limite de 5 está tomado por jobs em execução: /A#/S.R0, /A#/S.R1, /A#/S.R2 e "
        "mais 2.",
        "Nada: prossegue quando um deles terminar. Para abrir espaço já: conman limit "
        "cpu=/A;6. Depois disso, /A#/S.T prossegue.",
    ),
}


@pytest.mark.parametrize(
    ("made", "target", "detail", "action"), TOLD.values(), ids=TOLD
)
def test_what_is_rare_is_told_in_portuguese_too(made, target, detail, action):
    [root] = diagnose(made, target, NOW).roots

    assert wording.detail(root.detail) == detail
    assert wording.action(root.action) == action


def places(text: str) -> set[str]:
    found = re.findall(r"\{(\w+)|\[(\w+)\|", text)
    return {one or other for one, other in found}


@pytest.mark.parametrize("form", EVERY_FORM, ids=lambda form: form.english[:60])
def test_both_languages_have_the_same_places(form):
    assert places(form.portuguese) == places(form.english)


def test_no_form_stands_behind_one_that_takes_its_texts():
    for number, form in enumerate(DETAILS):
        plain = re.sub(r"\[[^\]]*\]", "", form.english)
        text = re.sub(r"\{\w+:(?:number)\}", "7", plain)
        text = re.sub(r"\{\w+:span\}", "7 min", text)
        text = re.sub(r"\{\w+:time\}", "07:07 UTC", text)
        text = re.sub(r"\{\w+:form\}", "", text)
        text = re.sub(r"\{\w+(?::\w+)?\}", "X", text)
        first = next((one for one in DETAILS if one.read(text) is not None), form)
        assert DETAILS.index(first) == number, form.english


def test_every_status_has_its_meaning_in_portuguese():
    assert set(MEANINGS) == set(STATUSES)
    for status in STATUSES.values():
        assert wording.meaning(status.status, status.meaning) == MEANINGS[status.status]
        assert english_in(MEANINGS[status.status]) == []


def test_what_was_said_in_other_words_stays_as_it_is():
    assert wording.detail("Ask the mainframe team.") == "Ask the mainframe team."
    assert wording.meaning("ODD", "") == ""


def test_nothing_in_a_name_is_read_as_a_form():
    form = Form("{what} is here.", "<{what}> está [x|no ]aqui.")

    assert form.tell({"what": "{x}[y]<z>"}) == "{x}[y]<z> está aqui."
