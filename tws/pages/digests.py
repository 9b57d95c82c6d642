"""What tells one state of a part of the plan page from another, in a few characters.

A page knows by them what it shows, a socket tells what there is: only parts in which
the two differ are fetched. They are made of what is shown, never of the whole answer.
"""

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from tws.diagnosis.wording import span

if TYPE_CHECKING:
    from tws.pages.glance import Glance
    from tws.pages.trouble import Trouble

Record = dict[str, Any]
Digests = dict[str, str]

INCIDENT = (
    *("kind", "object", "detail", "action", "waiting", "deadlines_missed", "critical"),
    *("streams", "streams_total"),
)
CRITICAL = ("object", "risk", "deadline", "estimated_end")


def digests_of(glance: "Glance") -> Digests:
    """By the name of the part; "" for what is not known."""
    status = glance.status.value
    trouble = _trouble(glance.trouble)
    fresh = status and [status["read_at"], status["engine"], trouble]
    return {
        "fresh": _digest(fresh),
        "trouble": _digest(trouble),
        "tiles": _digest(status and status["counts"]),
        "places": _digest(status and status["workstations"]),
        "causes": _digest(_causes(glance)),
        "deadlines": _digest(_deadlines(glance)),
    }


def _trouble(trouble: "Trouble | None") -> list[str]:
    """Without the sentences that depend on the reader's language."""
    if trouble is None:
        return ["none"]
    sentence = "" if trouble.is_vague else trouble.sentence
    return [trouble.kind, sentence, trouble.action if sentence else ""]


def _causes(glance: "Glance") -> Any:  # noqa: ANN401  JSON
    if glance.incidents.value is None:
        return [[job["object"], job["status"]] for job in glance.provisional]
    found = glance.incidents.value
    incidents = [
        [*(item[name] for name in INCIDENT), [_due(due) for due in item["deadlines"]]]
        for item in found.data["incidents"]
    ]
    age = found.read_at.isoformat() if glance.incidents_are_old else ""
    return [incidents, found.data["total"], found.data["waiting"], age]


def _deadlines(glance: "Glance") -> Any:  # noqa: ANN401  JSON
    status = glance.status.value
    critical = status["critical"] if status else []
    told = glance.deadlines.value
    due = told and [told.data["total"], *map(_due, told.data["deadlines"])]
    watched = [[job.get(name) for name in CRITICAL] for job in critical]
    return [due, watched] if due or watched else None


def _due(due: Record) -> list[Any]:
    """As it is told, which is to the minute."""
    left = due["late_seconds"] or due["slack_seconds"]
    lateness = bool(due["late_seconds"]), span(left or 0)
    return [due["object"], due["deadline"], *lateness, due["critical"]]


def _digest(facts: object) -> str:
    if not facts:
        return ""
    text = json.dumps(facts, sort_keys=True, default=str)
    return blake2b(text.encode(errors="replace"), digest_size=6).hexdigest()
