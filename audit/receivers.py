"""What happens to a memory happens to its entry in the same transaction, or neither."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from audit import doubts, queue, tasks
from memory.models import Memory
from memory.signals import memory_rated, memory_rating_begins, memory_remembered


@receiver(memory_remembered, dispatch_uid="audit.queue_memory")
def queue_memory(sender: type[Memory], memory: Memory, **kwargs: Any) -> None:
    """Entry and task are rows of the memory's own transaction."""
    tasks.enqueue(queue.enter(memory).pk)


@receiver(memory_rating_begins, dispatch_uid="audit.lock_entry")
def lock_entry(sender: type[Memory], memory_id: UUID, **kwargs: Any) -> None:
    """The entry before its memory, as the auditor and the reviewers lock them."""
    queue.lock(memory_id)


@receiver(memory_rated, dispatch_uid="audit.heed_rating")
def heed_rating(
    sender: type[Memory], memory: Memory, user_id: int, **kwargs: Any
) -> None:
    doubts.heed(memory, user_id)
