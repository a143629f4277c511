"""What an erasure does to each table that knows a person."""

from typing import Final

_CALLS: Final = "SELECT id FROM calls WHERE customer_id = :customer"
_UTC: Final = (
    """to_char(CAST(verdict ->> '{}' AS timestamptz) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
)
_VERDICT: Final = f"""
    CAST(regexp_replace(CAST(
        (verdict || jsonb_strip_nulls(jsonb_build_object(
            'checked_at', {_UTC.format("checked_at")}, 'again_at', {_UTC.format("again_at")}))) #- '{{facts,zone}}'
    AS text), :pattern, :mark, 'gi') AS jsonb)
"""
"""The gate's word stays, in UTC: where the person lives does not."""


def _named(column: str) -> str:
    return f"regexp_replace({column}, :pattern, :mark, 'gi')"


ERASURES: Final[dict[str, str]] = {
    # Who it was.
    "phones": "DELETE FROM customer_phones WHERE customer_id = :customer",
    "tags": "DELETE FROM customer_tags WHERE customer_id = :customer",
    "interest": "DELETE FROM customer_events WHERE customer_id = :customer",
    "seasonal": "DELETE FROM seasonal_list WHERE customer_id = :customer",
    # What was said and written.
    "corrections": f"""
        DELETE FROM corrections USING turns WHERE turns.id = corrections.turn_id AND turns.call_id IN ({_CALLS})
    """,
    "turns": f"UPDATE turns SET text = '' WHERE call_id IN ({_CALLS})",
    "call_tags": f"DELETE FROM call_tags WHERE call_id IN ({_CALLS}) AND tag ~* :pattern",
    "calls": f"""
        UPDATE calls SET phone = :phone, recording = '', answers = '{{}}', verdict = {_VERDICT},
            actions = coalesce((SELECT jsonb_agg(action - 'reason' ORDER BY place)
                                FROM jsonb_array_elements(actions) WITH ORDINALITY AS one (action, place)), '[]')
        WHERE customer_id = :customer
    """,
    "messages": """
        UPDATE messages SET phone = :phone, text = '', gateway_id = NULL,
            error = CASE WHEN state = 'queued' THEN 'erased' ELSE '' END,
            state = CASE WHEN state = 'queued' THEN 'blocked' ELSE state END
        WHERE customer_id = :customer
    """,
    "notes": """
        UPDATE escalation_notes SET text = '' FROM escalations
        WHERE escalations.id = escalation_id AND escalations.customer_id = :customer
    """,
    "escalations": """
        UPDATE escalations SET reason = '', result = '',
            resolved_by = CASE WHEN resolved_at IS NULL THEN 'erasure' ELSE resolved_by END,
            resolved_at = coalesce(resolved_at, :at)
        WHERE customer_id = :customer
    """,
    # What passed between us and the company's CRM.
    "crm_events": """
        UPDATE crm_events SET details = '{}', key = CASE WHEN key ~* :pattern THEN 'erased:' || id ELSE key END
        WHERE customer_id = :customer
    """,
    "crm_updates": """
        UPDATE crm_updates SET key = CASE WHEN key ~* :pattern THEN 'erased:' || id ELSE key END,
            payload = CASE WHEN state = 'queued' AND kind = 'stop' THEN payload || '{"reason": ""}' ELSE '{}' END,
            error = CASE WHEN state = 'sent' THEN '' ELSE 'erased before the CRM took it' END,
            state = CASE WHEN state = 'queued' AND kind = 'stop' THEN state ELSE 'sent' END
        WHERE customer_id = :customer
    """,
    "answers": "DELETE FROM idempotency_keys WHERE CAST(answer AS text) ~* :pattern",
    # What stays as proof, and as figures.
    "consents": f"""
        UPDATE consents SET source = {_named("source")}, proof = {_named("proof")},
            withdrawn_at = coalesce(withdrawn_at, greatest(given_at, :at))
        WHERE customer_id = :customer
    """,
    "lifted_stops": "UPDATE lifted_stops SET reason = '' WHERE customer_id = :customer",
    "order_lines": f"""
        UPDATE order_lines SET what = {_named("what")} FROM orders
        WHERE orders.id = order_id AND orders.customer_id = :customer AND what ~* :pattern
    """,
    "verdicts": f"""
        UPDATE leads SET verdict = {_VERDICT}, updated_at = :at WHERE customer_id = :customer AND verdict IS NOT NULL
    """,
}
"""Kind of data -> what becomes of it; in this order."""

NUMBERS: Final = """
    SELECT phone, bool_or(theirs AND NOT wrong) AS theirs,
           EXISTS (SELECT FROM customer_phones other
                   WHERE other.phone = known.phone AND other.customer_id <> :customer) AS shared,
           (SELECT min(since) FROM stop_list WHERE stop_list.phone = known.phone) AS stopped_at
    FROM (SELECT phone, true AS theirs, wrong_number_at IS NOT NULL AS wrong
          FROM customer_phones WHERE customer_id = :customer
          UNION ALL SELECT phone, false, false FROM calls WHERE customer_id = :customer
          UNION ALL SELECT phone, false, false FROM messages WHERE customer_id = :customer) known
    GROUP BY phone
"""
"""Every number we ever reached the person at."""
SALT: Final = """
    INSERT INTO erasure_salt (salt) VALUES (CAST(gen_random_uuid() AS text) || CAST(gen_random_uuid() AS text))
    ON CONFLICT DO NOTHING
"""
REMEMBER: Final = """
    INSERT INTO erased_numbers (hash, since, source)
    SELECT encode(sha256(convert_to(salt || CAST(:phone AS text), 'UTF8')), 'hex'), :since, :source FROM erasure_salt
    ON CONFLICT DO NOTHING
"""
STOP: Final = """
    INSERT INTO stop_list (customer_id, since, reason, source) VALUES (:customer, :at, '', :source)
    ON CONFLICT (customer_id) DO UPDATE SET reason = '', source = excluded.source
"""
FREE: Final = "DELETE FROM stop_list WHERE phone = :phone"
CLOSE: Final = """
    UPDATE leads SET state = :done, next_attempt_at = NULL, callback = false, front = false, ended_by = :ended_by,
        updated_at = :at
    WHERE customer_id = :customer AND state IN ('unreleased', 'queued', 'scheduled') RETURNING id
"""
PERSON: Final = """
    UPDATE customers SET external_id = :external_id, last_name = '', first_name = '', patronymic = '', email = '',
        time_zone = '', preferred_channel = NULL, updated_at = :at, erased_at = :at
    WHERE id = :customer
"""
"""What they are worth stays: a letter of four."""
BUSY: Final = """
    SELECT EXISTS (SELECT FROM calls WHERE customer_id = :customer AND ended_at IS NULL)
        OR EXISTS (SELECT FROM leads WHERE customer_id = :customer AND state = 'claimed')
        OR EXISTS (SELECT FROM click_calls WHERE customer_id = :customer AND ended_at IS NULL)
"""
COMPLETE: Final = "UPDATE erasures SET complete = true, details = details - 'files' WHERE id = :act"
