"""Tells listeners that the agents have changed, once the change is committed."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

profiles_changed = Signal()


def connect() -> None:
    """Watch the profiles; called once, when the app is ready."""
    from agents.models import AgentProfile

    for signal in (post_save, post_delete):
        signal.connect(
            _tell, sender=AgentProfile, dispatch_uid=f"profiles-{id(signal)}"
        )


def _tell(sender: type, **kwargs: object) -> None:
    transaction.on_commit(lambda: profiles_changed.send(sender=sender))
