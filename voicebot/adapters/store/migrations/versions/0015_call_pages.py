"""Indexes of the pages of calls: what calls are found by, and who has read them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BATCH = 5000
_INDEX_CALLS = """
    CREATE FUNCTION index_calls(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF cardinality(ids) = 0 THEN
            RETURN;
        END IF;
        PERFORM FROM calls WHERE id = ANY (ids) AND ended_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE;
        INSERT INTO call_search (call_id, dialled_at, facets, words, heard)
        SELECT c.id, c.dialled_at,
               array_remove(ARRAY[
                   'b:' || (c.id >> 13), 'c:' || l.campaign_id, 'w:' || c.direction, 'g:' || c.outcome_group,
                   'd:' || c.disposition, 'h:' || nullif(c.hangup_state, ''),
                   CASE WHEN c.answered_at IS NULL THEN 'l:none'
                        WHEN c.ended_at - c.answered_at < interval '15 seconds' THEN 'l:short'
                        WHEN c.ended_at - c.answered_at < interval '1 minute' THEN 'l:minute'
                        WHEN c.ended_at - c.answered_at < interval '3 minutes' THEN 'l:talk'
                        ELSE 'l:long' END,
                   CASE WHEN said.heard <> '' AND NOT EXISTS (SELECT FROM call_reviews WHERE call_id = c.id)
                        THEN 'u:yes' END
               ], NULL) || ARRAY(SELECT 't:' || tag FROM call_tags WHERE call_id = c.id),
               to_tsvector('russian', said.words), to_tsvector('russian', said.heard)
        FROM calls c
        JOIN leads l ON l.id = c.lead_id
        CROSS JOIN LATERAL (
            SELECT coalesce(string_agg(coalesce(k.words, t.text), ' ' ORDER BY t.position), '') AS words,
                   coalesce(string_agg(coalesce(k.words, t.text), ' ' ORDER BY t.position)
                       FILTER (WHERE t.speaker <> 'bot'), '') AS heard
            FROM turns t LEFT JOIN corrections k ON k.turn_id = t.id
            WHERE t.call_id = c.id
        ) said
        WHERE c.id = ANY (ids) AND c.ended_at IS NOT NULL
        ON CONFLICT (call_id) DO UPDATE SET dialled_at = excluded.dialled_at, facets = excluded.facets,
            words = excluded.words, heard = excluded.heard;
    END
    $$
    """
_INDEX_CHANGED = """
    CREATE FUNCTION index_changed_calls() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'calls' THEN
            PERFORM index_calls(ARRAY(SELECT id FROM changed WHERE ended_at IS NOT NULL));
        ELSIF TG_TABLE_NAME = 'corrections' THEN
            PERFORM index_calls(ARRAY(SELECT DISTINCT t.call_id FROM changed JOIN turns t ON t.id = turn_id));
        ELSE
            PERFORM index_calls(ARRAY(SELECT DISTINCT call_id FROM changed));
        END IF;
        RETURN NULL;
    END
    $$
    """
_WATCHED = {
    "calls": ("INSERT", "UPDATE"),
    "turns": ("INSERT", "UPDATE", "DELETE"),
    "call_tags": ("INSERT", "DELETE"),
    "corrections": ("INSERT", "UPDATE", "DELETE"),
    "call_reviews": ("INSERT", "DELETE"),
}
_FILL = """
    SELECT index_calls(ARRAY(SELECT id FROM calls WHERE id >= :first AND id < :after))
    """


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "call_reviews",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_reviews_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_reviews"),
    )
    op.create_table(
        "call_search",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facets", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("heard", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_search_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_search"),
    )
    op.create_index("ix_call_tags_tag", "call_tags", ["tag"])
    op.create_index("ix_calls_hangup_state", "calls", ["hangup_state"], postgresql_where=sa.text("hangup_state <> ''"))
    op.execute(_INDEX_CALLS)
    _fill()
    # After the rows: to build it at once is many times faster than row by row.
    op.create_index(
        "ix_call_search",
        "call_search",
        ["facets", "heard", "words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.execute(_INDEX_CHANGED)
    for table, kinds in _WATCHED.items():
        for kind in kinds:
            op.execute(
                f"CREATE TRIGGER indexed_on_{kind.lower()} AFTER {kind} ON {table}"
                f" REFERENCING {'OLD' if kind == 'DELETE' else 'NEW'} TABLE AS changed"
                " FOR EACH STATEMENT EXECUTE FUNCTION index_changed_calls()"
            )


def _fill() -> None:
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT coalesce(max(id), 0) FROM calls"))
    for first in range(0, last + 1, _BATCH):
        connection.execute(sa.text(_FILL), {"first": first, "after": first + _BATCH})


def downgrade() -> None:
    """Take the step back."""
    for table, kinds in _WATCHED.items():
        for kind in kinds:
            op.execute(f"DROP TRIGGER indexed_on_{kind.lower()} ON {table}")
    op.execute("DROP FUNCTION index_changed_calls")
    op.execute("DROP FUNCTION index_calls")
    op.drop_index("ix_calls_hangup_state", table_name="calls")
    op.drop_index("ix_call_tags_tag", table_name="call_tags")
    op.drop_table("call_search")
    op.drop_table("call_reviews")
