"""Chat: see the README for where it stands on the path of a question."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Chat."""

    name = "agents"
    verbose_name = "Chat"
