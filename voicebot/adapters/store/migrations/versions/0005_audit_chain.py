"""The audit log chained by hash."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000
_REFUSE_FORK = """
    CREATE FUNCTION refuse_fork() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE head record;
    BEGIN
        SELECT id, hash INTO head FROM audit_log ORDER BY id DESC LIMIT 1;
        IF NEW.id <> coalesce(head.id, 0) + 1 OR NEW.prev_hash <> coalesce(head.hash, repeat('0', 64)) THEN
            RAISE EXCEPTION USING MESSAGE = 'audit entry ' || NEW.id || ' does not follow the last one';
        END IF;
        RETURN NEW;
    END
    $$
    """
_CHAINED = """
    CREATE TRIGGER chained BEFORE INSERT ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_fork()
    """
_APPEND = """
    CREATE FUNCTION append_audit(entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE head record; entry jsonb; number bigint; previous text; digest text;
    BEGIN
        PERFORM set_config('idle_in_transaction_session_timeout', '10s', true);
        PERFORM pg_advisory_xact_lock(1635083369, 0);
        SELECT id, hash INTO head FROM audit_log ORDER BY id DESC LIMIT 1;
        number := coalesce(head.id, 0);
        previous := coalesce(head.hash, repeat('0', 64));
        FOR entry IN SELECT value FROM jsonb_array_elements(entries) WITH ORDINALITY ORDER BY ordinality LOOP
            number := number + 1;
            digest := encode(sha256(convert_to(previous || E'\\n' || (entry ->> 'canonical'), 'UTF8')), 'hex');
            INSERT INTO audit_log (id, at, actor, action, subject, details, prev_hash, hash)
            VALUES (number, CAST(entry ->> 'at' AS timestamptz), entry ->> 'actor', entry ->> 'action',
                    entry ->> 'subject', entry -> 'details', previous, digest);
            previous := digest;
        END LOOP;
    END
    $$
    """
_APPEND_ONLY = """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """
_LOG = sa.table(
    "audit_log",
    *(sa.column(name) for name in ("id", "at", "actor", "action", "subject", "prev_hash", "hash")),
    sa.column("details", postgresql.JSONB()),
)


def upgrade() -> None:
    """Make the step."""
    op.add_column("audit_log", sa.Column("prev_hash", sa.Text(), nullable=True))
    op.add_column("audit_log", sa.Column("hash", sa.Text(), nullable=True))
    op.execute("ALTER TABLE audit_log ALTER COLUMN id DROP IDENTITY")
    op.execute("DROP TRIGGER append_only ON audit_log")
    _chain()
    op.execute(_APPEND_ONLY)
    op.alter_column("audit_log", "prev_hash", nullable=False)
    op.alter_column("audit_log", "hash", nullable=False)
    op.create_unique_constraint("uq_audit_log_prev_hash", "audit_log", ["prev_hash"])
    op.create_index("ix_audit_log_subject_id", "audit_log", ["subject", "id"])
    op.execute(_REFUSE_FORK)
    op.execute(_CHAINED)
    op.execute(_APPEND)


def _chain() -> None:
    """Hash the entries that exist, and number them without the gaps that rolled back transactions left."""
    connection = op.get_bind()
    change = (
        sa.update(_LOG)
        .where(_LOG.c.id == sa.bindparam("old_id"))
        .values(id=sa.bindparam("new_id"), prev_hash=sa.bindparam("new_prev"), hash=sa.bindparam("new_hash"))
    )
    head = "0" * 64
    for number, row in enumerate(_entries(connection), start=1):
        prev_hash, head = head, _hash(head, row)
        values = {"old_id": row.id, "new_id": number, "new_prev": prev_hash, "new_hash": head}
        connection.execute(change, values)


def _entries(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    last = 0
    query = sa.select(_LOG).order_by(_LOG.c.id).limit(_BATCH)
    while rows := connection.execute(query.where(_LOG.c.id > last)).all():
        yield from rows
        last = rows[-1].id


def _hash(prev_hash: str, row: sa.Row[Any]) -> str:
    """As `domain.audit.entry_hash` has it since this step."""
    content = {
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "details": _plain(row.details),
    }
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{prev_hash}\n{written}".encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(Decimal(repr(value))) if isinstance(value, float) and value.is_integer() else value


def downgrade() -> None:
    """Take the step back."""
    op.execute("DROP FUNCTION append_audit")
    op.execute("DROP TRIGGER chained ON audit_log")
    op.execute("DROP FUNCTION refuse_fork")
    op.drop_index("ix_audit_log_subject_id", table_name="audit_log")
    op.drop_constraint("uq_audit_log_prev_hash", "audit_log", type_="unique")
    op.drop_column("audit_log", "hash")
    op.drop_column("audit_log", "prev_hash")
    op.execute("ALTER TABLE audit_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY")
    op.execute("SELECT setval('audit_log_id_seq', coalesce((SELECT max(id) FROM audit_log), 0) + 1, false)")
