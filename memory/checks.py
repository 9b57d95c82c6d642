"""Whether the embedder, its settings and the index fit together."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from memory.embedder import LOCAL_DIMENSIONS
from memory.indexing import index_dimensions


@register()
def embedder_is_complete(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """E001: an endpoint without a model; E002: the local model has its own length."""
    if settings.EMBEDDINGS_BASE_URL:
        if settings.EMBEDDINGS_MODEL:
            return []
        return [
            Error(
                "EMBEDDINGS_BASE_URL is set, but EMBEDDINGS_MODEL is not.",
                hint="Name the endpoint's embedding model, and set EMBEDDINGS_DIM to"
                " the length of its vectors.",
                id="memory.E001",
            )
        ]
    if settings.EMBEDDINGS_DIM == LOCAL_DIMENSIONS:
        return []
    return [
        Error(
            f"EMBEDDINGS_DIM is {settings.EMBEDDINGS_DIM}, but the local embedder gives"
            f" vectors of {LOCAL_DIMENSIONS} numbers.",
            hint="Unset EMBEDDINGS_DIM, or set EMBEDDINGS_BASE_URL as well.",
            id="memory.E002",
        )
    ]


@register(Tags.database)
def index_fits_embedder(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """E003: the index was made for another embedder's vectors."""
    found = index_dimensions() if databases else None
    if found in {None, settings.EMBEDDINGS_DIM}:
        return []
    return [
        Error(
            f"EMBEDDINGS_DIM is {settings.EMBEDDINGS_DIM}, but the index holds vectors"
            f" of {found} numbers.",
            hint="Run manage.py index_memories --rebuild, which indexes every memory"
            f" anew, or go back to the embedder with EMBEDDINGS_DIM={found}.",
            id="memory.E003",
        )
    ]
