"""The wiring: settings, sockets, REST API, health, the embedded database."""

from django.apps import AppConfig


class ResyncSiteConfig(AppConfig):
    """Wires the other apps; nothing imports it."""

    name = "resync_site"
    verbose_name = "Resync"

    def ready(self) -> None:
        """Carry what the apps tell to the other processes."""
        from agents.signals import profiles_changed
        from audit.signals import queue_changed
        from resync_site import checks, notices  # noqa: F401  the checks register

        profiles_changed.connect(notices.agents_changed)
        queue_changed.connect(notices.queue_changed)
