"""What the audit costs: reading verdicts, claiming entries, showing the queue."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from audit import leases, queries, record
from audit.models import AuditEntry
from audit.verdict import Verdict, read_verdict

AGENT = "bench-audit"
ROWS = 100_000
FEW = 1_000
THREADS = 4
CLAIMS = 400
AUDITORS = 16
FLAGS = 100
CORPUS = Path(__file__).parents[1] / "data" / "verdict-corpus.jsonl"

MEMORIES = """
INSERT INTO memory_memory (id, turn_id, agent_id, question, answer, evidence, grounding,
                           mode, index_after, indexed_at, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), %s, 'Why does JOB_' || n || ' wait?',
       'For file ' || n || '.', '[]', '{}', 'llm', now(), now(),
       now() - n * interval '1 second'
FROM generate_series(1, %s) AS n
"""
# Nine in ten passed, one in twenty waits for the auditor, one in twenty for a person.
ENTRIES = """
INSERT INTO audit_queue (memory_id, status, severity, reason, judge, content_hash,
                         priority, attempts, created_at, comment, correction)
SELECT id, CASE n %% 20 WHEN 0 THEN 'waiting' WHEN 1 THEN 'pending' ELSE 'passed' END,
       CASE n %% 20 WHEN 1 THEN 'flagged' ELSE '' END, '', '', content_hash,
       1, 0, created_at, '', ''
FROM (SELECT *, row_number() OVER () AS n FROM memory_memory WHERE agent_id = %s) AS m
"""
RAW_CLAIM = """
UPDATE audit_queue SET status = 'judging', attempts = attempts + 1,
    lease_token = gen_random_uuid(), lease_until = clock_timestamp() + interval '2 min'
WHERE id = (SELECT id FROM audit_queue WHERE status = 'waiting'
            AND not_before <= clock_timestamp() ORDER BY priority, id
            LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
"""


def sql(*statements: tuple[str, list[object]]) -> None:
    with connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)


@contextmanager
def filled_queue(rows: int) -> Iterator[None]:
    """So many entries, and none of them afterwards."""
    sql(
        ("SET statement_timeout = 0", []),
        (MEMORIES, [AGENT, rows]),
        (ENTRIES, [AGENT]),
        ("ANALYZE memory_memory", []),
        ("VACUUM ANALYZE audit_queue", []),
    )
    mine = "SELECT id FROM memory_memory WHERE agent_id = %s"
    try:
        yield
    finally:
        sql(
            ("SET resync.purge = 'on'", []),
            (
                "DELETE FROM audit_decision WHERE entry_id IN (SELECT id FROM"
                f" audit_queue WHERE memory_id IN ({mine}))",
                [AGENT],
            ),
            (f"DELETE FROM audit_queue WHERE memory_id IN ({mine})", [AGENT]),
            ("DELETE FROM memory_memory WHERE agent_id = %s", [AGENT]),
            ("RESET resync.purge", []),
            ("RESET statement_timeout", []),
        )


def milliseconds(call: Callable[[], object], rounds: int) -> list[float]:
    """How long each call took, after one that does not count; shortest first."""
    call()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def seconds_for(works: list[Callable[[], None]]) -> float:
    """How long these take side by side, each with a connection of its own."""
    barrier = threading.Barrier(len(works) + 1)

    def run(work: Callable[[], None]) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        jobs = [pool.submit(run, work) for work in works]
        barrier.wait()
        began = time.perf_counter()
        for job in jobs:
            job.result()
        return time.perf_counter() - began


def per_second(call: Callable[[], object], threads: int = THREADS) -> float:
    def some() -> None:
        for _ in range(CLAIMS // threads):
            call()

    return CLAIMS / seconds_for([some] * threads)


def bench_audit_verdict() -> dict[str, float]:
    """Reading the corpus of judge's replies, in times of plain json.loads."""
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    texts = [case["text"] for case in cases if case["text"] is not None]
    clean = '{"is_incorrect": true, "confidence": 0.9, "reason": "rc 12 is no success"}'
    right = sum(
        (read_verdict(case["text"]) is None) == (case["expect"] is None)
        for case in cases
        if case["text"] is not None
    )
    whole = median(milliseconds(lambda: [read_verdict(text) for text in texts], 9))
    ours = median(milliseconds(lambda: [read_verdict(clean) for _ in range(100)], 9))
    plain = median(milliseconds(lambda: [json.loads(clean) for _ in range(100)], 9))
    flood = median(milliseconds(lambda: read_verdict("{" * 10_000_000), 3))
    return {
        "accepted and refused as labelled": right / len(texts),
        "one reply of the corpus, us": whole / len(texts) * 1000,
        "a clean reply / json.loads": ours / plain,
        "10 MB of braces, ms": flood,
    }


def bench_audit_claims() -> dict[str, float]:
    """Claims per second with 100 000 entries, in parts of one SQL statement's."""

    def raw() -> None:
        sql((RAW_CLAIM, []))

    with filled_queue(ROWS):
        ours = per_second(leases.claim_next)
        statement = per_second(raw)
        taken = AuditEntry.objects.filter(status="judging", memory__agent_id=AGENT)
        once = taken.count() / (2 * CLAIMS)
    with filled_queue(FEW):
        with_few = per_second(leases.claim_next, threads=1)
    return {
        "claims per second, 4 threads": ours,
        "claims / one raw statement": ours / statement,
        "claims per second among 1000, 1 thread": with_few,
        "handed out once": once,
    }


def bench_audit_flags() -> dict[str, float]:
    """Sixteen auditors flag a hundred memories at once, among 100 000."""
    verdict = Verdict(is_incorrect=True, confidence=0.7, reason="bench")
    recorded: list[str] = []

    def flag(held: list[leases.Lease]) -> None:
        recorded.extend(record.verdict(one, verdict, "bench") for one in held)

    with filled_queue(ROWS):
        held = [lease for _ in range(FLAGS) if (lease := leases.claim_next())]
        seconds = seconds_for(
            [partial(flag, held[n::AUDITORS]) for n in range(AUDITORS)]
        )
    return {
        "100 flags, ms": seconds * 1000,
        "flagged of 100": float(recorded.count("flagged")),
    }


def bench_audit_desk() -> dict[str, float]:
    """The review desk's first page and the metrics, with 1 000 and 100 000 entries."""
    reviewer, _ = User.objects.get_or_create(
        username=AGENT, defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(reviewer)
    found: dict[str, float] = {}
    page: dict[int, float] = {}
    for rows in (FEW, ROWS):
        with filled_queue(rows):
            times = milliseconds(lambda: client.get("/admin/audit/auditentry/"), 20)
            numbers = milliseconds(queries.metrics, 20)
        page[rows] = median(times)
        found[f"first page of {rows}, ms"] = page[rows]
        found[f"first page of {rows}, p95 ms"] = times[-2]
        found[f"metrics of {rows}, ms"] = median(numbers)
    reviewer.delete()
    return {**found, "first page of 100000 / of 1000": page[ROWS] / page[FEW]}
