"""Names the variables that look like settings and are none."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004

TAG = "settings"
W_MISSPELT = "resync.W001"
NO_GUESS = "The settings are listed in .env.example."


@register(TAG)
def nothing_is_misspelt(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A setting with a slip in its name would be silently without effect."""
    return [
        Warning(
            f"{name} is set, and no setting has that name.",
            hint=f"Did you mean {meant}?" if meant else NO_GUESS,
            id=W_MISSPELT,
        )
        for name, meant in settings.MISSPELT.items()
    ]
