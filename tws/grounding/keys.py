"""What the keys of a tool's answer mean, however the tool spells them."""

from functools import lru_cache
from typing import Final


@lru_cache(maxsize=2048)
def plain(key: str) -> str:
    """``returnCode``, ``return_code`` and ``Return Code`` are one key."""
    return key.replace("_", "").replace("-", "").replace(" ", "").lower()


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


# In this order: the first that is there identifies the record.
NAMES: Final = (
    "object target key name job jobname stream jobstream jobstreamname workstationname "
    "workstation resource prompt resourcename promptname path filename"
).split()
WHOLE_NAMES: Final = _keys("object target key")
STATUSES: Final = _keys(
    "status internalstatus commonstatus state promptstatus lastrunstatus jobstatus "
    "lastruncommonstatus lastruncompositestatus compositestatus"
)
CODES: Final = _keys("returncode rc exitcode exitstatus")
STATIONS: Final = _keys(
    "workstation workstationname actualworkstation cpu cpuname agent "
    "jobstreamworkstation host"
)
STREAMS: Final = _keys(
    "stream jobstream jobstreamname streamname schedule schedulename"
)

ROLES: Final[dict[str, frozenset[str]]] = {
    "start": _keys(
        "started start starttime actualstart actualstarttime startedat begin begintime"
    ),
    "end": _keys(
        "ended end endtime actualend actualendtime endedat finished finishedat "
        "completed completedat"
    ),
    "deadline": _keys("deadline due duetime dueat deadlinetime"),
    "scheduled": _keys("scheduled scheduledtime scheduledstart schedtime"),
    "expected": _keys(
        "expectedend estimatedend expectedstart estimatedstart lastend plannedend eta"
    ),
    "latest": _keys("lateststart lateststarttime until latest"),
}
ROLE_OF: Final = {key: role for role, keys in ROLES.items() for key in keys}

# Numbers that a text names by a word of their own.
PROPERTIES: Final[dict[str, str]] = {
    "limit": "limit",
    "fence": "fence",
    "priority": "priority",
    "number": "number",
    "promptnumber": "number",
    "quantity": "quantity",
    "total": "total",
    "units": "quantity",
    "available": "available",
    "free": "available",
    "inuse": "used",
    "used": "used",
    "needed": "needed",
    "required": "needed",
    "jobsrunning": "used",
    "runningjobs": "used",
    "jobnumber": "jobnumber",
}
ESTIMATES: Final = _keys(
    "estimatedseconds estimatedduration estimate estimatedminutes expectedseconds "
    "expectedduration estimated estimatedhours"
)
DELAYS: Final = _keys(
    "lateseconds latebyseconds slackseconds delayseconds lateminutes delayminutes "
    "latebyminutes slackminutes delay"
)
SECONDS: Final[dict[str, float]] = {
    "seconds": 1,
    "secs": 1,
    "minutes": 60,
    "mins": 60,
    "hours": 3600,
}
MINUTES: Final = _keys("elapsed duration estimate estimated delay")

BEFORE: Final = _keys("predecessors dependencies dependson waitsfor follows upstream")
AFTER: Final = _keys(
    "successors dependents dependants downstream waiters waitingjobs blocks"
)
HOLDERS: Final = _keys("holders holder heldby usedby")

# Numbers under such keys count things.
COUNTING: Final = (
    "total count jobs waiting streams missed size members needed predecessors successors"
).split()
# Prose of a tool: what it tells of times belongs to the whole answer.
PROSE: Final = _keys("detail summary action note notes reason message text description")

# Among it, what a job may have written itself.
QUOTING: Final = _keys("message text description")

# What was asked of a tool, and what a tool is called, is not what it found.
LEFT_OUT: Final = _keys("arguments tool error")
# A root of a diagnosis says in its kind what state its object is in.
KIND_STATUS: Final = {
    "job_failed": "ERROR",
    "job_running": "RUNNING",
    "confirmation_pending": "PEND",
    "prompt_open": "OPEN",
    "file_missing": "MISSING",
}
LINKS: Final = {
    "linked": ("LINKED", "UNLINKED"),
    "online": ("ONLINE", "OFFLINE"),
    "running": ("UP", "DOWN"),
}
