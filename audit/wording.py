"""Why a decision was refused, in the reader's language; the API promises English."""

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


def refusal(error: AuditError) -> str:
    """One sentence; what has no Portuguese stays English."""
    text = str(error)
    if (get_language() or "").startswith("pt"):
        return translated(REFUSALS, text) or text
    return text
