"""The words with which people and the vendor say what state a thing is in.

States and their families follow the HWA console guide, "Public job status" and
"Internal job status"; the Portuguese words are those of Brazilian operators.
"""

import re
from typing import Final

# What a vendor status may truly be called. A status belongs to several families.
FAMILIES: Final[dict[str, frozenset[str]]] = {
    "failed": frozenset(
        "ABEND FAIL FAILED ABENP ABENDP ERROR STUCK BLOCKED FAILURE".split()
    ),
    "succeeded": frozenset(
        "SUCC SUCCP SUCCESSFUL SUCCESS SUCCEED COMPLETED COMPLETE COMPLT "
        "DUMMY_COMPLETED DONE".split()
    ),
    "running": frozenset("EXEC RUNNING STARTED INTRO RJOB EXEC+ INTRO+".split()),
    "ready": frozenset(["READY"]),
    "held": frozenset("HOLD HELD USER_STAT SUSP".split()),
    "waiting": frozenset(
        "HOLD HELD WAIT WAITING WAITD READY SCHED FENCE PEND PENDPRED SUSP ADD INTRO "
        "STUCK BLOCKED UNDECIDED WAITING_FOR_TRIGGER ARRVING ASKED NOT_ASKED".split()
    ),
    "blocked": frozenset(
        "BLOCKED STUCK HOLD HELD WAIT WAITING READY FENCE SUSP SUPPR PENDPRED".split()
    ),
    "cancelled": frozenset("CANCL CANCEL CANCELED CANCELLED CANCLP CANCELP".split()),
    "suppressed": frozenset("SUPPR SUPPRESS SUPPRESSED SUPPRESS_BY_COND".split()),
    "pending": frozenset("PEND PENDPRED ABENP SUCCP CANCLP ASKED".split()),
    "ended": frozenset(
        "SUCC SUCCP SUCCESSFUL SUCCESS COMPLETED DONE ABEND FAIL FAILED ERROR "
        "PEND".split()
    ),
    "unlinked": frozenset(["UNLINKED"]),
    "linked": frozenset(["LINKED"]),
    "offline": frozenset(["OFFLINE", "UNLINKED", "DOWN"]),
    "online": frozenset(["ONLINE", "LINKED", "UP"]),
    "open": frozenset(["ASKED", "NOT_ASKED", "OPEN"]),
    "asked": frozenset(["ASKED", "OPEN"]),
    "answered": frozenset("ANSWERED YES NO Y N REPLIED".split()),
    "arrived": frozenset("ARRIVED AVAILABLE PRESENT EXISTS FOUND YES".split()),
    "missing": frozenset("MISSING UNAVAILABLE ABSENT NO NOT_FOUND UNKNOWN".split()),
    "well": frozenset("LINKED ONLINE RUNNING".split()),
}

SPELLINGS: Final[dict[str, str]] = {
    "ABENDP": "ABENP",
    "CANCEL": "CANCL",
    "CANCELED": "CANCL",
    "CANCELLED": "CANCL",
    "FAILED": "FAIL",
    "SUPPRESS": "SUPPR",
    "EXEC+": "EXEC",
    "INTRO+": "INTRO",
    "SUCCESSFUL": "SUCC",
    "SUCCESS": "SUCC",
    "RUNNING": "EXEC",
}

# Vendor statuses that a text may name in capitals; matched exactly, not as a family.
VENDOR: Final = frozenset(
    "ABEND ABENP ABENDP ADD BOUND CANCL CANCEL CANCELED CANCLP DONE EXEC EXTRN FAIL "
    "FAILED FENCE HOLD INTRO PEND READY SCHED STUCK SUCC SUCCP SUPPR SUSP WAIT WAITD "
    "SUCCESSFUL RUNNING BLOCKED HELD UNDECIDED SUPPRESS LINKED UNLINKED".split()
)

_WORDS: Final[dict[str, str]] = {
    "failed": r"fail(?:ed|s|ing|ure|ures)?|abend(?:ed|s|ing)?|abnormal(?:ly)?(?: end\w*)?"
    r"|(?:in|with|has|have|had)(?: an)? errors?|ended in error|crashed|aborted"
    r"|unsuccessful(?:ly)?|falh(?:ou|aram|a|as|ado|ada|ados|adas|ando)"
    r"|^errors?(?=\s*(?:[|:=]|\(\d))|(?:com|em) erros?|abendou|abendaram|abortou|abortaram|abortad[oa]s?",
    "succeeded": r"succe(?:eded|ssful|ssfully|ss|eds?)|completed|complete"
    r"|(?:com|teve|tiveram) sucesso|bem[- ]sucedid[oa]s?|conclu(?:iu|íram|ído|ída|ídos|ídas)"
    r"|(?<=is )done|(?<=are )done|(?<=was )done|(?<=\()done|(?<=already )done"
    r"|(?:ended|finished|terminou|terminaram) (?:ok|well|cleanly|fine|bem)",
    "running": r"running|executing|in execution|in progress|executando|em execução"
    r"|rodando|em andamento|is run|are run",
    "ready": r"ready|pront[oa]s?(?! para)",
    "held": r"held|on hold|retid[oa]s?|suspens[oa]s?",
    "waiting": r"wait(?:s|ing|ed)?|queued|esperando|aguarda(?:m|ndo)?|espera(?:m)?"
    r"|em espera",
    "blocked": r"blocked|stuck|bloquead[oa]s?|travad[oa]s?|pres[oa]s?",
    "cancelled": r"cancell?ed|cancelad[oa]s?",
    "suppressed": r"suppressed|suprimid[oa]s?",
    "ended": r"finished|ended|terminou|terminaram|terminad[oa]s?|finalizad[oa]s?"
    r"|finalizou|encerrad[oa]s?",
    "unlinked": r"unlinked|not linked|desvinculad[oa]s?|sem (?:link|vínculo)"
    r"|desconectad[oa]s?|disconnected",
    "linked": r"linked|com link|vinculad[oa]s?|conectad[oa]s?|connected",
    "offline": r"offline|off-line|is down|are down|fora do ar",
    "online": r"online|on-line|(?<=is )up|(?<=are )up",
    "answered": r"(?<!un)answered|replied to|respondid[oa]s?",
    "asked": r"been asked|foi perguntad[oa]|foi feita",
    "open": r"unanswered|open|em aberto|abert[oa]s?|sem resposta|not yet asked",
    "arrived": r"arrived|chegou|chegaram",
    "missing": r"missing|not there|ausentes?|falta(?:m|ndo)?|doesn't exist|não existe",
}

STATUS_WORD: Final = re.compile(
    "|".join(
        rf"(?P<{family}>(?<!\w)(?:{words})(?!\w))"
        for family, words in (
            # longest meaning first: "unsuccessful" before "successful" and so on
            (name, _WORDS[name])
            for name in (
                "failed succeeded cancelled suppressed unlinked linked offline online "
                "running held ready blocked waiting answered asked open arrived missing "
                "ended"
            ).split()
        )
    ),
    re.IGNORECASE,
)
VENDOR_WORD: Final = re.compile(
    r"(?<![\w#./-])(?:"
    + "|".join(sorted(VENDOR, key=len, reverse=True))
    + r")(?![\w#-])"
)

NEGATION: Final = re.compile(
    r"(?i)(?<!\w)(?:not|never|no longer|n't|isn't|aren't|wasn't|weren't|hasn't|haven't"
    r"|didn't|doesn't|don't|cannot|without|não|nunca|sem|jamais)(?!\w)"
)
NEITHER: Final = re.compile(
    r"(?i)(?<!\w)(?:neither|none of|nem|nenhum(?:a)? d\w+)(?!\w)"
)
NUMBER_WORDS: Final[dict[str, int]] = {
    word: value
    for value, words in enumerate(
        (
            "no none zero nenhum nenhuma neither nothing nada",
            "one um uma single",
            "two dois duas both ambos ambas",
            "three três tres",
            "four quatro",
            "five cinco",
            "six seis",
            "seven sete",
            "eight oito",
            "nine nove",
            "ten dez",
            "eleven onze",
            "twelve doze",
            "thirteen treze",
            "fourteen catorze quatorze",
            "fifteen quinze",
            "sixteen dezesseis",
            "seventeen dezessete",
            "eighteen dezoito",
            "nineteen dezenove",
            "twenty vinte",
        )
    )
    for word in words.split()
} | {
    word: value
    for value, words in (
        (30, "thirty trinta"),
        (40, "forty quarenta"),
        (50, "fifty cinquenta"),
        (60, "sixty sessenta"),
    )
    for word in words.split()
}

# Capital words that are not names of anything in a plan.
NOT_NAMES: Final = VENDOR | frozenset(
    "AND ALL ANY API APP ASAP AWS BUT CPU CSV CURL DB DNS ERROR FAQ FOR FTA GB HCL HOST "
    "HTML HTTP HTTPS HWA IBM IMPORTANT INFO IP ITIL IWS JCL JOB JOBS JSON KB LDAP LLM "
    "LIMIT LINK MB MDM MUST NEVER NO NONE NOT NOTE NULL OK OOM OQL OR OS PID PRIORITY "
    "PROMPT RAM RC REST RESOURCE RERUN SIGKILL SIGTERM SLA SQL SSH SSL STATUS STDOUT "
    "STDERR STREAM TCP THE TIP TLS TODO TWS UNIX URL USER UTC UTF WARNING WORKSTATION "
    "XML YES YOU BRT GMT CET CEST EST EDT PDT PST JSTREAM JOBSTREAM ATENÇÃO NÃO SIM ERRO "
    "AGENT POOL MANAGER SUCCESS OPEN ASKED ANSWERED FATAL WARN DEBUG EXIT CODE".split()
)


# What stands for a name in an example: WS#STREAM.JOB, JOB_NAME, MY_JOB.
PLACEHOLDERS: Final = frozenset(
    "JOB JOBS JOBNAME NAME STREAM JOBSTREAM WS WORKSTATION CPU AGENT FOLDER RESOURCE PROMPT "
    "X XX XXX XYZ Y YYY NN NNN ID YOUR MY SEU MEU NOME NUMBER NUM".split()
)

# Which internal statuses the console's public status stands for.
PUBLIC: Final[dict[str, frozenset[str]]] = {
    "WAITING": frozenset("ADD PEND WAIT WAITD INTRO HOLD SCHED FENCE READY".split()),
    "RUNNING": frozenset("EXEC INTRO SUCCP ABENP BOUND".split()),
    "SUCCESSFUL": frozenset(["SUCC"]),
    "ERROR": frozenset("ABEND FAIL FAILED".split()),
    "HELD": frozenset("HOLD READY WAIT".split()),
    "BLOCKED": frozenset("SUSP STUCK".split()),
    "UNDECIDED": frozenset("ERROR EXTRN UNDCDED".split()),
}
PUBLIC_WORDS: Final = frozenset(PUBLIC) | frozenset(
    "CANCELED SUPPRESS COMPLETED INTERRUPTED".split()
)
LINK_STATES: Final = frozenset("LINKED UNLINKED ONLINE OFFLINE DOWN UP".split())
LINK_FAMILIES: Final = frozenset("linked unlinked online offline well".split())
PROMPT_STATES: Final = frozenset("ASKED NOT_ASKED OPEN ANSWERED REPLIED YES NO".split())
PROMPT_FAMILIES: Final = frozenset("open answered asked".split())
FILE_STATES: Final = frozenset(
    "ARRIVED MISSING AVAILABLE UNAVAILABLE PRESENT ABSENT FOUND NOT_FOUND".split()
)
FILE_FAMILIES: Final = frozenset("arrived missing".split())
# Words of one subject matter are held only against states of the same.
_DOMAINS: Final = (
    (LINK_FAMILIES, LINK_STATES),
    (PROMPT_FAMILIES, PROMPT_STATES),
    (FILE_FAMILIES, FILE_STATES),
)


_STATES: Final = frozenset().union(*FAMILIES.values())


def is_status(key: str) -> bool:
    return key in _STATES


def same_matter(stated: str, recorded: set[str]) -> set[str]:
    """Those recorded states that speak of what ``stated`` speaks of."""
    for families, states in _DOMAINS:
        if stated in families or stated in states:
            return recorded & states
    return recorded - LINK_STATES - PROMPT_STATES - FILE_STATES


def same_status(stated: str, recorded: str) -> bool:
    """Whether a vendor word in the text names the recorded vendor status."""
    if SPELLINGS.get(stated, stated) == SPELLINGS.get(recorded, recorded):
        return True
    return recorded in PUBLIC.get(stated, ()) or stated in PUBLIC.get(recorded, ())


def fits(stated: str, recorded: str) -> bool:
    """Whether a recorded status may be called ``stated`` (a family or vendor word)."""
    if stated in FAMILIES:
        return recorded in FAMILIES[stated]
    return same_status(stated, recorded)
