"""What to do about a root: every advice of a diagnosis in both languages."""

from typing import Final

from tws.wording.forms import Form

ADVICE: Final = (
    Form("Nothing.", "Nada."),
    Form("Nothing: wait until it ends.", "Nada: espere até que termine."),
    Form(
        "Nothing: it starts by itself within moments.",
        "Nada: inicia sozinho em instantes.",
    ),
    Form("Nothing: it starts within moments.", "Nada: inicia em instantes."),
    Form(
        "Nothing: the engine cancels it within moments, and that frees what follows.",
        "Nada: o motor o cancela em instantes, e isso libera o que depende dele.",
    ),
    Form(
        "Nothing: wait. To start it now, release it from its time: conman "
        "{verb:word} {key};at.",
        "Nada: espere. Para iniciá-lo já, libere-o desse horário: "
        "<conman {verb} {key};at>.",
    ),
    Form(
        "Nothing while its holders run normally: wait until one ends.",
        "Nada, enquanto os que o usam rodarem normalmente: espere até que um termine.",
    ),
    Form(
        "Nothing: it goes on when one of them ends. To make room now: conman limit "
        "{what};{limit:number}.",
        "Nada: prossegue quando um deles terminar. Para abrir espaço já: "
        "<conman limit {what};{limit}>.",
    ),
    # Jobs that failed, or wait for somebody to say how they ended.
    Form(
        "Find why the launch failed (user, script, agent), then rerun it: conman rr "
        "{key}. A FAIL cannot be confirmed.",
        "Descubra por que o lançamento falhou (usuário, script, agente) e execute-o de "
        "novo: <conman rr {key}>. Não se pode confirmar um FAIL.",
    ),
    Form(
        "Read its log (conman sj {key};stdlist), mend the cause, then rerun it: conman "
        "rr {key}. If the failure does no harm: conman confirm {key};succ.",
        "Leia o log (<conman sj {key};stdlist>), corrija a causa e execute-o de novo: "
        "<conman rr {key}>. Se a falha não causa dano: <conman confirm {key};succ>.",
    ),
    Form(
        "Look at its log, then conman confirm {key};succ (or ;abend).",
        "Veja o log e então <conman confirm {key};succ> (ou <;abend>).",
    ),
    Form(
        "Answer it when the failure is understood: conman reply {prompt};y (yes runs "
        "it again), or n to leave {key} as it is.",
        "Responda quando a falha estiver entendida: <conman reply {prompt};y> (sim o "
        "executa de novo), ou n para deixar <{key}> como está.",
    ),
    Form(
        "Answer it when the failure is understood: conman reply {prompt};y (yes lets "
        "its successors go on), or n to leave {key} as it is.",
        "Responda quando a falha estiver entendida: <conman reply {prompt};y> (sim "
        "deixa seus sucessores prosseguirem), ou n para deixar <{key}> como está.",
    ),
    Form(
        "Look at its jobs: conman sj {key}.@.",
        "Veja seus jobs: <conman sj {key}.@>.",
    ),
    # Jobs that hang.
    Form(
        "See in its log whether it still does something (conman sj {key};stdlist). If "
        "it hangs: conman kill {key}, then conman rr {key}.",
        "Veja no log se ainda faz alguma coisa (<conman sj {key};stdlist>). Se estiver "
        "travado: <conman kill {key}> e depois <conman rr {key}>.",
    ),
    Form(
        "Check the agent and its job manager: conman checkhealthstatus {place}; if it "
        "is well, conman kill {key} and rerun it.",
        "Verifique o agente e o jobman: <conman checkhealthstatus {place}>; se estiver "
        "em ordem, <conman kill {key}> e execute-o de novo.",
    ),
    # Prompts, files, other networks, predecessors.
    Form(
        "Find out what it asks for, then conman reply {prompt};y. The answer n would "
        "hold for good.",
        "Descubra o que ele pede e então <conman reply {prompt};y>. A resposta n seria "
        "definitiva.",
    ),
    Form(
        "If that was wrong, release the dependency: conman {verb:word} {key};prompt="
        "{prompt}.",
        "Se isso foi um engano, libere a dependência: "
        "<conman {verb} {key};prompt={prompt}>.",
    ),
    Form(
        "Find who should deliver it; when it is there the engine sees it within "
        "minutes. To go on without it: conman {verb:word} {key};opens={file}.",
        "Descubra quem deve entregá-lo; quando ele chegar, o motor o percebe em "
        "minutos. Para prosseguir sem ele: <conman {verb} {key};opens={file}>.",
    ),
    Form(
        "Ask the other side about it. To go on without it: conman {verb:word} {key}"
        ";follows={object}.",
        "Pergunte ao outro lado. Para prosseguir sem ele: "
        "<conman {verb} {key};follows={object}>.",
    ),
    Form(
        "If it is not to come any more, release the dependency: conman {verb:word} "
        "{key};follows=[{object}].",
        "Se ele não vier mais, libere a dependência: "
        "<conman {verb} {key};follows=[{object}]>.",
    ),
    Form("Ask for {object} itself.", "Pergunte pelo próprio <{object}>."),
    Form(
        "If it should run all the same: conman rr {before}, or confirm {object} to let "
        "its successors go on (conman confirm {object};succ).",
        "Se deve ser executado mesmo assim: <conman rr {before}>, ou confirme "
        "<{object}> para que seus sucessores prossigam (<conman confirm {object};succ>).",
    ),
    Form(
        "That may be as intended. To let its successors go on: conman confirm {key}"
        ";succ; to run it after all, rerun the predecessor whose condition was not "
        "met.",
        "Pode ser intencional. Para que seus sucessores prossigam: "
        "<conman confirm {key};succ>; para executá-lo mesmo assim, execute de novo o "
        "predecessor cuja condição não foi cumprida.",
    ),
    Form(
        "Release one dependency of the cycle, for example: conman {verb:word} {key}"
        ";follows={before}. Then mend the definition.",
        "Libere uma dependência do ciclo, por exemplo: "
        "<conman {verb} {key};follows={before}>. Depois corrija a definição.",
    ),
    # Priorities, times, limits, resources.
    Form(
        "Ask who holds it and why, then release it: conman {verb:word} {key}, or give "
        "it a priority: conman altpri {key};{priority:number}.",
        "Pergunte quem o retém e por quê; depois libere-o: <conman {verb} {key}>, ou "
        "dê-lhe uma prioridade: <conman altpri {key};{priority}>.",
    ),
    Form(
        "Release it from that time: conman {verb:word} {key};until; or submit it anew.",
        "Libere-o desse horário: <conman {verb} {key};until>; ou submeta-o de novo.",
    ),
    Form(
        "Raise the limit: conman limit {what};{limit:number}.",
        "Aumente o limite: <conman limit {what};{limit}>.",
    ),
    Form(
        "Raise its quantity: conman resource {resource};{quantity:number}.",
        "Aumente a quantidade dele: <conman resource {resource};{quantity}>.",
    ),
    Form(
        "Look at who uses it: conman showresources {resource};keys.",
        "Veja quem o usa: <conman showresources {resource};keys>.",
    ),
    # Workstations and the plan.
    Form(
        "Lower the fence, which frees every job above it: conman fence {place}"
        ";{fence:number}. Or lift the one job over it: conman altpri {key}"
        ";{priority:number}.",
        "Baixe o fence, o que libera todos os jobs acima dele: <conman fence {place}"
        ";{fence}>. Ou eleve só este job acima dele: <conman altpri {key};{priority}>.",
    ),
    Form(
        "See whether the machine and its agent are up (conman checkhealthstatus "
        "{place}), then [link|conman link {linked:word}][a|, then ]"
        "[start|conman start {started:word}][b|, then ]"
        "[online|set it online in the console].",
        "Veja se a máquina e seu agente estão ativos "
        "(<conman checkhealthstatus {place}>), e então [link|<conman link {linked}>]"
        "[a|, depois ][start|<conman start {started}>][b|, depois ]"
        "[online|coloque-a online no console].",
    ),
    Form(
        "Take the ignore flag off its definition (composer modify ws {place}); it "
        "counts from the next plan on. Meanwhile run the job elsewhere.",
        "Retire a marca de ignorada da definição dela (<composer modify ws {place}>); "
        "isso vale a partir do próximo plano. Enquanto isso, execute o job em outra "
        "estação de trabalho.",
    ),
    Form(
        "Look at both: conman sc {place}; conman sj {key};props.",
        "Veja os dois: <conman sc {place}>; <conman sj {key};props>.",
    ),
    Form(
        "Look at the master: conman status, then conman start; planman showinfo, and "
        "the job stream FINAL if the plan was not extended.",
        "Verifique o master: <conman status>, depois <conman start>; "
        "<planman showinfo>, e o job stream FINAL se o plano não foi estendido.",
    ),
    # What does not fit together.
    Form(
        "Look at it in the console or with conman: {show:word} {key}.",
        "Veja-o no console ou com o conman: <conman {show} {key}>.",
    ),
    Form(
        "Look at them with conman: sj {key};deps. If there are none, the engine's "
        "database lags behind the plan: planman checksync.",
        "Veja-as com o conman: <conman sj {key};deps>. Se não houver nenhuma, o banco "
        "de dados do motor está atrasado em relação ao plano: <planman checksync>.",
    ),
    Form(
        "Ask again; if that does not help, look at it in the console.",
        "Pergunte de novo; se não ajudar, veja-o no console.",
    ),
)

# What the advice is good for, after it.
EFFECTS: Final = (
    Form(
        "{advice:form} Then {target} goes on.",
        "{advice} Depois disso, <{target}> prossegue.",
        ADVICE,
    ),
    Form(
        "{advice:form} Then, once the other causes are cured, {target} goes on.",
        "{advice} Depois disso, sanadas as outras causas, <{target}> prossegue.",
        ADVICE,
    ),
    Form(
        "{advice:form} That frees {target}.", "{advice} Isso libera <{target}>.", ADVICE
    ),
    Form(
        "{advice:form} Together with the other causes, that frees {target}.",
        "{advice} Isso, junto com as outras causas, libera <{target}>.",
        ADVICE,
    ),
)
