"""The column type of pgvector."""

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class VectorField(models.Field):  # type: ignore[type-arg]
    """A pgvector column with as many dimensions as the embedder gives."""

    description = "A vector of pgvector"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return f"vector({settings.EMBEDDINGS_DIM})"
