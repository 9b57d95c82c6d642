"""Memories: see the README for where it stands on the path of a question."""

from django.apps import AppConfig


class MemoryConfig(AppConfig):
    """Memories."""

    name = "memory"
    verbose_name = "Memories"

    def ready(self) -> None:
        """Register the system checks."""
        from memory import checks  # noqa: F401
