"""Chat: see the README for where it stands on the path of a question."""

from django.apps import AppConfig

from agents import signals


class AgentsConfig(AppConfig):
    """Chat."""

    name = "agents"
    verbose_name = "Chat"

    def ready(self) -> None:
        from agents import checks  # noqa: F401  # registers them

        signals.connect()
