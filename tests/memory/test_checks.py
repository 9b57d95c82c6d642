"""Settings and index that do not fit together are named before they do harm."""

import pytest
from django.core.management.base import CommandError
from django.db import connection, transaction

from memory.checks import embedder_is_complete, index_fits_embedder

migration = __import__(
    "memory.migrations.0003_semantic_index", fromlist=["require_extension"]
)


@pytest.mark.parametrize(
    ("url", "model", "dimensions", "ids"),
    [
        pytest.param("", "", 384, [], id="local"),
        pytest.param("", "", 768, ["memory.E002"], id="local of another length"),
        pytest.param("http://x/v1", "m", 768, [], id="endpoint"),
        pytest.param("http://x/v1", "", 768, ["memory.E001"], id="endpoint, no model"),
    ],
)
def test_the_settings_of_the_embedder(settings, url, model, dimensions, ids):
    settings.EMBEDDINGS_BASE_URL = url
    settings.EMBEDDINGS_MODEL = model
    settings.EMBEDDINGS_DIM = dimensions

    assert [message.id for message in embedder_is_complete(None)] == ids


@pytest.mark.django_db
def test_an_index_of_another_length_is_named_with_what_to_do(settings):
    assert index_fits_embedder(None, ["default"]) == []

    settings.EMBEDDINGS_DIM = 768

    assert index_fits_embedder(None, None) == []
    (message,) = index_fits_embedder(None, ["default"])
    assert (message.id, "vectors of 384" in message.msg) == ("memory.E003", True)
    assert "index_memories --rebuild" in message.hint


@pytest.mark.django_db
def test_the_extension_that_the_server_lacks_is_one_clear_line():
    with pytest.raises(CommandError, match=r"Install pgvector 0\.8 or newer"):
        migration.require_extension(connection, "no_such_extension")


@pytest.mark.django_db
def test_the_extension_that_the_user_may_not_install_is_one_clear_line():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION vector CASCADE")
        cursor.execute("CREATE ROLE resync_nobody")
        cursor.execute("SET LOCAL ROLE resync_nobody")

        with pytest.raises(CommandError, match="superuser, run in the database test_"):
            migration.require_extension(connection)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_extension_that_is_there_needs_no_right():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE resync_nobody")
        cursor.execute("SET LOCAL ROLE resync_nobody")

        migration.require_extension(connection)
        transaction.set_rollback(True)
