"""The wiring: settings, sockets, REST API, health, the embedded database."""

from django.apps import AppConfig


class ResyncSiteConfig(AppConfig):
    """Wires the other apps; nothing imports it."""

    name = "resync_site"
    verbose_name = "Resync"
