"""What the audit tells the rest of the house."""

from django.dispatch import Signal

# Sent after the commit that changed the queue, with ``entry_id`` and ``status``.
# The page that listens re-reads; a lost signal loses nothing.
queue_changed = Signal()
