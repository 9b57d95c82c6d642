"""What the database itself refuses: rewriting history, and jumps between states."""

from django.db import migrations

HISTORY = """
CREATE FUNCTION audit_decision_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('resync.purge', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a decision is history: it cannot be changed or removed'
        USING ERRCODE = 'restrict_violation',
              HINT = 'Only the purge command removes rows.';
END $$;

CREATE TRIGGER audit_decision_is_history
    BEFORE UPDATE OR DELETE ON audit_decision
    FOR EACH ROW EXECUTE FUNCTION audit_decision_is_history();
"""

FORGET_HISTORY = """
DROP TRIGGER audit_decision_is_history ON audit_decision;
DROP FUNCTION audit_decision_is_history();
"""

# waiting -> rejected and judging -> rejected: the text was rejected in another memory;
# rejected -> waiting: that other rejection was taken back.
STATES = """
CREATE FUNCTION audit_queue_state_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) IN (
        ('waiting', 'judging'), ('waiting', 'passed'), ('waiting', 'pending'),
        ('waiting', 'rejected'),
        ('judging', 'waiting'), ('judging', 'passed'), ('judging', 'pending'),
        ('judging', 'rejected'),
        ('passed', 'pending'),
        ('pending', 'approved'), ('pending', 'rejected'),
        ('approved', 'pending'), ('rejected', 'pending'), ('rejected', 'waiting')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an audit entry cannot go from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_queue_state_follows';
END $$;

CREATE TRIGGER audit_queue_state_follows
    BEFORE UPDATE OF status ON audit_queue
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION audit_queue_state_follows();
"""

FORGET_STATES = """
DROP TRIGGER audit_queue_state_follows ON audit_queue;
DROP FUNCTION audit_queue_state_follows();
"""

# Whoever stores a rating, the thumbs down goes first.
RATINGS = """
CREATE FUNCTION audit_queue_follow_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_queue SET priority = CASE WHEN NEW.rating <= 2 THEN 0 ELSE 1 END
        WHERE memory_id = NEW.id AND status = 'waiting';
    RETURN NULL;
END $$;

CREATE TRIGGER audit_queue_follow_rating
    AFTER UPDATE OF rating ON memory_memory
    FOR EACH ROW WHEN (OLD.rating IS DISTINCT FROM NEW.rating)
    EXECUTE FUNCTION audit_queue_follow_rating();
"""

FORGET_RATINGS = """
DROP TRIGGER audit_queue_follow_rating ON memory_memory;
DROP FUNCTION audit_queue_follow_rating();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(HISTORY, FORGET_HISTORY),
        migrations.RunSQL(STATES, FORGET_STATES),
        migrations.RunSQL(RATINGS, FORGET_RATINGS),
    ]
