"""Second opinions: see the README for where they stand on the path of a question."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Second opinions on what was remembered."""

    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        """Register the system checks and listen for new memories."""
        from audit import checks, receivers  # noqa: F401
