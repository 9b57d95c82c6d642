"""Single jobs and job streams, read through the client and told as JSON."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tws.client import TwsClient
from tws.closure import Closure
from tws.diagnosis import Diagnosis
from tws.diagnosis.explain import logs_wanted, with_logs
from tws.diagnosis.logs import telling
from tws.diagnosis.report import report, summary
from tws.exceptions import (
    TwsNotFound,
    TwsPayloadError,
    TwsRejected,
    TwsUnavailable,
)
from tws.fetching import Way, around
from tws.impact import Assumption, Impact
from tws.lookup import node_of
from tws.oql import field
from tws.payloads import JobLog
from tws.plan import JobNode, Plan
from tws.plan.names import Node
from tws.records import item_record, need_record, run_record

ASSUMPTIONS: tuple[Assumption, ...] = ("rerun_now", "done_now", "cancelled", "delayed")

# Data, and one line on it.
Told = tuple[dict[str, Any], str]

MOST_ITEMS = 50
MOST_LOG_LINES = 500
# A diagnosis takes the calls that it needs; of so many, what is left goes to the logs of
# failed jobs, and to what waits. Finding the name has taken two before.
MOST_CALLS = 8
MOST_LOGS = 2
LOG_SECONDS = 5.0


class ObjectReads:
    """What can be told of one object; nothing is remembered here."""

    def __init__(self, client: TwsClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    async def job(self, node: Node) -> Told:
        job = node_of(await self._client.job(node.id), whole=True)
        data = item_record(job, self._clock())
        data["dependencies"] = await self._needs(job)
        if isinstance(job, JobNode):
            data["runs"] = [run_record(run) for run in job.earlier]
        return data, f"{job.key} is {job.status}."

    async def stream(self, node: Node) -> Told:
        stream, page = await asyncio.gather(
            self._client.jobstream(node.id),
            self._client.jobs(oql=field("jobStreamId") == node.id, limit=MOST_ITEMS),
        )
        found = node_of(stream, whole=True)
        data = item_record(found, self._clock())
        data["dependencies"] = await self._needs(found)
        jobs = [node_of(job) for job in page.items]
        data["job_list"] = [item_record(job, self._clock()) for job in jobs]
        data["jobs_total"] = len(jobs) if page.count is None else page.count
        return data, f"{found.key} is {found.status}, {data['jobs_total']} jobs."

    async def diagnosis(self, node: Node) -> Told:
        closure = Closure(self._client, self._clock())
        found = await closure.diagnose(node)
        left = max(0, MOST_CALLS - closure.calls)
        logs = min(MOST_LOGS, left)
        found, stakes = await asyncio.gather(
            self._explained(found, closure.plan, logs),
            closure.impact(node, more_calls=left - logs),
        )
        notes = tuple(dict.fromkeys((*found.notes, *closure.notes)))
        return diagnosed(replace(found, notes=notes), stakes)

    async def impact(
        self, node: Node, assumption: Assumption, delay_seconds: float
    ) -> Told:
        closure = Closure(self._client, self._clock())
        found = await closure.impact(node, assumption, delay_seconds=delay_seconds)
        data = found.record()
        data["what_if"] = [
            _outcome(await closure.impact(node, one, delay_seconds=delay_seconds))
            for one in ASSUMPTIONS
        ]
        text = (
            f"{len(found.waiting.jobs)} jobs wait for {found.object}; "
            f"{found.missed} of {len(found.risks)} deadlines would be missed."
        )
        return data, text

    async def neighbours(self, node: Node, way: Way, depth: int) -> Told:
        found = await around(self._client, node, way, depth)
        now = self._clock()
        data = {
            "object": node.key,
            "status": node.status,
            "depth": depth,
            way: [item_record(node_of(item), now) for item in found[:MOST_ITEMS]],
            "total": len(found),
        }
        return data, f"{node.key} has {len(found)} {way} within {depth} steps."

    async def log(self, node: Node, tail: int) -> Told:
        """Of the job's last run."""
        run = node.run if isinstance(node, JobNode) else ""
        code = node.return_code if isinstance(node, JobNode) else None
        data: dict[str, Any] = {
            "object": node.key,
            "status": node.status,
            "return_code": code,
        }
        log = await self._log_of(run, tail)
        if log is None:
            data |= {"lines": [], "telling": []}
            return data, f"There is no log of {node.key}: it has not run, or long ago."
        data |= {
            "lines": log.text.split("\n"),
            "from_line": log.from_line,
            "truncated": log.truncated,
            "binary": log.binary,
            "telling": [line.record() for line in telling(log)],
        }
        return data, f"The log of {node.key}, lines {log.from_line} to {log.to_line}."

    async def _needs(self, node: Node) -> list[dict[str, Any]]:
        """What it waits for, by name and present status."""
        plan = Plan(complete=False)
        if node.needs:
            for item in await around(self._client, node, "predecessors", 1):
                plan.put(node_of(item))
        return [need_record(need, plan) for need in node.needs[:MOST_ITEMS]]

    async def _explained(self, found: Diagnosis, plan: Plan, most: int) -> Diagnosis:
        runs = logs_wanted(found, plan, most)
        read = await asyncio.gather(*(self._readable(run) for run in runs.values()))
        logs = {item: log for item, log in zip(runs, read, strict=True) if log}
        return with_logs(found, logs)

    async def _readable(self, run: str) -> JobLog | None:
        """A log that does not come does not keep the cause from being told.

        TWS fetches it from the agent, which may be the very thing that is down.
        """
        try:
            async with asyncio.timeout(LOG_SECONDS):
                return await self._log_of(run)
        except (TimeoutError, TwsRejected, TwsUnavailable, TwsPayloadError):
            return None

    async def _log_of(self, run: str, tail: int = MOST_LOG_LINES) -> JobLog | None:
        """None is usual for a job that never started, or two days ago."""
        if not run:
            return None
        try:
            return await self._client.job_log(run, tail=tail)
        except TwsNotFound:
            return None


def diagnosed(found: Diagnosis, stakes: Impact) -> Told:
    impact = stakes.record()
    data = {
        "target": found.target,
        "status": found.status,
        "roots": [root.record() for root in found.roots],
        "chain": [step.record() for step in found.chain],
        "impact": impact,
        "notes": list(found.notes),
        "report": report(found, impact),
    }
    return data, summary(found)


def _outcome(found: Impact) -> dict[str, Any]:
    return {
        "assumption": found.assumption,
        "expected_end": found.expected_end.isoformat(),
        "last_end": found.last_end.isoformat(),
        "deadlines_missed": found.missed,
    }
