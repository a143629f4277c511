"""What calls are found by: their words and what they are filed under."""

from typing import Final

from sqlalchemy import DDL, BigInteger, Column, ForeignKey, Index, Table, Text, event
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from voicebot.adapters.store.campaign_tables import call_tags, calls, turns
from voicebot.adapters.store.desk_tables import corrections
from voicebot.adapters.store.metadata import metadata, moment

BLOCK_BITS: Final = 13
"""Calls whose numbers differ in their last 13 bits alone make a block: 8192 of them, searched at a time."""

call_reviews = Table(
    # Whose words a manager has read, and who it was.
    "call_reviews",
    metadata,
    Column("call_id", BigInteger, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("reviewed_by", Text, nullable=False),
    moment("at"),
)

call_search = Table(
    # Calls that are over, written by `index_calls` alone. One GIN index answers every filter and every search: it
    # steps through the lists of block, facets and words together and skips what is not in all of them.
    "call_search",
    metadata,
    Column("call_id", BigInteger, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    moment("dialled_at"),
    Column("facets", ARRAY(Text), nullable=False),  # `<letter>:<value>`, see domain.call_query, and `b:<block>`
    Column("heard", TSVECTOR, nullable=False),  # words of the customer, and of a manager after a transfer
    Column("words", TSVECTOR, nullable=False),  # those and the bot's
)
Index(
    # Without the list of pending entries: every search would have to read it through, block after block.
    "ix_call_search",
    call_search.c.facets,
    call_search.c.heard,
    call_search.c.words,
    postgresql_using="gin",
    postgresql_with={"fastupdate": "off"},
)
Index("ix_call_tags_tag", call_tags.c.tag)
Index("ix_calls_hangup_state", calls.c.hangup_state, postgresql_where=calls.c.hangup_state != "")

INDEX_CALLS: Final = """
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
"""Calls are locked first: whoever changes one at the same time is waited for, and seen. Live ones are left alone."""
_ANNOUNCE: Final = """
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
_WATCHED: Final = {
    "calls": ("INSERT", "UPDATE"),
    "turns": ("INSERT", "UPDATE", "DELETE"),
    "call_tags": ("INSERT", "DELETE"),
    "corrections": ("INSERT", "UPDATE", "DELETE"),
    "call_reviews": ("INSERT", "DELETE"),
}
"""Whoever writes these, by whatever way: what is found is always what stands there, and what was erased is not."""
CALL_SEARCH_RULES: Final = (
    INDEX_CALLS,
    _ANNOUNCE,
    *(
        f"CREATE TRIGGER indexed_on_{kind.lower()} AFTER {kind} ON {table}"
        f" REFERENCING {'OLD' if kind == 'DELETE' else 'NEW'} TABLE AS changed"
        " FOR EACH STATEMENT EXECUTE FUNCTION index_changed_calls()"
        for table, kinds in _WATCHED.items()
        for kind in kinds
    ),
)
for _table in (turns, call_tags, corrections, call_reviews):
    call_search.add_is_dependent_on(_table)  # the triggers stand on them
for _statement in CALL_SEARCH_RULES:
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    event.listen(call_search, "after_create", _ddl)
