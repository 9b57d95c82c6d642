"""One pass over the queue: claim, check, judge, record. Safe to run many times at once."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings

from agents.llm.openai_chat import judge_model_from_settings
from agents.llm.port import ChatModel, LlmError
from audit import leases, record
from audit.checks_first import CHECKS, UNSUPPORTED, check_first, speaks_to_judge
from audit.exceptions import VerdictUnreadable
from audit.judge import judge, judge_name
from audit.leases import Case, Lease
from audit.models import AuditEntry
from audit.subject import Subject
from audit.verdict import Verdict
from memory.models import LEAST_CONTENT, Memory

logger = logging.getLogger(__name__)

Outcome = Literal["passed", "flagged", "quarantined", "unreadable", "skipped", "errors"]

SAMPLE_EVERY = 10  # memories of content users, of which one is judged
LEASE_SHARE = 0.75  # of the lease that the judge may use up
NO_OBJECTION = "The checks found nothing wrong; no model was asked."
MODEL_IS_DOWN_AFTER = 3  # failures in a row: what waits is left for a better time


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on a case, not recorded yet: a verdict, or why there is none.

    What the checks alone let pass has none: they find faults and cannot tell that an
    answer is right.
    """

    outcome: Outcome
    verdict: Verdict | None = None
    judge: str = ""
    note: str = ""


@dataclass(slots=True)
class Tally:
    """What a pass did, counted by outcome; ``examined`` is their sum."""

    passed: int = 0
    flagged: int = 0
    quarantined: int = 0
    unreadable: int = 0
    skipped: int = 0
    errors: int = 0
    in_a_row: int = 0

    @property
    def examined(self) -> int:
        return (
            self.passed
            + self.flagged
            + self.quarantined
            + self.unreadable
            + self.skipped
            + self.errors
        )

    @property
    def model_is_down(self) -> bool:
        return self.in_a_row >= MODEL_IS_DOWN_AFTER

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.in_a_row = self.in_a_row + 1 if outcome == "errors" else 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a pass goes."""

    limit: int = 100
    workers: int = 1
    since: datetime | None = None
    seconds: float = float("inf")  # after which nothing new is begun
    on_done: Callable[[], object] = lambda: None


async def sweep(bounds: Bounds) -> Tally:
    """Judge what is due, several at once."""
    clock = time.monotonic
    ends = clock() + bounds.seconds
    tally = Tally()
    begun = 0

    async def one_after_another(model: ChatModel | None) -> None:
        nonlocal begun
        while begun < bounds.limit and not (tally.model_is_down or clock() > ends):
            begun += 1
            lease = await sync_to_async(leases.claim_next)(since=bounds.since)
            if lease is None:
                return
            tally.count(await _audit(lease, model))
            bounds.on_done()

    async with _judge_model() as model:
        await _together(one_after_another(model) for _ in range(bounds.workers))
    return tally


async def preview(bounds: Bounds) -> Tally:
    """What a sweep would find now: everything is judged and nothing recorded."""
    due = await sync_to_async(leases.due_ids)(bounds.limit, since=bounds.since)
    left = deque(due)
    tally = Tally()

    async def one_after_another(model: ChatModel | None) -> None:
        while left and not tally.model_is_down:
            case = await sync_to_async(leases.case)(left.popleft())
            tally.count((await _find(case, model)).outcome)
            bounds.on_done()

    async with _judge_model() as model:
        await _together(one_after_another(model) for _ in range(bounds.workers))
    return tally


async def audit_entry(entry_id: int) -> Outcome | None:
    """Judge this entry; None when it is not due, or somebody else has it."""
    lease = await sync_to_async(leases.claim)(entry_id)
    if lease is None:
        return None
    async with _judge_model() as model:
        return await _audit(lease, model)


async def _audit(lease: Lease, model: ChatModel | None) -> Outcome:
    finding = await _find(lease.case, model)
    recorded = await sync_to_async(_record)(lease, finding)
    logger.log(
        logging.DEBUG if recorded == "passed" else logging.INFO,
        "entry %s audited: %s",
        lease.entry_id,
        recorded,
        extra={
            "action": "entry_audited",
            "memory_id": str(lease.memory_id),
            "outcome": finding.outcome,
            "attempt": lease.attempt,
        },
    )
    return "skipped" if recorded == "lost" else finding.outcome


async def _find(case: Case, model: ChatModel | None) -> Finding:
    """Examine one case; whatever goes wrong with it stays with it."""
    try:
        return await _examine(case, model)
    except VerdictUnreadable as error:
        return Finding("unreadable", note=str(error))
    except LlmError as error:
        logger.warning("judge not asked: %s", error, extra={"action": "judge_failed"})
        return Finding("errors", note=str(error))
    except Exception:
        logger.exception("audit failed", extra={"action": "audit_failed"})
        return Finding("errors", note="The auditor itself failed: see its log.")


async def _examine(case: Case, model: ChatModel | None) -> Finding:
    if note := _why_skipped(case):
        return Finding("skipped", note=note)
    doubt = check_first(case.subject)
    if model is None:
        nothing = Finding("passed", judge=CHECKS, note=NO_OBJECTION)
        return _judged(doubt, CHECKS) if doubt else nothing
    if doubt is not None and doubt.confidence > UNSUPPORTED:
        return _judged(doubt, CHECKS)
    name = judge_name(model)
    known = await sync_to_async(_known_verdict)(case.content_hash, name)
    if known is not None:
        return _judged(known, name)
    seconds = LEASE_SHARE * settings.AUDIT_LEASE_SECONDS
    verdict = await judge(model, case.subject, seconds=seconds)
    return _judged(_weigh(verdict, doubt, case.subject), name)


def _judged(verdict: Verdict, name: str) -> Finding:
    severity = record.severity_of(verdict)
    outcome: Outcome = "passed"
    if severity:
        outcome = "flagged" if severity == severity.FLAGGED else "quarantined"
    return Finding(outcome, verdict, name)


def _why_skipped(case: Case) -> str:
    if case.memory_state in (Memory.State.REJECTED, Memory.State.EXPIRED):
        return f"The memory is {case.memory_state}: there is nothing left to judge."
    content = case.rating is not None and case.rating >= LEAST_CONTENT
    # By id, so that the same memory is in the sample however often it is asked.
    if content and case.memory_id.int % SAMPLE_EVERY:
        return f"The user rated it {case.rating} of 5; it is not in the sample."
    return ""


def _weigh(verdict: Verdict, doubt: Verdict | None, subject: Subject) -> Verdict:
    """The judge may add to a doubt that there is without it, and never take it away."""
    steered = speaks_to_judge(subject)
    if steered and not record.severity_of(verdict):
        said = f"The text speaks to its judge (“{steered}”), whose word is not taken"
        verdict = Verdict(
            is_incorrect=True,
            confidence=settings.AUDIT_FLAG_THRESHOLD,
            reason=f"{said}: {verdict.reason}",
        )
    if doubt is None or (verdict.is_incorrect and verdict.confidence > UNSUPPORTED):
        return verdict
    return Verdict(
        is_incorrect=True,
        confidence=doubt.confidence,
        reason=f"{doubt.reason} The judge: {verdict.reason}",
    )


def _known_verdict(content_hash: str, name: str) -> Verdict | None:
    """What this judge said of the same content before."""
    entry = (
        AuditEntry.objects.filter(content_hash=content_hash, judge=name)
        .exclude(judged_at=None)
        .first()
    )
    if entry is None or entry.is_incorrect is None or entry.confidence is None:
        return None
    return Verdict(entry.is_incorrect, entry.confidence, entry.reason)


def _record(lease: Lease, finding: Finding) -> record.Recorded:
    if finding.verdict is not None:
        return record.verdict(lease, finding.verdict, finding.judge)
    if finding.outcome == "passed":
        return record.no_objection(lease, finding.note, finding.judge)
    if finding.outcome != "skipped":
        return record.failure(lease, finding.note)
    if lease.case.memory_state == Memory.State.REJECTED:
        return record.repetition(lease)
    return record.skip(lease, finding.note)


@asynccontextmanager
async def _judge_model() -> AsyncIterator[ChatModel | None]:
    """The configured judge, for one event loop; None lets the checks decide alone."""
    model = judge_model_from_settings()
    try:
        yield model
    finally:
        if model is not None:
            await model.aclose()


async def _together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run side by side; the first error ends all of them."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
