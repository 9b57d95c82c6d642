"""The root causes of a diagnosis in Portuguese; in English they come as sentences."""

import re
from collections.abc import Mapping
from typing import Any, Final

from agents.llm.computed.records import clock, name, span

Data = Mapping[str, Any]

CAUSES: Final[Mapping[str, str]] = {
    "job_failed": "{object} falhou{status}{code}{ended}.",
    "confirmation_pending": "{object} terminou e espera que alguém confirme como.",
    "job_running": "{object} ainda está rodando{since}{estimate}.",
    "launching": "{object} está sendo lançado.",
    "prompt_open": "O prompt {object} está sem resposta{prompt}.",
    "resource_busy": "O recurso {object} está em uso por outros.",
    "file_missing": "O arquivo {object} não está lá.",
    "time_not_reached": "{object} só pode iniciar às {start}; inicia por si.",
    "latest_start_passed": "A hora limite de início de {object} já passou{latest}: "
    "o motor não o executa mais.",
    "workstation_limit": "O limite da estação {object} está tomado por jobs que rodam"
    "{limit}.",
    "stream_limit": "O limite do job stream {object} não deixa iniciar mais jobs"
    "{limit}.",
    "fence": "A prioridade não passa do fence de {object}{fence}.",
    "priority_zero": "{object} está retido: prioridade zero, o motor nunca o lança.",
    "workstation_down": "A estação {object} não está disponível; nada é lançado nela.",
    "workstation_ignored": "A estação {object} é ignorada no plano.",
    "internetwork": "Espera por {object}, de outra rede.",
    "suppressed": "{object} foi suprimido: uma condição de que dependia não se deu.",
    "orphan_dependency": "Depende de {object}, que não existe no plano.",
    "plan_stalled": "O plano está parado: nada roda ({object}).",
    "waiting_turn": "Nada segura {object}: o motor o inicia por si.",
    "none": "Nada o segura.",
    "unknown": "A causa não está clara em {object}.",
}
ACTIONS: Final[Mapping[str, str]] = {
    "job_failed": "veja o log, corrija a causa e execute o job de novo",
    "confirmation_pending": "veja o log e confirme o resultado",
    "job_running": "espere; se passou muito da estimativa, veja o log",
    "launching": "espere alguns instantes",
    "prompt_open": "responda ao prompt quando estiver certo",
    "resource_busy": "espere que o recurso fique livre",
    "file_missing": "descubra quem deve entregar o arquivo",
    "time_not_reached": "nada: espere",
    "latest_start_passed": "libere-o dessa hora, ou submeta-o de novo",
    "workstation_limit": "espere que um job termine, ou aumente o limite",
    "stream_limit": "espere que um job termine, ou aumente o limite",
    "fence": "aumente a prioridade, ou baixe o fence",
    "priority_zero": "pergunte quem o retém e por quê; depois libere-o",
    "workstation_down": "ligue e inicie a estação",
    "workstation_ignored": "tire a marca de ignorada, ou leve o job a outra estação",
    "internetwork": "pergunte ao outro lado",
    "suppressed": "se deve rodar mesmo assim, libere-o",
    "orphan_dependency": "libere a dependência se ela não virá mais",
    "plan_stalled": "veja o master e inicie-o",
    "waiting_turn": "nada: inicia em instantes",
    "none": "nada",
    "unknown": "olhe o objeto no console",
}
# A command ends where the sentence around it goes on; its own ";" has no blank after it.
_COMMAND = re.compile(
    r"\b(?:conman|planman) .+?(?=\)| \(|[,;:] | or | to | and |\. |\.?$)"
)
MOST_COMMANDS = 3
LONGEST_COMMAND = 300


def cause(root: Data, now: object) -> str:
    """One sentence: what is in the way."""
    facts = {item["field"]: item["value"] for item in root.get("evidence", ())}
    template = CAUSES.get(root["kind"], CAUSES["unknown"])
    return template.format(object=name(root["object"]), **_extras(facts, now))


def action(root: Data) -> str:
    """What to do, with the commands that the diagnosis names."""
    told = ACTIONS.get(root["kind"], ACTIONS["unknown"])
    found = (m.group().strip() for m in _COMMAND.finditer(root.get("action", "")))
    commands = [command for command in found if len(command) < LONGEST_COMMAND]
    if commands:
        told += ": " + ", ".join(name(c) for c in commands[:MOST_COMMANDS])
    return f"{told}."


def _extras(facts: Data, now: object) -> dict[str, str]:
    """The details of a template that this root's evidence holds; else nothing."""

    def told(form: str, field: str) -> str:
        value = facts.get(field)
        return "" if value in {None, ""} else form.format(value)

    def at(form: str, field: str) -> str:
        value = facts.get(field)
        return form.format(clock(value, now)) if value else ""

    def lasting(form: str, field: str) -> str:
        value = facts.get(field)
        return form.format(span(value)) if isinstance(value, int | float) else ""

    return {
        "status": told(" ({})", "status"),
        "code": told(", código de retorno {}", "returnCode"),
        "ended": at(", às {}", "actualEndTime"),
        "since": at(" desde {}", "actualStartTime"),
        "estimate": lasting(" (estimativa {})", "estimatedDuration"),
        "prompt": told(" (estado {})", "promptStatus"),
        "start": at("{}", "timeRestrictions.startTime"),
        "latest": at(" ({})", "timeRestrictions.latestStartTime"),
        "limit": told(" (limite {})", "limit"),
        "fence": told(" ({})", "fence"),
    }
