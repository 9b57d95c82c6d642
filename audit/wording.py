"""What the desk's rows and refusals say, in the reader's language.

The rows are kept in English, and the API promises it.
"""

import re
from typing import Final

from django.utils.translation import get_language

from audit.exceptions import AuditError
from tws.wording.forms import Form, translated

STATUSES: Final = (
    Form("waiting", "aguardando o auditor"),
    Form("judging", "em julgamento"),
    Form("passed", "liberada"),
    Form("pending", "pendente de revisão"),
    Form("approved", "aprovada"),
    Form("rejected", "rejeitada"),
)
REFUSALS: Final = (
    Form("Say what would have been right.", "Diga o que estaria certo."),
    Form("Say why it is reopened.", "Diga por que ela é reaberta."),
    Form(
        "This entry is {status:form}: there is nothing to undo.",
        "Esta entrada está {status}: não há nada a desfazer.",
        STATUSES,
    ),
    Form(
        "This entry is {status:form}: there is nothing to reopen.",
        "Esta entrada está {status}: não há nada a reabrir.",
        STATUSES,
    ),
    Form(
        "This entry is {status:form}: only a pending one can be decided.",
        "Esta entrada está {status}: só uma pendente pode ser decidida.",
        STATUSES,
    ),
    Form(
        "It was decided by {user}: reopen it with a reason instead.",
        "Foi decidida por {user}: em vez disso, reabra-a com um motivo.",
    ),
    Form(
        "It was decided more than {minutes:number} minutes ago: reopen it with a "
        "reason instead.",
        "Foi decidida há mais de {minutes} minutos: em vez disso, reabra-a com um "
        "motivo.",
    ),
    Form(
        "Already {status:form} by {user} at {when}.",
        "Já {status} por {user} em {when}.",
        STATUSES,
    ),
    Form(
        "The same text was rejected in memory {memory}: reopen that decision first.",
        "O mesmo texto foi rejeitado na memória {memory}: reabra antes aquela decisão.",
    ),
    Form(
        "A person rejected this memory: reopen that decision first.",
        "Uma pessoa rejeitou esta memória: reabra antes aquela decisão.",
    ),
    Form("There is no audit entry for {what}.", "Não há entrada de auditoria: {what}."),
    Form("Choose one of {verbs}.", "Escolha um destes: {verbs}."),
)


# What the auditor wrote of an entry without a model's help.
DOUBTS: Final = (
    Form(
        "The evidence says otherwise: {claims}",
        "As evidências dizem outra coisa: {claims}",
    ),
    Form(
        "Nothing in the evidence bears this out: {claims}",
        "Nada nas evidências confirma isto: {claims}",
    ),
)
RATINGS: Final = (
    Form(
        "The user said it was wrong ({rating:number} of 5)[: “{words}”][full|.]",
        "O usuário disse que estava errada ({rating} de 5)[: “{words}”][full|.]",
    ),
    Form(
        "The user said it helped ({rating:number} of 5)[: “{words}”][full|.]",
        "O usuário disse que ajudou ({rating} de 5)[: “{words}”][full|.]",
    ),
)
REASONS: Final = (
    Form(
        "{rating:form} The auditor: {reason}",
        "{rating} O auditor: {reason}",
        RATINGS,
    ),
    *RATINGS,
    Form("{doubt:form} The judge: {said}", "{doubt} O juiz: {said}", DOUBTS),
    *DOUBTS,
    Form("The user took the rating back.", "O usuário retirou a avaliação."),
    Form(
        "The checks found nothing wrong; no model was asked.",
        "As verificações não acharam nada de errado; nenhum modelo foi consultado.",
    ),
    Form(
        "The memory is {status}: there is nothing left to judge.",
        "A memória está {status}: não há mais nada a julgar.",
    ),
    Form(
        "The user rated it {rating:number} of 5; it is not in the sample.",
        "O usuário a avaliou com {rating} de 5; não está na amostra.",
    ),
    Form(
        "The text speaks to its judge (“{words}”), whose word is not taken: {said}",
        "O texto se dirige ao seu juiz (“{words}”), cuja palavra não conta: {said}",
    ),
    Form("The judge could not be read: {why}", "O juiz não pôde ser lido: {why}"),
    Form(
        "No auditor survived judging this.",
        "Nenhum auditor sobreviveu ao julgamento disto.",
    ),
    Form(
        "The memory was rejected before it was judged.",
        "A memória foi rejeitada antes de ser julgada.",
    ),
    Form(
        "The same text was rejected in memory {memory}.",
        "O mesmo texto foi rejeitado na memória {memory}.",
    ),
    Form(
        "The rejection of the same text in memory {memory} was taken back.",
        "A rejeição do mesmo texto na memória {memory} foi desfeita.",
    ),
)
# How a doubt cites the claims of an answer.
CITED: Final = (
    (re.compile(r" \(recorded: "), " (registrado: "),
    (re.compile(r", said in “"), ", dito em “"),
    (re.compile(r"; and (\d+) more\.$"), r"; e mais \1."),
    (re.compile(r"(?<=[:;] )return_code "), "código de retorno "),
    (re.compile(r"(?<=[:;] )workstation "), "estação de trabalho "),
    (re.compile(r"(?<=[:;] )time "), "horário "),
    (re.compile(r"(?<=[:;] )duration "), "duração "),
    (re.compile(r"(?<=[:;] )count "), "contagem "),
    (re.compile(r"(?<=[:;] )name "), "nome "),
    (re.compile(r"(?<=[:;] )code "), "código "),
)


def refusal(error: AuditError) -> str:
    """Why a decision was refused."""
    return _told(REFUSALS, str(error))


def reason(text: str) -> str:
    """Why an entry is as it is; a judge's own words stay as they are."""
    told = _told(REASONS, text)
    if told != text:
        for english, portuguese in CITED:
            told = english.sub(portuguese, told)
    return told


def _told(forms: tuple[Form, ...], text: str) -> str:
    if (get_language() or "").startswith("pt"):
        return translated(forms, text) or text
    return text
