"""The words by which a question is understood, in English and Portuguese; pure."""

import re
from collections.abc import Mapping

# Words in capitals that name no object, however they are written.
NOT_NAMES = frozenset(
    """
    TWS HWA IWS HCL IBM MDM BKM FTA CPU DBA SLA RC OK ID UTC GMT AM PM API URL JSON
    ABEND ABENDED ABENP HOLD SUCC SUCCP EXEC READY WAIT INTRO FAIL FENCE LIMIT CANCEL
    ERROR DONE PEND SUPPR STUCK BLOCKED SCHED LATE JOB JOBS STREAM STREAMS PROMPT
    RESOURCE WORKSTATION PLAN STATUS WHY NOT THE AND LOG HELP IT IS ARE WAS DID DOES
    NOW ALL NEVER VERY STILL ANY PLEASE URGENT ASAP FAILED RUNNING WAITING OPEN HELD
    WARN WARNING INFO TODAY TONIGHT O A OS AS E DE DO DA NO NA POR QUE QUAL NÃO NAO JÁ
    AGORA URGENTE TODOS TODAS ERRO FALHA FALHOU
    """.split()
)

# Words that are part of the way of asking, and so no name when written small.
PLAIN = frozenset(
    """
    the a an and or but not no yes of in on at to for from by with about into over as
    is are was were be been being am has have had do does did done can could will would
    shall should may might must what which who whom whose when where why how much many
    it its he she they them their this that these those there here i me my we our us you
    your all any some each every none most more less few other another same very too so
    if then than now today tonight yesterday tomorrow again still yet already just only
    also before after during since until while because please thanks thank hello hi hey
    ok okay let lets tell show list give get see look check find explain describe read
    say want need know think wait waits waiting waited run runs running ran start starts
    started starting stop stops stopped end ends ended finish finishes finished fail
    fails failed failing failure failures error errors abend abended abends stuck held
    hold holding holds block blocks blocked blocking late delay delays delayed slow
    happen happens happened going wrong right good bad fine well problem problems issue
    issues trouble reason cause causes root status state states situation overview
    summary report count counts number plan plans schedule schedules night day morning
    job jobs stream streams jobstream jobstreams workstation workstations agent agents
    machine machines server servers resource resources prompt prompts file files
    dependency dependencies depend depends dependent predecessor predecessors successor
    successors impact impacts affect affects affected log logs joblog output fix solve
    resolve repair restart rerun release action next last first latest free behind
    everything anything something nothing everyone long ago really exactly current
    currently whole complete completed completes successful success ready open down up
    online offline linked unlinked critical deadline deadlines hour hours minute minutes
    due work works working time times name names called named quick brief else like matching
    attention urgent needs danger risk risks endangered took taken take takes going gone soon left way things thing mean means
    o a os as um uma uns umas e ou mas nem não nao sim de do da dos das em no na nos nas
    num numa por pelo pela pelos pelas para pra pro com sem sobre até ate desde entre
    ao aos à às que qual quais quem quando quanto quanta quantos quantas onde como
    porque porquê porque é e eh são sao era eram está estão esta estao estava estavam
    estar ser foi foram será tem têm temos há ha havia ter fez faz fazer faço posso pode
    podem devo deve ele ela eles elas dele dela deles delas isso isto esse essa esses
    essas este estes aquele aquela seu sua seus suas meu minha eu nós você vocês voce
    voces todo toda todos todas tudo algum alguma alguns algumas nenhum nenhuma nada
    mais menos muito muita pouco outro outra mesmo mesma já ja ainda agora hoje ontem
    amanhã amanha noite dia manhã manha tarde bom boa boas oi olá ola obrigado obrigada
    favor me diga mostre mostra mostrar liste lista listar explique explica ver veja
    olhe quero preciso saber roda rodar rodou rodando rodam executa executar executou
    executando execução execucao inicia iniciar iniciou começa comecar começar começou
    comecou parou para parado parada parados paradas travado travada preso presa espera
    esperar esperando esperam aguarda aguardar aguardando aguardam falha falhas falhar
    falhou falharam falhando erro erros terminou terminaram terminar termina acabou
    acabaram pronto prontos problema problemas houve aconteceu acontece acontecendo
    errado motivo razão razao causa raiz status estado estados situação situacao resumo
    visão visao geral plano planos noite fila tarefa tarefas estação estacao estações
    estacoes agente agentes máquina maquina máquinas maquinas servidor servidores
    recurso recursos arquivo arquivos dependência dependencia dependências dependencias
    depende dependem predecessor predecessora predecessores predecessoras sucessor
    sucessora sucessores sucessoras impacto impactos afeta afetam afetado afetados
    atraso atrasos atrasa atrasado atrasada atrasados atrasadas saída saida corrigir
    resolver consertar reiniciar liberar libera ação acao próximo proximo último ultimo
    primeira primeiro atual prazo prazos hora horas minuto minutos bem mal certo sai
    risco riscos perigo segura segurando segurar bloqueia bloqueando bloqueado bloqueados bloqueada ajuda
    abendou abendaram abendado abendados caiu caíram cairam quebrou quebraram deu deram
    valeu reexecute reexecutar cancele cancelar cancel libere submeta
    ajude ajudar aberto abertos aberta abertas ligado ligada desligado desligada
    """.split()
)

PLACE = "□"  # stands in a question where a name was
NAMING_NOUN = re.compile(
    r"(?i)^(?:jobs?|(?:job)?streams?|schedules?|workstations?|agents?|cpus?|resources?"
    r"|prompts?|tarefas?|fluxos?|estaç(?:ão|ões)|estac(?:ao|oes)|agentes?|recursos?"
    r"|máquina|maquina|named|called|chamad[oa])$"
)
_THING = rf"(?:{PLACE}|it|that|this|ele|ela|isso|isto|dele|dela|disso)"
_A_RESOURCE = r"(?i)\b(?:resources?|recursos?)"
_A_WORKSTATION = (
    r"(?i)\b(?:workstations?|agents?|cpus?|ftas?|machines?|servers?|estaç(?:ão|ões)"
    r"|estac(?:ao|oes)|agentes?|máquinas?|maquinas?|servidor(?:es)?)"
)
NAMED_RESOURCE = re.compile(rf"{_A_RESOURCE} (?:named |called |chamad[oa] )?{PLACE}")
NAMED_PROMPT = re.compile(rf"(?i)\bprompts? (?:named |called |chamad[oa] )?{PLACE}")
NAMED_WORKSTATION = re.compile(
    rf"{_A_WORKSTATION} (?:named |called |chamad[oa] )?{PLACE}"
)
WORKSTATION = re.compile(rf"{_A_WORKSTATION}\b")
PRONOUN = re.compile(
    r"(?i)\b(?:it|its|that|this|these|those|he|they|them|their|ele|ela|eles|elas|dele"
    r"|dela|deles|delas|isso|isto|esse|essa|desse|dessa|deste|nele|nela|seu|sua)\b"
)
HELP = re.compile(
    r"(?i)^\W*(?:help|ajuda|socorro|hi|hello|hey|oi|olá|ola|bom dia|boa (?:tarde|noite)"
    r"|thanks|thank you|obrigad[oa]|valeu)"
    r"\W*$|\bwhat can you\b|\bhow do you work\b|\bo que (?:é que )?(?:você|voce|vc)s?"
    r" (?:faz|pode|sabe|consegue)|\bcomo (?:você|voce) funciona\b|\bme ajud"
)
LOG = re.compile(r"(?i)\b(?:job ?logs?|logs?|stdlist|output|saída|saida)\b")
LINES = re.compile(r"(?i)\b(\d{1,6}) (?:last |últimas |ultimas )?(?:lines?|linhas?)\b")
PROMPT = re.compile(r"(?i)\bprompts?\b")
SUCCESSORS = re.compile(r"(?i)\b(?:successors?|sucessor(?:a|as|es)?|followers?)\b")
PREDECESSORS = re.compile(
    r"(?i)\b(?:predecessors?|predecessor(?:a|as|es)?|dependenc(?:y|ies)"
    r"|dependências?|dependencias?)\b"
    r"|\bdepends? on\W*$|\b(?:de que|do que|de quem)\b.*\bdepende"
)
IMPACT = re.compile(
    r"(?i)\bimpact\w*|\baffect\w*|\bafeta\w*|\bdeadlines?\b|\bprazos?\b|\bat risk\b"
    r"|\bem risco\b|\bconsequenc\w*|\bconsequênc\w*"
    r"|\b(?:what|who|which\b.*?)\s+(?:\w+\s+)?(?:waits?|depends?|hangs?)\s+(?:for|on)\b"
    r"|\b(?:what|who)(?: else)? is (?:waiting (?:for|on)|blocked by|behind|held by)\b"
    r"|\b(?:o que|quem|quais\b.*?)\s+(?:está |estão )?(?:depende|espera|aguarda)\w*"
    rf"\s+(?:(?:d[eoa]s?|por|pel[oa]s?|[oa]) )*{_THING}"
    rf"|{PLACE} (?:blocks?|holds? up|delays?|bloqueia|atrasa|segura)\b"
)
WHY = re.compile(
    r"(?i)\bwhy\b|\bpor ?qu[eê]\b|\bporqu[eê]\b|\breasons?\b|\bmotivos?\b|\bcauses?\b"
    r"|\bcausas?\b|\bstuck\b|\bblock\w*|\bparad[oa]s?\b|\btravad[oa]s?\b"
    r"|\bpres[oa]s?\b|\bbloque\w*|\bhold(?:s|ing)\b|\bsegura(?:ndo)?\b"
    r"|\bnot (?:run|start|work)\w*|\b(?:isn't|doesn't|didn't|won't) (?:run|start|work)\w*"
    r"|\bnão (?:rod|execut|inici|começ|sai)\w*|\bnao (?:rod|execut|inici|comec|sai)\w*"
    r"|\bwait(?:s|ing)? for\b|\besper(?:a|ando)\b|\baguard(?:a|ando)\b"
    r"|\bwhat (?:has )?happened\b|\bo que (?:houve|aconteceu)\b|\bfix\b|\bsolve\b"
    r"|\bresolv\w*|\bcorrig\w*|\bconsert\w*|\bwhat (?:should|can|must|do) (?:i|we) do\b"
    r"|\bo que (?:eu )?(?:devo |posso )?(?:fazer|faço)\b|\bplan of action\b"
    r"|\bplano de ação\b|\bdiagnos\w*|\btroubleshoot\w*|\bwrong\b|\berrado\b"
    r"|\battention\b|\batenção\b|\bpriorit\w*"
    r"|\bproblems?\b|\bproblemas?\b|\btrouble\b|\bissues?\b|\bincident\w*"
)
ERRORS = re.compile(
    r"(?i)\babend\w*|\bfail\w*|\berror?s?\b|\bfalh\w*|\bquebr\w*|\banomal\w*"
    r"|\bcrash\w*|\bcaiu\b|\bca[ií]ram\b"
)
# A question that wants things listed or counted, not explained.
LISTING = re.compile(
    r"(?i)^\W*(?:how many|which|list|show|quant[oa]s|quais|liste|mostre)\b"
)
ASKS_WHY = re.compile(r"(?i)\bwhy\b|\bpor ?qu[eê]\b|\bporqu[eê]\b|\bmotivos?\b")
DOWN = re.compile(
    r"(?i)\bdown\b|\boffline\b|\bunlinked\b|\bfora do ar\b|\bca[ií]d[oa]s?\b"
    r"|\bparad[oa]s?\b|\bdesligad[oa]s?\b|\bdesvinculad[oa]s?\b"
)
# What would change the plan, which nothing here can.
ORDER = re.compile(
    rf"(?i)^\W*(?:please |por favor,? )?(?:re-?run|restart|cancel|kill|release|submit"
    rf"|confirm|link|reexecut[ea]r?|reinici[ae]r?|cancel[ae]r?|liber[ae]r?|submet[ae]r?"
    rf"|confirm[ae]r?)\b.*{PLACE}"
)
PLAN = re.compile(
    r"(?i)\bstatus\b|\bstate\b|\boverview\b|\bsummary\b|\bplan\b|\bplano\b|\bhow many\b"
    r"|\bquant[oa]s\b|\bsituaç\w*|\bsituac\w*|\bestado\b|\bresumo\b|\bvisão\b|\bhow is\b"
    r"|\bhow are\b|\bhow's\b|\bcomo (?:está|esta|vai|estão|anda)\b|\bnight\b|\bnoite\b"
    r"|\bwell\b|\beverything\b|\btudo (?:bem|certo|ok)\b|\breport\b"
)

# The states that a list of jobs can be asked by.
STATES: Mapping[str, re.Pattern[str]] = {
    "late": re.compile(r"(?i)\blate\b|\bdelayed\b|\batrasad[oa]s?\b"),
    "running": re.compile(
        r"(?i)\brunning\b|\bexec\b|\bwhat runs\b|\bruns (?:right )?now\b"
        r"|\brodando\b|\bexecutando\b|\bem execução|\bo que roda\b|\broda agora\b"
    ),
    "held": re.compile(r"(?i)\bheld\b|\bhold\b|\bretid[oa]s?\b"),
    "ready": re.compile(r"(?i)\bready\b|\bpront[oa]s?\b"),
    "waiting": re.compile(r"(?i)\bwaiting\b|\besperando\b|\baguardando\b|\bna fila\b"),
    "done": re.compile(
        r"(?i)\bsucc\b|\bsuccessful\w*|\bsucceeded\b|\bcompleted\b|\bfinished\b"
        r"|\bconcluíd[oa]s?\b|\bconcluid[oa]s?\b|\bcom sucesso\b|\bterminad[oa]s?\b"
    ),
}
JOBS = re.compile(r"(?i)\bjobs?\b|\btarefas?\b")
