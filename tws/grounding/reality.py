"""Tells what is stated of the plan from what is only supposed, advised or reported."""

import re
from typing import Final

# Clauses that speak of what might be, must be done, or was asked: nothing to check.
UNREAL: Final = re.compile(
    r"(?i)(?<!\w)(?:if|unless|once|when|whenever|until|till|as soon as|will"
    r"|would|should|shall|may|might|could|can|cannot|must|need(?:s|ed)? to|please|to be|so that"
    r"|let|make sure|check|verify|ensure|confirm|in case|whether|likely|probably|perhaps"
    r"|possibly|requires?|either|ha(?:s|ve) to|t[eê]m? que|instead of|rather than|no need"
    r"|se|caso|quando|até que|assim que|vai|vão|irá|irão|deve|devem|deveria"
    r"|pode|podem|poderá|poderia|precisa|precisam|talvez|provavelmente|verifique|confirme"
    r"|para que|libera(?:rá|ria)?|exig\w+|em vez de)(?!\w)"
)
# "B runs after A has succeeded" orders two jobs and tells the state of neither.
ORDERING: Final = re.compile(
    r"(?i)(?<!\w)(?:after|before|until|depois(?: d\w+| que)?|antes(?: d\w+| que)?|após|até)"
    r"(?!\w)(?!\s+(?:about|only|just|less|more|over|some|a|an|half|cerca|mais|menos|\d))"
)
# What somebody else says is not what the answer says.
REPORTED: Final = re.compile(
    r"(?i)(?<!\w)(?:you (?:\w+ )?(?:mention|mentioned|say|said|ask|asked|assume|assumed|think"
    r"|thought|suggest|suggested|state|stated)|your (?:question|premise|assumption)"
    r"|premise|contrary to|claim(?:s|ed|ing)?|você (?:disse|mencionou|perguntou|afirmou"
    r"|supôs|sugeriu)|sua (?:pergunta|premissa)|ao contrário|means?|meant|significa(?:m)?"
    r"|stands? for)(?!\w)"
)
SUPPOSED: Final = re.compile(r"(?i)(?<!\w)(?:if|unless|once|se|caso)(?!\w)")
OWN_VIEW: Final = re.compile(r"(?i)(?<!\w)I(?:'d|’d| would)(?!\w)|\beu (?:\w+ria)\b")
ADVICE: Final = re.compile(
    r"(?i)(?:^|[,;:(]\s*|\b(?:or|and|then|e|ou|to|by)\s+)(?:raise|lower|set|increase|decrease"
    r"|reduce|change|lift|rais\w+|lower\w+|aument\w+|reduz\w*|reduza|baix\w+|ajust\w+"
    r"|alter\w+|defin\w+)\b[^.;]{0,60}$"
)


def is_unreal(text: str, at: int, *, of_state: bool = False) -> bool:
    """Whether what stands at ``at`` is a condition, advice or a report, not a fact."""
    before = text[:at]
    if _cued(UNREAL, before) or _cued(REPORTED, before) or OWN_VIEW.search(text):
        return True
    if of_state and _cued(ORDERING, before):
        return True
    return bool(re.search(r"(?i)\bto\s+$|\?\s*$", before)) or text.rstrip().endswith(
        "?"
    )


def is_advice(text: str, at: int) -> bool:
    """Whether the value at ``at`` is one that somebody should give."""
    return bool(ADVICE.search(text[:at]))


def is_supposed(text: str, at: int) -> bool:
    """Whether what stands at ``at`` is only a condition: ``if it takes 3 hours``."""
    return _cued(SUPPOSED, text[:at])


def _cued(cue: re.Pattern[str], before: str) -> bool:
    """Whether the cue reaches to the end; a comma ends what it governs."""
    found = list(cue.finditer(before))
    return bool(found) and not re.search(r",\s", before[found[-1].end() :])
