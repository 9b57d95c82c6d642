"""Second opinions: see the README for where they stand on the path of a question."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Second opinions on what was remembered."""

    name = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """Register the system checks and listen for new memories."""
        from audit import checks, receivers  # noqa: F401
