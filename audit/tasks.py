"""What the django-q2 worker runs. Tasks carry ids; the rows of the queue are the work.

Any of these may run twice, late, or beside another of its kind: the leases make that
harmless, and what a lost task leaves undone the next tick takes up.
"""

import logging

from asgiref.sync import async_to_sync
from django_q.tasks import async_task

from audit import auditor, heartbeat, leases, queue, record
from audit.auditor import Bounds
from audit.models import Heartbeat
from memory.exceptions import MemoryGatewayError
from memory.gateway import knowledge_graph

logger = logging.getLogger(__name__)

# A sweep begins nothing new after this: with the judge's deadline on top it still ends
# before django-q2's time limit for a task.
SWEEP = Bounds(limit=1000, workers=2, seconds=45.0)
INDEX_LIMIT = 200
UNSAVED = {"save": False}  # results are rows of the queue; django-q2 need not keep any


def enqueue(entry_id: int) -> None:
    """Have this entry audited soon; the task is part of the caller's transaction."""
    async_task("audit.tasks.audit_entry", entry_id, q_options=UNSAVED)


def enqueue_tick() -> None:
    async_task("audit.tasks.tick", q_options=UNSAVED)


def audit_entry(entry_id: int) -> None:
    async_to_sync(auditor.audit_entry)(entry_id)


def tick() -> None:
    """Every minute: show that the worker works, and take up what was left undone."""
    heartbeat.beat(Heartbeat.Part.TICK)
    record.bury_poison()
    async_to_sync(auditor.sweep)(SWEEP)


def nightly() -> None:
    """At 02:00: queue the memories that have no entry, and try again what was put off."""
    queue.adopt_missing()
    queue.put_off_no_longer()
    nightly_rest()


def nightly_rest() -> None:
    """A sweep that goes on in a task of its own as long as there is something to do."""
    tally = async_to_sync(auditor.sweep)(SWEEP)
    if leases.count_due() and not tally.model_is_down:
        async_task("audit.tasks.nightly_rest", q_options=UNSAVED)


def index_pending() -> None:
    """Every five minutes: put into the semantic index what it lacks."""
    try:
        async_to_sync(knowledge_graph().index_pending)(INDEX_LIMIT)
    except MemoryGatewayError as error:
        logger.warning(
            "indexing put off: %s", error, extra={"action": "indexing_put_off"}
        )
