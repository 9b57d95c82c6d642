"""Tells a question in Portuguese from one in English; pure."""

import re
from typing import Literal

Language = Literal["en", "pt"]

_PORTUGUESE = frozenset(
    """
    a ao as o os um uma de da das do dos e em na nas no nos num numa para pra pro por
    pelo pela que qual quais quem quando quanto quantos quantas onde como porque porquê
    está estão esta estao foi foram ser são sao tem têm temos há ha não nao sim já ja
    roda rodou rodando rodar executa executou executando espera esperando aguarda
    aguardando falha falhou falharam falhas erro erros parado parada parados travado
    travada preso situação situacao estado estação estacao estações estacoes recurso
    recursos ajuda ajude mostre mostra mostrar liste listar plano agora hoje ontem
    noite dele dela deles delas isso isto esse essa este mesmo motivo causa impacto
    depende dependem dependências dependencias predecessores predecessoras sucessores
    atraso atrasado atrasados atrasada atrasadas me oi olá ola bom dia boa você voce
    voces vocês pode faz fazer fila prontos concluídos concluidos terminou
    terminaram acabou comece começou comecou liberar liberado afeta afetado bloqueia
    bloqueando bloqueado algum alguma alguns algumas abendou abendaram caiu quebrou
    obrigado obrigada valeu reexecute reinicie cancele libere submeta
    """.split()
)
_ENGLISH = frozenset(
    """
    the an is are was were be been has have had does did of in on at to for from
    by with and or not yes what which who whom when where why how much many it its
    this that these those run runs running ran wait waits waiting fail fails failed
    failing failure errors stuck held state show list tell all any i my plan now today
    night workstation workstations resource help can you please before after behind
    depends depend impact late last rerun restart cancel release thanks
    """.split()
)
# Words of both: they speak for Portuguese, but softly.
_BOTH = frozenset("a as do no me".split())
_WORD = re.compile(r"[^\W\d_]+")
_ACCENT = re.compile(r"[ãõçáéíóúâêôàÃÕÇÁÉÍÓÚÂÊÔÀ]")


def language_of(text: str) -> Language:
    """Portuguese when it has more Portuguese words than English ones, else English."""
    words = [word.lower() for word in _WORD.findall(text)]
    portuguese = sum(
        0.5 if word in _BOTH else 1.0 for word in words if word in _PORTUGUESE
    )
    portuguese += 2 * sum(bool(_ACCENT.search(word)) for word in words)
    english = sum(word in _ENGLISH for word in words)
    return "pt" if portuguese > english else "en"
