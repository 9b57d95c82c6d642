"""Audit: see the README for where it stands on the path of a question."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit."""

    name = "audit"
    verbose_name = "Audit"
