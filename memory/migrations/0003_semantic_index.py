"""mem0's table, and the view through which alone it is read and written."""

import django.db.models.deletion
from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, migrations, models

import memory.fields

# The column is fixed to what the embedder gave when the table was made; another
# dimension means to build the index anew: manage.py index_memories --rebuild.
TABLE = f"""
CREATE TABLE memory_item (
    id uuid PRIMARY KEY REFERENCES memory_memory (id) ON DELETE CASCADE,
    vector vector({settings.EMBEDDINGS_DIM}) NOT NULL,
    payload jsonb NOT NULL
);
-- Without them the planner takes mem0's filters, which every row passes, for narrow ones,
-- and looks up the state of each row on its own.
CREATE STATISTICS memory_item_scope
    ON (payload ->> 'user_id'), (payload ->> 'embedder') FROM memory_item;
-- A vector that is moved out of the row makes the exact search several times slower.
ALTER TABLE memory_item ALTER COLUMN vector SET STORAGE MAIN;
CREATE INDEX memory_item_words ON memory_item
    USING gin (to_tsvector('simple', payload ->> 'text_lemmatized'));
"""

# No HNSW index: filtered, it returned 0 to 22 of the 100 rows asked for.
VIEW = """
CREATE VIEW memory_visible AS
SELECT item.id, item.vector, item.payload FROM memory_item AS item
WHERE EXISTS (
    SELECT 1 FROM memory_memory AS memory
    WHERE memory.id = item.id AND memory.state = 'active'
    AND NOT EXISTS (
        SELECT 1 FROM memory_memory AS rejection
        WHERE rejection.content_hash = memory.content_hash
            AND rejection.state = 'rejected' AND rejection.twin_of IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM memory_rejectedtext AS purged
        WHERE purged.content_hash = memory.content_hash
    )
);
"""


def require_extension(connection, name="vector"):
    """Install pgvector, or say in one line who has to do what."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}"')
    except DatabaseError as error:
        code = getattr(error.__cause__, "sqlstate", "")
        raise CommandError(_what_to_do(connection, name, code)) from error


def _what_to_do(connection, name, code):
    database = connection.settings_dict["NAME"]
    if code == "42501":
        return (
            f"The database user may not install the extension {name}. Once, as a"
            f' superuser, run in the database {database}: CREATE EXTENSION "{name}";'
        )
    return (
        f"The PostgreSQL server does not offer the extension {name}. Install pgvector"
        " 0.8 or newer on it (Debian: postgresql-NN-pgvector) and migrate again."
    )


def install(apps, schema_editor):
    require_extension(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("memory", "0002_rejected_texts")]

    operations = [
        migrations.RunPython(install, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, "DROP TABLE memory_item;"),
                migrations.RunSQL(VIEW, "DROP VIEW memory_visible;"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="MemoryItem",
                    fields=[
                        (
                            "memory",
                            models.OneToOneField(
                                db_column="id",
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="item",
                                serialize=False,
                                to="memory.memory",
                            ),
                        ),
                        ("vector", memory.fields.VectorField()),
                        ("payload", models.JSONField()),
                    ],
                    options={"db_table": "memory_item"},
                ),
            ],
        ),
    ]
