"""A rejected text stays hidden, whoever stores it again, and its evidence never changes."""

from django.core.management.base import CommandError
from django.db import migrations

HASH = """
CREATE FUNCTION memory_normal(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT lower(btrim(regexp_replace(normalize(words, NFKC), '\\s+', ' ', 'g')))
$$;

CREATE FUNCTION memory_content_hash(question text, answer text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT encode(sha256(convert_to(
        memory_normal(question) || chr(31) || memory_normal(answer), 'UTF8'
    )), 'hex')
$$;
"""

# A rejection counts as long as its row stands there as rejected by itself (twin_of IS
# NULL), and after its purge through memory_rejectedtext. A row that merely repeats the
# text is rejected at birth; one that was stored before, or at the same moment, is
# hidden where it is recalled (memory_visible, MemoryQuerySet.recallable), which needs
# no lock and is undone by undoing the rejection.
GUARD = """
CREATE FUNCTION memory_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rejection uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.content_hash := memory_content_hash(NEW.question, NEW.answer);
    ELSIF (NEW.question, NEW.answer, NEW.content_hash)
            IS DISTINCT FROM (OLD.question, OLD.answer, OLD.content_hash) THEN
        RAISE EXCEPTION 'the text of a memory never changes'
            USING ERRCODE = 'check_violation';
    ELSIF OLD.state = 'rejected' AND NEW.state <> 'rejected'
            AND NEW.revision <= OLD.revision THEN
        RAISE EXCEPTION 'a rejected memory comes back by approve or restore alone'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'rejected' AND NEW.twin_of IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT id INTO rejection FROM memory_memory
        WHERE content_hash = NEW.content_hash
            AND state = 'rejected' AND twin_of IS NULL AND id <> NEW.id
        LIMIT 1;
    IF rejection IS NULL THEN
        SELECT memory_id INTO rejection FROM memory_rejectedtext
            WHERE content_hash = NEW.content_hash;
    END IF;
    IF rejection IS NOT NULL THEN
        NEW.state := 'rejected';
        NEW.twin_of := rejection;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER memory_guard
BEFORE INSERT OR UPDATE OF question, answer, content_hash, state, twin_of
ON memory_memory FOR EACH ROW EXECUTE FUNCTION memory_guard();

CREATE FUNCTION memory_keep_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO memory_rejectedtext (content_hash, memory_id)
        VALUES (OLD.content_hash, OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER memory_keep_rejection
AFTER DELETE ON memory_memory FOR EACH ROW
WHEN (OLD.state = 'rejected' AND OLD.twin_of IS NULL)
EXECUTE FUNCTION memory_keep_rejection();
"""

UNDO = """
DROP TRIGGER memory_keep_rejection ON memory_memory;
DROP FUNCTION memory_keep_rejection();
DROP TRIGGER memory_guard ON memory_memory;
DROP FUNCTION memory_guard();
DROP FUNCTION memory_content_hash(text, text);
DROP FUNCTION memory_normal(text);
"""


def require_utf8(apps, schema_editor):
    """normalize() works in UTF-8 alone, and so does the rest of the world."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        msg = (
            f"The database is encoded in {encoding}; Resync needs UTF8:"
            " create it with ENCODING 'UTF8'."
        )
        raise CommandError(msg)


class Migration(migrations.Migration):
    dependencies = [("memory", "0001_initial")]

    operations = [
        migrations.RunPython(require_utf8, migrations.RunPython.noop),
        migrations.RunSQL(HASH + GUARD, UNDO),
    ]
