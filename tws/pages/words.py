"""The pages' words: statuses and causes by the trade's names, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tws import wording
from tws.knowledge import STATUSES

# How a status looks: by colour, by the shape of its mark, and always by its word.
Look = Literal["bad", "stuck", "active", "wait", "done", "gone", "unknown"]

LOOK_OF_PHASE: dict[str, Look] = {
    "failed": "bad",
    "blocked": "stuck",
    "held": "stuck",
    "confirming": "stuck",
    "running": "active",
    "launching": "active",
    "ready": "wait",
    "waiting": "wait",
    "succeeded": "done",
    "canceled": "gone",
    "suppressed": "gone",
}


@dataclass(frozen=True, slots=True)
class Public:
    """A public status: its word, the internal ones behind it, and its look."""

    word: Promise
    internal: str
    look: Look


# In the order of an operator's interest.
COMMON = {
    "ERROR": Public(_("In error"), "ABEND, FAIL", "bad"),
    "BLOCKED": Public(_("Blocked"), "STUCK, SUSP", "stuck"),
    "HELD": Public(_("Held"), "USER STAT", "stuck"),
    "UNDECIDED": Public(_("Undecided"), "UNKNOWN", "unknown"),
    "RUNNING": Public(_("Running"), "EXEC", "active"),
    "READY": Public(_("Ready"), "READY", "wait"),
    "WAITING": Public(_("Waiting"), "HOLD, INTRO", "wait"),
    "SUCCESSFUL": Public(_("Successful"), "SUCC", "done"),
    "COMPLETED": Public(_("Completed"), "COMPLT", "done"),
    "CANCELED": Public(_("Canceled"), "CANCL", "gone"),
    "SUPPRESS": Public(_("Suppressed"), "SUPPR", "gone"),
}
# These stand on the page also when there is none of them.
ALWAYS_SHOWN = ("ERROR", "RUNNING", "READY", "WAITING", "SUCCESSFUL")

CAUSES = {
    "job_failed": _("Job failed"),
    "confirmation_pending": _("To be confirmed"),
    "job_running": _("Still running"),
    "launching": _("Being launched"),
    "prompt_open": _("Open prompt"),
    "resource_busy": _("Resource taken"),
    "file_missing": _("File missing"),
    "time_not_reached": _("Time not reached"),
    "latest_start_passed": _("Latest start passed"),
    "workstation_limit": _("Workstation limit reached"),
    "stream_limit": _("Job stream limit reached"),
    "fence": _("Fence too high"),
    "priority_zero": _("Held: priority 0"),
    "workstation_down": _("Workstation down"),
    "workstation_ignored": _("Workstation ignored"),
    "internetwork": _("Other network has not delivered"),
    "suppressed": _("Suppressed by a condition"),
    "orphan_dependency": _("Follows what is not in the plan"),
    "plan_stalled": _("Plan stands still"),
    "waiting_turn": _("About to start"),
    "none": _("Nothing is wrong"),
    "unknown": _("Does not fit together"),
}
LOOK_OF_CAUSE: dict[str, Look] = {
    "job_failed": "bad",
    "workstation_down": "bad",
    "plan_stalled": "bad",
    "job_running": "active",
    "launching": "active",
    "waiting_turn": "wait",
    "time_not_reached": "wait",
    "none": "done",
    "unknown": "unknown",
}
NEEDS = {
    "job": _("Job"),
    "stream": _("Job stream"),
    "join": _("Join"),
    "prompt": _("Prompt"),
    "file": _("File"),
    "resource": _("Resource"),
    "internetwork": _("Other network"),
}
RISKS: dict[str, tuple[Promise, Look]] = {
    "HIGH_RISK": (_("high risk"), "bad"),
    "POTENTIAL_RISK": (_("at risk"), "stuck"),
    "ON_TRACK": (_("on track"), "done"),
    "NO_RISK": (_("on track"), "done"),
}
ASSUMPTIONS = {
    "cured_now": _("all trouble is cured now"),
    "rerun_now": _("it is rerun now"),
    "done_now": _("it is done now"),
    "cancelled": _("it is cancelled"),
    "delayed": _("it takes longer still"),
}


def look_of(status: str) -> Look:
    """For an internal or a public status."""
    if status in COMMON:
        return COMMON[status].look
    known = STATUSES.get(status)
    return LOOK_OF_PHASE.get(known.phase, "unknown") if known else "unknown"


def meaning_of(status: str) -> str:
    known = STATUSES.get(status)
    meaning = known.meaning if known else ""
    return told(lambda text: wording.meaning(status, text), meaning)


def told(translate: Callable[[str], str], text: object) -> str:
    """A sentence about the plan, which speaks English by itself."""
    portuguese = (get_language() or "").startswith("pt")
    return translate(str(text)) if portuguese else str(text)
