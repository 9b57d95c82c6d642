"""The review desk as a Portuguese reviewer reads it."""

import pytest
from django.utils import translation

from audit import auditor, doubts, record, review
from audit.exceptions import AuditError
from audit.models import AuditEntry
from audit.wording import REFUSALS, reason, refusal
from tests.audit.conftest import STATUS_RECORD, entry_row
from tests.fakes.html import read_page
from tests.portuguese import english_in, english_on

pytestmark = pytest.mark.django_db

LIST = "/admin/audit/auditentry/"
REASON = "As evidências dizem outra coisa."
MEMORY = {
    "question": "Por que o job parou?",
    "answer": "Porque falta um arquivo.",
    "evidence": [{**STATUS_RECORD, "summary": "Está em ABEND."}],
    "mode": "computed",
}
# Django's own names of times, dates and languages, and what the tools returned.
DATA = frozenset({"timezonewarning", "tool-ok"})


@pytest.fixture
def desk(client, reviewer):
    client.force_login(reviewer)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "pt-BR"
    yield client
    translation.deactivate()  # the middleware leaves it to the next request


@pytest.fixture
def entry(pending) -> AuditEntry:
    return pending(memory=MEMORY, reason=REASON)


def page(entry: AuditEntry) -> str:
    return f"{LIST}{entry.pk}/change/"


def english(response) -> list[str]:
    return english_on(read_page(response.text).one("body"), quoted=DATA)


def test_the_list_with_its_filters_and_actions(desk, entry, reviewer, pending):
    review.approve(pending("flagged", memory=MEMORY, reason=REASON).pk, by=reviewer)
    entry_row(memory=MEMORY)

    response = desk.get(LIST, {"status": "all"})

    assert english(response) == []
    for told in ("pendente de revisão (1)", "todas (3)", "em quarentena"):
        assert told in response.text
    assert "Aprovar as respostas selecionadas" in response.text
    assert f"aprovada por {reviewer.username}" in response.text


def test_an_entry_before_and_after_the_decision(desk, entry):
    before = desk.get(page(entry))
    after = desk.post(
        f"{LIST}{entry.pk}/decide/",
        {"verb": "approve", "comment": "visto no log"},
        follow=True,
    )
    decided = desk.get(page(entry))

    assert [english(one) for one in (before, after, decided)] == [[], [], []]
    assert "Sua decisão" in before.text
    assert f"Entrada {entry.pk}: aprovada." in after.text
    assert "Aprovada por" in decided.text
    assert "Desfazer minha decisão" in decided.text


def test_several_at_once_and_why_others_not(desk, entry, reviewer):
    other = review.reject(entry.pk, by=reviewer)

    response = desk.post(
        LIST,
        {"action": "approve", "_selected_action": [other.pk], "comment": ""},
        QUERY_STRING="status=all",
        follow=True,
    )

    [told] = [str(message) for message in response.context["messages"]]
    assert told.startswith(f"0 aprovada, 1 já decidida por {reviewer.username} em ")
    assert english_in(told) == []


@pytest.mark.parametrize("form", REFUSALS, ids=lambda form: form.english[:50])
def test_each_refusal_is_told_in_the_readers_language(form):
    text = form.english.replace("{status:form}", "approved")
    text = text.replace("{minutes:number}", "15")
    for place in ("user", "when", "what", "verbs", "memory"):
        text = text.replace(f"{{{place}}}", "X1")
    error = AuditError(text)

    with translation.override("pt-br"):
        told = refusal(error)

    assert told != text
    assert english_in(told) == []
    assert refusal(error) == text


def test_the_refusals_of_the_review_are_known(desk, entry, reviewer, admin_user):
    """Each as the review words it, not as this test does."""
    refused = []
    entry_row(memory=MEMORY)
    attempts = [
        lambda: review.undo(entry.pk, by=reviewer),
        lambda: review.reopen(entry.pk, by=reviewer, reason="x"),
        lambda: review.reopen(entry.pk, by=reviewer, reason=""),
        lambda: review.correct(entry.pk, by=reviewer, correction="", comment=""),
        lambda: review.approve(0, by=reviewer),
        lambda: review.approve(entry_row(memory=MEMORY).pk, by=reviewer),
    ]
    for attempt in attempts:
        with pytest.raises(AuditError) as caught:
            attempt()
        refused.append(caught.value)
    review.approve(entry.pk, by=reviewer)
    for again in (
        lambda: review.approve(entry.pk, by=reviewer),
        lambda: review.undo(entry.pk, by=admin_user),
    ):
        with pytest.raises(AuditError) as caught:
            again()
        refused.append(caught.value)

    with translation.override("pt-br"):
        for error in refused:
            assert refusal(error) != str(error)
            assert english_in(refusal(error)) == [], str(error)


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        (
            "The checks found nothing wrong; no model was asked.",
            "As verificações não acharam nada de errado; nenhum modelo foi consultado.",
        ),
        (
            "The evidence says otherwise: status J ABEND (recorded: SUCC), said in “J "
            "falhou”; and 2 more.",
            "As evidências dizem outra coisa: status J ABEND (registrado: SUCC), dito em "
            "“J falhou”; e mais 2.",
        ),
        (
            "The user said it was wrong (2 of 5): “não é isso”",
            "O usuário disse que estava errada (2 de 5): “não é isso”",
        ),
        (
            "The user said it helped (5 of 5).",
            "O usuário disse que ajudou (5 de 5).",
        ),
    ],
)
def test_what_the_auditor_noted(english, portuguese):
    with translation.override("pt-br"):
        assert reason(english) == portuguese
    with translation.override("en"):
        assert reason(english) == english


def test_the_auditors_own_words_are_known():
    noted = [
        auditor.NO_OBJECTION,
        f"{record.POISON}.",
        f"{record.UNREADABLE}: x1",
        doubts.TAKEN_BACK,
        f"{doubts.SAID_WRONG} (1 of 5).",
        f"{doubts.SAID_RIGHT} (5 of 5): “x1”",
    ]

    with translation.override("pt-br"):
        for text in noted:
            assert english_in(reason(text)) == [], text


def test_a_judges_words_stay_as_they_are():
    with translation.override("pt-br"):
        assert reason("It is fine, said in “x”.") == "It is fine, said in “x”."
