"""What others may listen to."""

from django.dispatch import Signal

# Sent with sender=Memory and memory=<the new row>, inside the transaction that stores
# it: what a listener writes is committed with the memory or not at all.
memory_remembered = Signal()

# Sent with sender=Memory and memory_id, inside the transaction that rates the memory and
# before the memory's own row is locked: a listener with a row of its own locks it here,
# so that everybody who needs both locks them in the same order.
memory_rating_begins = Signal()

# Sent with sender=Memory, memory=<the row, rated and locked> and user_id, inside the same
# transaction, when the rating has changed or was taken back.
memory_rated = Signal()
