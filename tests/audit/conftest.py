"""Memories in the queue with overridable parts, and a judge that answers by script."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from audit import queue
from audit.models import AuditEntry
from memory.models import Memory
from tests.fakes.llm import FakeLlm, text

STATUS_RECORD = {
    "tool": "job",
    "arguments": {"name": "PAYROLL_01"},
    "status": "ok",
    "read_at": "2026-11-24T02:10:00Z",
    "age_seconds": 1.0,
    "summary": "PAYROLL_01 is ABEND, return code 12.",
    "data": {
        "jobs": [
            {
                "object": "/MDM#/PAY/NIGHT.PAYROLL_01",
                "name": "PAYROLL_01",
                "status": "ABEND",
                "return_code": 12,
            }
        ]
    },
}


def memory_row(**parts: Any) -> Memory:
    """A stored memory that nobody listens to."""
    return Memory.objects.create(
        **{
            "turn_id": uuid.uuid4(),
            "agent_id": "tws-analyzer",
            "question": f"How should batch {uuid.uuid4().hex} be restarted?",
            "answer": "Rerun it after the upstream file has arrived.",
            **parts,
        }
    )


def entry_row(*, memory: dict[str, Any] | None = None, **fields: Any) -> AuditEntry:
    """An entry in the queue; fields that are given are set as they are."""
    entry = queue.enter(memory_row(**(memory or {})))
    if fields:
        AuditEntry.objects.filter(pk=entry.pk).update(**fields)
    return AuditEntry.objects.get(pk=entry.pk)


def verdict_text(
    is_incorrect: bool = False, confidence: float = 0.9, reason: str = "as recorded"
) -> str:
    return json.dumps(
        {"is_incorrect": is_incorrect, "confidence": confidence, "reason": reason}
    )


@pytest.fixture
def judge(settings: Any) -> Iterator[FakeLlm]:
    """A judge's endpoint over HTTP, configured; it finds nothing wrong until scripted."""
    with FakeLlm() as fake:
        fake.default = text(verdict_text())
        settings.AUDITOR_BASE_URL = fake.base_url
        settings.AUDITOR_MODEL = "test-judge"
        settings.AUDITOR_API_KEY = "k"
        yield fake


@pytest.fixture
def pending() -> Callable[..., AuditEntry]:
    """Makes an entry that waits for a person, its memory quarantined or flagged."""

    def make(
        severity: str = "quarantined", *, memory: dict[str, Any] | None = None, **fields
    ) -> AuditEntry:
        entry = entry_row(
            memory=memory,
            status="judging",
            lease_token=uuid.uuid4(),
            lease_until="2026-01-01T00:00Z",
        )
        AuditEntry.objects.filter(pk=entry.pk).update(
            **{
                "status": "pending",
                "severity": severity,
                "lease_token": None,
                "lease_until": None,
                "is_incorrect": True,
                "confidence": 0.9,
                "reason": "The evidence says otherwise.",
                "judge": "test-judge/1",
                **fields,
            }
        )
        if severity == "quarantined":
            entry.memory.quarantine()
        else:
            entry.memory.flag()
        return AuditEntry.objects.get(pk=entry.pk)

    return make
