"""Plan: see the README for where it stands on the path of a question."""

from django.apps import AppConfig


class TwsConfig(AppConfig):
    """Plan."""

    name = "tws"
    verbose_name = "Plan"

    def ready(self) -> None:
        from tws import checks  # noqa: F401  # registers them
