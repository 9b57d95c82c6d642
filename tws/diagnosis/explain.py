"""Adds to failed roots what their job logs tell."""

from dataclasses import replace

from tws.diagnosis.findings import Diagnosis, Evidence
from tws.diagnosis.logs import telling
from tws.payloads import JobLog
from tws.plan import Plan

MOST_LINES = 5


def logs_wanted(found: Diagnosis, plan: Plan, most: int) -> dict[str, str]:
    """The ids of the runs whose logs explain failed roots, by the id of the job."""
    failed = [root.item for root in found.roots if root.kind == "job_failed"]
    runs = {item: plan.jobs[item].run for item in failed if item in plan.jobs}
    return {item: run for item, run in list(runs.items())[:most] if run}


def with_logs(found: Diagnosis, logs: dict[str, JobLog]) -> Diagnosis:
    """Lines of a log are evidence like any field: what was read, and where."""
    roots = tuple(
        replace(root, evidence=(*root.evidence, *_lines(root.object, logs[root.item])))
        if root.kind == "job_failed" and root.item in logs
        else root
        for root in found.roots
    )
    return replace(found, roots=roots)


def _lines(key: str, log: JobLog) -> list[Evidence]:
    lines = telling(log, MOST_LINES)
    shown = [Evidence(key, f"job log, line {line.number}", line.text) for line in lines]
    meanings = dict.fromkeys(text for line in lines for text in line.meanings)
    return [*shown, *(Evidence(key, "message code", text) for text in meanings)]
