"""Single words and meanings of the plan in Portuguese."""

from typing import Final

from tws.wording.forms import Form

# What is wrong with a workstation.
TROUBLES: Final = (
    Form(
        "[link|unlinked][a| and ][jobman|stopped (its job manager is down)][b| and ]"
        "[online|offline]",
        "[link|desvinculada][a| e ][jobman|parada (o jobman está inativo)][b| e ]"
        "[online|offline]",
    ),
)

# What is neither a job nor a stream is in: the statuses of those are the trade's own.
STATES: Final = (
    *TROUBLES,
    Form("missing", "ausente"),
    Form("absent", "inexistente"),
    Form("pending", "pendente"),
    Form("open", "em aberto"),
    Form("unread", "não lido"),
    Form("stalled", "parado"),
    Form("ignored", "ignorada"),
    Form("no answer", "sem resposta"),
    Form("not shown", "não mostrada"),
    Form("limit {limit:number}", "limite {limit}"),
    Form("busy", "em uso"),
    Form("busy {used:number} of {all:number}", "em uso {used} de {all}"),
)

# What one object on the way of a diagnosis is to the one before it.
RELATIONS: Final = (
    Form("target", "alvo"),
    Form("predecessor", "predecessor"),
    Form("predecessor stream", "job stream predecessor"),
    Form("suppressed predecessor", "predecessor suprimido"),
    Form("predecessor in another network", "predecessor em outra rede"),
    Form("predecessor that is not there", "predecessor que não existe"),
    Form("job", "job"),
    Form("job stream", "job stream"),
    Form("prompt", "prompt"),
    Form("resource", "recurso"),
    Form("file", "arquivo"),
    Form("workstation", "estação de trabalho"),
    Form("the plan", "o plano"),
    Form("root", "causa"),
    Form("more", "mais"),
    Form("holds {resource}", "usa <{resource}>"),
)

# The fields of evidence that are no fields of the vendor.
FIELDS: Final = (
    Form("job log, line {line:number}", "log do job, linha {line}"),
    Form("message code", "código da mensagem"),
    Form("cycle member", "membro do ciclo"),
    Form("condition", "condição"),
    Form("conditions", "condições"),
    Form("holder", "em uso por"),
    Form("runs", "execuções"),
    Form("running", "em execução"),
    Form("unusable", "não aproveitável"),
)

MEANINGS: Final = {
    "ABEND": "Terminou com erro: um código de retorno que não conta como sucesso, ou "
    "foi encerrado.",
    "ABENP": "Foi confirmado como ABEND, mas ainda não terminou.",
    "ADD": "Está sendo submetido.",
    "ARRVING": "Espera por seu horário ou por seus predecessores (z/OS).",
    "BOUND": "Um job-sombra que encontrou seu job remoto e o acompanha.",
    "CANCL": "Foi cancelado.",
    "CANCLP": "Será cancelado quando suas dependências estiverem resolvidas.",
    "COMPLT": "Foi concluído (z/OS).",
    "DELETED": "Foi excluído do plano.",
    "DONE": "Foi concluído, mas o motor não sabe como.",
    "END": "Terminou; o motor ainda não disse como.",
    "ENDP": "Seu término está sendo processado.",
    "ERROR": "Um erro ao ler o status do job remoto.",
    "EXEC": "Está em execução.",
    "EXTRN": "O objeto remoto não é conhecido: não existe, acabou de ser reexecutado ou "
    "não pode ser lido.",
    "FAIL": "Não pôde ser lançado: o script, o usuário ou o agente impediu.",
    "FENCE": "Sua prioridade não está acima do fence da estação de trabalho.",
    "HOLD": "Espera por suas dependências: predecessores, horário, prompt, arquivo.",
    "INTRO": "Foi entregue ao agente para ser lançado.",
    "INTRPT": "Foi interrompido (z/OS).",
    "NONREPPRED": "Está pronto; um predecessor foi executado em uma estação de trabalho "
    "que não informa o resultado (z/OS).",
    "PEND": "Foi concluído e espera que alguém confirme o resultado.",
    "PENDPRED": "Um predecessor ainda não está no plano.",
    "READY": "Suas dependências estão resolvidas; espera sua vez na estação de trabalho.",
    "RECOVERY": "Sua recuperação está em andamento.",
    "SCHED": "Seu horário de início ainda não chegou.",
    "STARTED": "Foi iniciado (z/OS).",
    "STUCK": "Sua execução está interrompida: nada nele inicia sem um operador.",
    "SUCC": "Terminou com sucesso.",
    "SUCCP": "Foi confirmado como bem-sucedido, mas ainda não terminou.",
    "SUPPR": "Foi suprimido: as condições sobre seus predecessores não foram cumpridas, "
    "ou seu horário passou.",
    "SUSP": "Está bloqueado por dependências, ou espera a resposta a uma mensagem "
    "(IBM i).",
    "UNDCDED": "O motor está verificando seu status.",
    "UNKNOWN": "O motor não informa o status.",
    "USER STAT": "Foi retido por um usuário.",
    "USER_STREAM": "O job stream que contém os jobs que usuários executam por conta "
    "própria.",
    "WAIT": "Espera por suas dependências (agente estendido).",
    "WAITD": "Espera; o lançamento foi adiado.",
    "WAITFORINPUT": "Espera por uma entrada.",
}
