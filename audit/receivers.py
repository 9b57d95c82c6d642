"""A memory that is stored is queued with it, or neither is."""

from typing import Any

from django.dispatch import receiver

from audit import queue, tasks
from memory.models import Memory
from memory.signals import memory_remembered


@receiver(memory_remembered, dispatch_uid="audit.queue_memory")
def queue_memory(sender: type[Memory], memory: Memory, **kwargs: Any) -> None:
    """Entry and task are rows of the memory's own transaction."""
    tasks.enqueue(queue.enter(memory).pk)
