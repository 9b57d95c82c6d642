"""What others may listen to."""

from django.dispatch import Signal

# Sent with sender=Memory and memory=<the new row>, inside the transaction that stores
# it: what a listener writes is committed with the memory or not at all.
memory_remembered = Signal()
