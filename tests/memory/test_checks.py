"""Settings and index that do not fit together are named before they do harm."""

import pytest
from django.core.management.base import CommandError
from django.db import connection

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


@pytest.fixture
def bare(transactional_db):
    """A database without pgvector, used as somebody who may not install it."""
    name = connection.settings_dict["NAME"] + "_bare"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (may_everything,) = cursor.fetchone()
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        if may_everything:
            cursor.execute(f'CREATE ROLE "{name}"')
    bare = connection.copy()
    bare.settings_dict["NAME"] = name
    if may_everything:
        bare.cursor().execute(f'SET ROLE "{name}"')
    yield bare
    bare.close()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')
        if may_everything:
            cursor.execute(f'DROP ROLE "{name}"')


def test_the_extension_that_the_user_may_not_install_is_one_clear_line(bare):
    with pytest.raises(
        CommandError, match=r"superuser, run in the database test_.*_bare"
    ):
        migration.require_extension(bare)


@pytest.mark.django_db
def test_the_extension_that_is_there_is_left_as_it_is():
    migration.require_extension(connection)
