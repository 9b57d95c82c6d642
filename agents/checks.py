"""System checks: a wrong profile or half a configuration is told at start."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from agents.models import AgentProfile
from agents.validators import tool_problems


@checks.register(checks.Tags.database)
def check_profiles(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[checks.CheckMessage]:
    """Rows that came in past ``save``, or whose tools an upgrade took away."""
    if not databases or "default" not in databases:
        return []
    try:
        profiles = list(AgentProfile.objects.all())
    except DatabaseError:
        return []  # not migrated yet, or not there: other checks say so
    return [
        checks.Error(
            f"The agent {profile.pk} cannot be used: {problem}",
            hint="Correct it in the admin, or with manage.py load_agents.",
            id="agents.E001",
        )
        for profile in profiles
        for problem in tool_problems(profile.tools)
    ]


@checks.register()
def check_model(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    if settings.LLM_BASE_URL and not settings.LLM_MODEL:
        return [
            checks.Warning(
                "LLM_BASE_URL is set but LLM_MODEL is not.",
                hint="Name the model that the endpoint serves; “default” is asked for.",
                id="agents.W001",
            )
        ]
    if settings.LLM_MODEL and not settings.LLM_BASE_URL:
        return [
            checks.Warning(
                "LLM_MODEL is set but LLM_BASE_URL is not: answers are computed.",
                hint="Give the base URL of an OpenAI-compatible endpoint.",
                id="agents.W002",
            )
        ]
    return []
