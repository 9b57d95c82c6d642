"""A diagnosis in words: what, why, the way there, what to do, what is at stake."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tws.diagnosis.findings import Diagnosis, Root
from tws.diagnosis.wording import clock, span

MOST_STEPS = 12
KINDS = {
    "job_failed": "it failed",
    "confirmation_pending": "it waits to be confirmed",
    "job_running": "it is still running",
    "launching": "it is being launched",
    "prompt_open": "a prompt is open",
    "resource_busy": "a resource is taken",
    "file_missing": "a file is missing",
    "time_not_reached": "its time has not come",
    "latest_start_passed": "its latest start has passed",
    "workstation_limit": "the workstation's limit is reached",
    "stream_limit": "the job stream's limit is reached",
    "fence": "the workstation's fence is too high",
    "priority_zero": "it is held",
    "workstation_down": "the workstation is down",
    "workstation_ignored": "the workstation is ignored",
    "internetwork": "another network has not delivered",
    "suppressed": "a condition has suppressed it",
    "orphan_dependency": "it follows something that is not in the plan",
    "plan_stalled": "the plan stands still",
    "waiting_turn": "it is about to start",
    "none": "nothing is wrong",
    "unknown": "this does not fit together",
}


def summary(found: Diagnosis) -> str:
    """One line."""
    if found.healthy:
        return f"{found.target} is {found.status}. {found.roots[0].detail}"
    causes = "; ".join(f"{KINDS[root.kind]}: {root.object}" for root in found.roots[:3])
    more = len(found.roots) - 3
    rest = f"; and {more} more" if more > 0 else ""
    return f"{found.target} is {found.status}: {causes}{rest}."


def report(found: Diagnosis, impact: dict[str, Any]) -> str:
    """As a colleague would tell it."""
    return "\n".join(_lines(found, impact))


def _lines(found: Diagnosis, impact: dict[str, Any]) -> Iterator[str]:
    yield f"{found.target} is {found.status}."
    if found.healthy:
        yield found.roots[0].detail
        return
    yield ""
    count = len(found.roots)
    yield "Why" if count == 1 else f"Why ({count} causes; all must be cured)"
    for root in found.roots:
        yield from _root(root)
    if len(found.chain) > 1:
        yield ""
        yield "How it hangs together"
        yield from _chain(found)
    yield ""
    yield "What to do"
    for root in found.roots:
        yield f"  {root.action}"
    yield from _stakes(impact, found.now)
    if found.notes:
        yield ""
        yield "Not usable in what TWS sent"
        yield from (f"  {note}" for note in found.notes[:5])


def _root(root: Root) -> Iterator[str]:
    yield f"  {root.object}: {KINDS[root.kind]} ({root.kind})."
    yield f"    {root.detail}"
    for item in root.evidence:
        if item.field.startswith("job log"):
            yield f"    {item.field}: {item.value}"


def _chain(found: Diagnosis) -> Iterator[str]:
    shown = found.chain
    if len(shown) > MOST_STEPS:
        half = MOST_STEPS // 2
        shown = (*shown[:half], *shown[-half:])
    before = ""
    for number, step in enumerate(shown):
        if len(found.chain) > MOST_STEPS and number == MOST_STEPS // 2:
            yield f"    … {len(found.chain) - MOST_STEPS} more in between"
        # Only where the way branches off must a line name what it hangs on.
        of = f" of {step.of}" if step.of != before else ""
        if not step.of:
            yield f"  {step.object} [{step.status}]"
        else:
            yield f"    <- {step.object} [{step.status}], {step.relation}{of}"
        before = step.object


def _stakes(impact: dict[str, Any], now: datetime) -> Iterator[str]:
    waiting = impact.get("waiting", {}).get("total", 0)
    deadlines = impact.get("deadlines", [])
    if not waiting and not deadlines:
        return
    yield ""
    yield "What is at stake"
    if waiting:
        streams = impact["waiting"]["streams"]
        names = ", ".join(f"{item['object']} ({item['total']})" for item in streams[:4])
        more = len(streams) - 4 + impact["waiting"]["more_streams"]
        rest = f" and {more} more" if more > 0 else ""
        noun = "job waits" if waiting == 1 else "jobs wait"
        yield f"  {waiting} {noun} behind {impact['object']}: {names}{rest}."
    for item in deadlines[:5]:
        yield f"  {_deadline(item, now)}"


def _deadline(item: dict[str, Any], now: datetime) -> str:
    due = clock(datetime.fromisoformat(item["deadline"]), now)
    name = f"{item['object']}{' (critical)' if item['critical'] else ''}"
    if item["late_seconds"]:
        late = span(item["late_seconds"])
        return f"{name} is due {due}: even if cured now, {late} too late."
    return f"{name} is due {due}: {span(item['slack_seconds'])} to spare if cured now."
