"""The sentences of the computed answers, in English and Portuguese; pure."""

from collections.abc import Mapping
from typing import Final

from agents.language import Language

SENTENCES: Final[Mapping[str, Mapping[Language, str]]] = {
    "help": {
        "en": "Ask me about the current plan, for example:\n"
        "- What is the status of the plan? Which jobs failed?\n"
        "- Why does X not run? What should I do about X?\n"
        "- Status of X, or of all that match `X*`; what waits for X?\n"
        "- Show the log of X. State of workstation W. Who holds resource R?\n\n"
        "X is a job or a job stream, written as in the plan.",
        "pt": "Pergunte sobre o plano atual, por exemplo:\n"
        "- Qual é a situação do plano? Quais jobs falharam?\n"
        "- Por que X não roda? O que devo fazer com X?\n"
        "- Situação de X, ou de tudo que combina com `X*`; o que depende de X?\n"
        "- Mostre o log de X. Estado da estação W. Quem segura o recurso R?\n\n"
        "X é um job ou um job stream, escrito como no plano.",
    },
    "unclear": {
        "en": "Without a language model I do not understand the question; this is how "
        "the plan stands. Say “help” to see what can be asked.",
        "pt": "Sem um modelo de linguagem não entendo a pergunta; é assim que o plano "
        "está. Diga “ajuda” para ver o que pode ser perguntado.",
    },
    "only_reads": {
        "en": "I only read the plan and change nothing; this is how it stands.",
        "pt": "Apenas leio o plano e não mudo nada; é assim que está.",
    },
    "which": {
        "en": "Which one? Name a job or job stream as it stands in the plan.",
        "pt": "Qual deles? Dê o nome de um job ou job stream como está no plano.",
    },
    "no_tool": {
        "en": "This agent has no tool that could answer that. Its tools: {tools}.",
        "pt": "Este agente não tem ferramenta para responder isso. Suas ferramentas: "
        "{tools}.",
    },
    "cannot_read": {
        "en": "The plan cannot be read: {error}",
        "pt": "O plano não pode ser lido: {error}",
    },
    "not_found": {
        "en": "There is nothing called {name} in the plan.",
        "pt": "Não há nada chamado {name} no plano.",
    },
    "nearest": {
        "en": "Names like it: {names}.",
        "pt": "Nomes parecidos: {names}.",
    },
    "several": {
        "en": "{total} objects match {name}; ask again with one of them:",
        "pt": "{total} objetos combinam com {name}; pergunte de novo com um deles:",
    },
    "and_more": {"en": "- and {count} more", "pt": "- e mais {count}"},
    "jobs_in_plan": {
        "en": "**{total} jobs in the plan:** {counts}.",
        "pt": "**{total} jobs no plano:** {counts}.",
    },
    "jobs_uncounted": {
        "en": "**{total} jobs in the plan.**",
        "pt": "**{total} jobs no plano.**",
    },
    "in_error": {"en": "**In error:**", "pt": "**Em erro:**"},
    "none_in_error": {
        "en": "No job is in error.",
        "pt": "Nenhum job está em erro.",
    },
    "stations_bad": {
        "en": "**Workstations that need attention:**",
        "pt": "**Estações que precisam de atenção:**",
    },
    "stations_good": {
        "en": "All workstations are linked and running.",
        "pt": "Todas as estações estão vinculadas e em funcionamento.",
    },
    "stations": {"en": "**Workstations:**", "pt": "**Estações:**"},
    "critical": {
        "en": "**Critical jobs:**",
        "pt": "**Jobs críticos:**",
    },
    "stale": {
        "en": "The plan cannot be read at the moment: this is how it was {age} ago.",
        "pt": "O plano não pode ser lido no momento: é assim que estava há {age}.",
    },
    "is": {"en": "{object} is {status}", "pt": "{object} está em {status}"},
    "code": {"en": "return code {code}", "pt": "código de retorno {code}"},
    "started": {"en": "start {time}", "pt": "início {time}"},
    "ended": {"en": "end {time}", "pt": "fim {time}"},
    "ran": {"en": "took {span}", "pt": "durou {span}"},
    "running": {"en": "running for {span}", "pt": "rodando há {span}"},
    "estimate": {"en": "estimated {span}", "pt": "estimativa {span}"},
    "scheduled": {"en": "scheduled for {time}", "pt": "agendado para {time}"},
    "deadline": {"en": "deadline {time}", "pt": "prazo {time}"},
    "late": {"en": "late", "pt": "atrasado"},
    "open_dependencies": {
        "en": "open dependencies: {count}",
        "pt": "dependências em aberto: {count}",
    },
    "priority": {"en": "priority {value}", "pt": "prioridade {value}"},
    "its_jobs": {"en": "Its jobs:", "pt": "Seus jobs:"},
    "waits_for": {
        "en": "Unresolved dependencies:",
        "pt": "Dependências não resolvidas:",
    },
    "cause": {"en": "**Cause:**", "pt": "**Causa:**"},
    "causes": {"en": "**Causes ({count}):**", "pt": "**Causas ({count}):**"},
    "action": {"en": "**What to do:** {text}", "pt": "**O que fazer:** {text}"},
    "chain": {"en": "**How it hangs together:**", "pt": "**O encadeamento:**"},
    "impact": {
        "en": "**Impact:** {total} jobs wait for {object}.",
        "pt": "**Impacto:** {total} jobs esperam por {object}.",
    },
    "impact_of_one": {
        "en": "**Impact:** {total} job waits for {object}.",
        "pt": "**Impacto:** {total} job espera por {object}.",
    },
    "impact_at_least": {
        "en": "**Impact:** at least {total} jobs wait for {object}.",
        "pt": "**Impacto:** pelo menos {total} jobs esperam por {object}.",
    },
    "no_impact": {
        "en": "**Impact:** no job waits for {object}.",
        "pt": "**Impacto:** nenhum job espera por {object}.",
    },
    "waiting_in": {
        "en": "- {object}: {total}",
        "pt": "- {object}: {total}",
    },
    "deadlines": {
        "en": "**Deadlines at stake:**",
        "pt": "**Prazos em jogo:**",
    },
    "deadline_missed": {
        "en": "- {object}: deadline {time}, expected {end}, late by {span}",
        "pt": "- {object}: prazo {time}, previsão {end}, atraso de {span}",
    },
    "deadline_kept": {
        "en": "- {object}: deadline {time}, expected {end}, {span} to spare",
        "pt": "- {object}: prazo {time}, previsão {end}, folga de {span}",
    },
    "log_of": {
        "en": "Last lines of the log of {object}:",
        "pt": "Últimas linhas do log de {object}:",
    },
    "no_log": {
        "en": "There is no log for {object}: it has not run in this plan.",
        "pt": "Não há log de {object}: não rodou neste plano.",
    },
    "telling": {
        "en": "What the log of {object} tells:",
        "pt": "O que o log de {object} conta:",
    },
    "resource": {
        "en": "{object}: {quantity} units, {in_use} in use, {available} free.",
        "pt": "{object}: {quantity} unidades, {in_use} em uso, {available} livres.",
    },
    "holders": {"en": "Held by:", "pt": "Em uso por:"},
    "holder": {"en": "- {object}: {quantity}", "pt": "- {object}: {quantity}"},
    "predecessors": {
        "en": "{object} follows:",
        "pt": "{object} depende de:",
    },
    "no_predecessors": {
        "en": "{object} follows nothing.",
        "pt": "{object} não depende de nada.",
    },
    "successors": {
        "en": "After {object} come:",
        "pt": "Depois de {object} vêm:",
    },
    "no_successors": {
        "en": "Nothing follows {object}.",
        "pt": "Nada depende de {object}.",
    },
    "jobs_found": {
        "en": "{total} jobs are in the status {status}:",
        "pt": "{total} jobs estão no status {status}:",
    },
    "none_found": {
        "en": "No job is in the status {status}.",
        "pt": "Nenhum job está no status {status}.",
    },
    "incidents": {
        "en": "**What holds the plan up, by cause:**",
        "pt": "**O que atrapalha o plano, por causa:**",
    },
    "prompts": {
        "en": "**Open prompts that hold something back:**",
        "pt": "**Prompts em aberto que seguram algo:**",
    },
    "no_incidents": {
        "en": "Nothing holds the plan up that does not pass by itself.",
        "pt": "Nada atrapalha o plano que não passe por si.",
    },
    "no_prompts": {
        "en": "No open prompt holds anything back.",
        "pt": "Nenhum prompt em aberto segura nada.",
    },
    "behind": {
        "en": "Jobs behind it: {count}.",
        "pt": "Jobs que dependem disso: {count}.",
    },
    "no_deadlines": {
        "en": "No deadline is in danger.",
        "pt": "Nenhum prazo está em risco.",
    },
    "deadlines_at_risk": {
        "en": "**Deadlines in danger ({total}):**",
        "pt": "**Prazos em risco ({total}):**",
    },
    "found": {
        "en": "{total} objects match {name}:",
        "pt": "{total} objetos combinam com {name}:",
    },
}

STATES: Final[Mapping[str, Mapping[Language, str]]] = {
    "linked": {"en": "linked", "pt": "vinculada"},
    "unlinked": {"en": "not linked", "pt": "desvinculada"},
    "running": {"en": "running", "pt": "em funcionamento"},
    "stopped": {"en": "not running", "pt": "parada"},
    "offline": {"en": "offline", "pt": "offline"},
    "ignored": {"en": "ignored", "pt": "ignorada"},
    "limit": {"en": "limit {value}", "pt": "limite {value}"},
    "fence": {"en": "fence {value}", "pt": "fence {value}"},
    "type": {"en": "type {value}", "pt": "tipo {value}"},
}


def say(language: Language, sentence: str, **values: object) -> str:
    return SENTENCES[sentence][language].format(**values)


def state(language: Language, name: str, **values: object) -> str:
    return STATES[name][language].format(**values)
