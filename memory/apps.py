"""Memories: see the README for where it stands on the path of a question."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MemoryConfig(AppConfig):
    """Memories."""

    name = "memory"
    verbose_name = _("Memories")

    def ready(self) -> None:
        """Register the system checks."""
        from memory import checks  # noqa: F401
