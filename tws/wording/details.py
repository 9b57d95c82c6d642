"""What a root says is in the way: every sentence of a diagnosis in both languages."""

from typing import Final

from tws.wording.forms import Form
from tws.wording.words import TROUBLES

STORY: Final = (
    Form("It is running ({status}).", "Está em execução ({status})."),
    Form(
        "It has been running for {elapsed:span} since {since:time}"
        "[; its estimate is {estimate:span}][far|, far exceeded]"
        "[, so about {left:span} are left][message|; it waits for the reply to a "
        "message].",
        "Está em execução há {elapsed}, desde as {since}[; a estimativa é de {estimate}]"
        "[far|, muito ultrapassada][; faltam cerca de {left}]"
        "[message|; espera a resposta a uma mensagem].",
    ),
)

DETAILS: Final = (
    # Jobs that failed, or wait for somebody to say how they ended.
    Form(
        "It could not be launched (FAIL)[ at {time:time}]."
        "[ It was run {runs:number} times; before: {before}.]",
        "O lançamento falhou (FAIL)[, às {time}]."
        "[ Foi executado {runs} vezes; antes: {before}.]",
    ),
    Form(
        "It ended in {status:word}[ with return code {code:number}]"
        "[ (on UNIX: ended by signal {signal:number})][ at {time:time}]."
        "[ It was run {runs:number} times; before: {before}.]",
        "Terminou em {status}[, código de retorno {code}]"
        "[ (no UNIX: encerrado pelo sinal {signal})][, às {time}]."
        "[ Foi executado {runs} vezes; antes: {before}.]",
    ),
    Form(
        "It ended in {status}; the plan shows no job that explains it.",
        "Terminou em {status}; o plano não mostra nenhum job que explique isso.",
    ),
    Form(
        "It has ended[ with return code {code:number}] and waits for somebody to "
        "confirm how.",
        "Terminou[, código de retorno {code}], e espera que alguém confirme o "
        "resultado.",
    ),
    Form(
        "{job} ended in {status:word}[ with return code {code:number}]; its recovery "
        "prompt is open.",
        "<{job}> terminou em {status}[, código de retorno {code}]; o prompt de "
        "recuperação está em aberto.",
    ),
    # Jobs that run, or are about to.
    *STORY,
    Form(
        "It runs, and none of its jobs is left waiting.",
        "Está em execução, e nenhum de seus jobs ficou esperando.",
    ),
    Form(
        "It is being launched on {place} ({status})[, for {elapsed:span} since "
        "{since:time}][slow|; a launch takes seconds, so agent or broker may not "
        "answer].",
        "Está sendo lançado em <{place}> ({status})[, há {elapsed}, desde as {since}]"
        "[slow|; um lançamento leva segundos, então talvez o agente ou o broker não "
        "responda].",
    ),
    Form(
        "Nothing holds it ({status}): the engine will launch it by itself.",
        "Nada o impede ({status}): o motor vai lançá-lo sozinho.",
    ),
    Form(
        "Nothing holds it ({status}): the engine starts it by itself.",
        "Nada o impede ({status}): o motor vai iniciá-lo sozinho.",
    ),
    Form(
        "It is about to be cancelled: its dependencies are resolved.",
        "Está para ser cancelado: suas dependências estão resolvidas.",
    ),
    # Prompts, files, other networks.
    Form(
        'The prompt {prompt}[ ("{text}")] has not been asked yet, and wants the '
        "answer yes all the same.",
        'O prompt <{prompt}>[ ("{text}")] ainda não foi emitido e, mesmo assim, exige '
        "a resposta sim.",
    ),
    Form(
        'The prompt {prompt}[ ("{text}")] is open: nobody has answered it.',
        'O prompt <{prompt}>[ ("{text}")] está em aberto: ninguém respondeu.',
    ),
    Form(
        'The prompt {prompt}[ ("{text}")] was answered no, which holds for good: it is '
        "not asked again.",
        'O prompt <{prompt}>[ ("{text}")] recebeu a resposta não, que é definitiva: '
        "não será emitido de novo.",
    ),
    Form(
        'The prompt {prompt}[ ("{text}")] has the status {status}.',
        'O prompt <{prompt}>[ ("{text}")] está no status {status}.',
    ),
    Form(
        "The file {file}[ on {place}] is not there ({status}[; last looked for at "
        "{checked:time}]).",
        "O arquivo <{file}>[ em <{place}>] não existe ({status}"
        "[; última verificação às {checked}]).",
    ),
    Form(
        "It waits for {object} in another network[ through {agent}]"
        "[; there it is {status}].",
        "Espera por <{object}>, de outra rede[, através de <{agent}>]"
        "[; lá o status é {status}].",
    ),
    # Predecessors.
    Form(
        "{object} follows {before}, which can no longer be resolved.",
        "<{object}> depende de <{before}>, e essa dependência não pode mais ser "
        "resolvida.",
    ),
    Form(
        "{object} follows {before}, which is not in the plan yet.",
        "<{object}> depende de <{before}>, que ainda não está no plano.",
    ),
    Form(
        "{object} follows {before}, which this plan does not have (or this TWS user "
        "may not see).",
        "<{object}> depende de <{before}>, que não existe neste plano (ou que este "
        "usuário do TWS não pode ver).",
    ),
    Form(
        "{object} follows {before}, which has not been read; the dependency says "
        "nothing of its status.",
        "<{object}> depende de <{before}>, que não foi lido; a dependência nada diz "
        "sobre o status dele.",
    ),
    Form(
        "{object} follows {before}, which has not been read; the dependency says "
        "{status} of its status.",
        "<{object}> depende de <{before}>, que não foi lido; sobre o status dele a "
        "dependência diz: {status}.",
    ),
    Form(
        "It runs only if {before} meets the condition {wanted}, and that ended in "
        "{status} without it.",
        "Só é executado se <{before}> cumprir a condição {wanted}, e esse terminou em "
        "{status} sem cumpri-la.",
    ),
    Form(
        "It is suppressed: the conditions on its predecessors were not met"
        "[ ({conditions})].",
        "Foi suprimido: as condições sobre seus predecessores não foram cumpridas"
        "[ ({conditions})].",
    ),
    Form(
        "A dependency cycle: {members:names} wait for each other, so none of them can "
        "start.",
        "Um ciclo de dependências: {members} esperam uns pelos outros, e nenhum pode "
        "iniciar.",
    ),
    # Priorities, times, limits, resources.
    Form(
        "The job is held: priority 0, so the engine never launches it.",
        "O job está retido: com prioridade 0, o motor nunca o lança.",
    ),
    Form(
        "The job stream is held: priority 0, so the engine never launches it.",
        "O job stream está retido: com prioridade 0, o motor nunca o lança.",
    ),
    Form(
        "It may start at {start:time}, in {wait:span}; by itself, if nothing else "
        "holds it.",
        "Pode iniciar às {start}, daqui a {wait}; inicia sozinho, se nada mais o "
        "impedir.",
    ),
    Form(
        "Its latest start time[ ({latest:time})] has passed: the engine no longer runs "
        "it.",
        "O horário limite de início[ ({latest})] já passou: o motor não o executa "
        "mais.",
    ),
    Form(
        "Its latest start time[ ({latest:time})] has passed: the engine has cancelled "
        "it.",
        "O horário limite de início[ ({latest})] já passou: o motor o cancelou.",
    ),
    Form(
        "Its limit of {limit:number} is taken up by running jobs: {jobs:names}.",
        "O limite de {limit} está tomado por {limit?um job|jobs} em execução: {jobs}.",
    ),
    Form(
        "Its limit is 0: it launches nothing but jobs of priority hi and go.",
        "O limite é 0: só são lançados jobs de prioridade hi e go.",
    ),
    Form(
        "Its limit is 0: it launches none of its jobs.",
        "O limite é 0: nenhum de seus jobs é lançado.",
    ),
    Form(
        "{object} needs {quantity:number} of {resource}, {free:number} are free: held "
        "by {holders:names}.",
        "<{object}> precisa de {quantity} {quantity?unidade|unidades} de <{resource}>; "
        "livres: {free}. Em uso por {holders}.",
    ),
    Form(
        "{object} needs {quantity:number} of {resource}, {free:number} are free: it "
        "has only {total:number} in all.",
        "<{object}> precisa de {quantity} {quantity?unidade|unidades} de <{resource}>; "
        "livres: {free}. O total do recurso é de apenas {total}.",
    ),
    Form(
        "{object} needs {quantity:number} of {resource}, {free:number} are free: the "
        "engine names no holder.",
        "<{object}> precisa de {quantity} {quantity?unidade|unidades} de <{resource}>; "
        "livres: {free}. O motor não informa quem o usa.",
    ),
    # Workstations and the plan.
    Form(
        "Its fence is {fence:number}: jobs of priority {fence} and less are not "
        "launched, and {job} has {priority:number}.",
        "O fence é {fence}: jobs com prioridade {fence} ou menor não são lançados, e "
        "<{job}> tem {priority}.",
    ),
    Form(
        "{place} is {trouble:form}; nothing can be launched there."
        "[pool| No member of the pool can take a job.]",
        "<{place}> está {trouble}; nada pode ser lançado nessa estação de trabalho."
        "[pool| Nenhum membro do pool pode receber um job.]",
        TROUBLES,
    ),
    Form(
        "{place} is marked to be ignored: the plan launches nothing there.",
        "<{place}> está marcada como ignorada: o plano não lança nada nessa estação de "
        "trabalho.",
    ),
    Form(
        "The engine waits for the agent of {place}, though {place} looks well.",
        "O motor espera pelo agente de <{place}>, embora a estação de trabalho pareça "
        "em ordem.",
    ),
    Form(
        "The plan does not show {place}, where {job} would run.",
        "O plano não mostra <{place}>, onde <{job}> seria executado.",
    ),
    Form(
        "The engine waits for somebody to do something, and names nothing.",
        "O motor espera que alguém faça algo, e não diz o quê.",
    ),
    Form(
        "The engine has no production plan.",
        "O motor não tem plano de produção.",
    ),
    Form(
        "The engine does not process the plan: batchman is {state}.",
        "O motor não está processando o plano: o batchman está {state}.",
    ),
    Form(
        "The plan ended at {end:time} and was not extended.",
        "O plano terminou às {end} e não foi estendido.",
    ),
    Form(
        "Nothing has run in the whole plan since {since:time}, though {job} is ready.",
        "Nada é executado no plano inteiro desde as {since}, embora <{job}> esteja "
        "pronto.",
    ),
    # What does not fit together.
    Form(
        "The job has the status {status}, which says nothing to this program.",
        "O job está no status {status}, que este programa não conhece.",
    ),
    Form(
        "The job stream has the status {status}, which says nothing to this program.",
        "O job stream está no status {status}, que este programa não conhece.",
    ),
    Form(
        "The engine counts {count:number} unresolved dependencies, but names none of "
        "them.",
        "O motor conta {count} {count?dependência não resolvida|dependências não "
        "resolvidas}, mas não diz {count?qual é|quais são}.",
    ),
    Form(
        "What it waits for could not be read: {gaps:names}.",
        "Não foi possível ler o que ele espera: {gaps}.",
    ),
    # All is well.
    Form(
        "It was cancelled: it will not run, and what followed it is free.",
        "Foi cancelado: não será executado, e o que dependia dele está livre.",
    ),
    Form(
        "It ran and ended well ({status})[ at {time:time}].",
        "Foi executado e terminou bem ({status})[, às {time}].",
    ),
    Form(
        "It is {status:word}: {done:number} of {total:number} jobs are done.",
        "Está em {status}: {done} de {total} jobs {done?terminou|terminaram} bem.",
    ),
    Form(
        "It is {status:word}: {done:number} of {total:number} jobs are done; {job}: "
        "{story:form}",
        "Está em {status}: {done} de {total} jobs {done?terminou|terminaram} bem; "
        "<{job}>: {story}",
        STORY,
    ),
)
