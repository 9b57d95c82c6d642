"""The PostgreSQL that comes in a wheel: start, stop, heal."""

from pathlib import Path
from typing import Any


def database_settings(data_dir: Path) -> dict[str, Any]:
    """Django's settings for the server in ``data_dir``; starts nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "resync",
        "USER": "resync",
        "HOST": str(data_dir / "postgres"),
    }
