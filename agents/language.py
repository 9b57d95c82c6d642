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
    voces vocês pode faz fazer fila jobs-em prontos concluídos concluidos terminou
    terminaram acabou comece começou comecou liberar liberado afeta afetado bloqueia
    bloqueando bloqueado
    """.split()
)
_ENGLISH = frozenset(
    """
    the a an is are was were be been has have had do does did of in on at to for from
    by with and or not no yes what which who whom when where why how much many it its
    this that these those run runs running ran wait waits waiting fail fails failed
    failing failure error errors stuck held state status show list tell me all any
    my plan now today night job jobs stream streams workstation workstations resource
    help can you please before after behind depends depend impact late log last
    """.split()
)
_WORD = re.compile(r"[^\W\d_]+")
_ACCENT = re.compile(r"[ãõçáéíóúâêôàÃÕÇÁÉÍÓÚÂÊÔÀ]")


def language_of(text: str) -> Language:
    """Portuguese when it has more Portuguese words than English ones, else English."""
    words = [word.lower() for word in _WORD.findall(text)]
    portuguese = sum(word in _PORTUGUESE for word in words)
    portuguese += 2 * sum(bool(_ACCENT.search(word)) for word in words)
    english = sum(word in _ENGLISH for word in words)
    return "pt" if portuguese > english else "en"
