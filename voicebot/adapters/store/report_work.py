"""How managers worked the escalations, by line of a report."""

from typing import Final

from voicebot.adapters.store.report_facts import VERSION

_ROWS: Final = f"""
    SELECT e.campaign_id, c.script, {VERSION} AS script_version, c.variant, coalesce(u.value_class, '') AS value_class,
        CAST(e.{{moment}} AT TIME ZONE CAST(:zone AS text) AS date) AS day, {{columns}}
    FROM escalations e JOIN calls c ON c.id = e.call_id JOIN customers u ON u.id = e.customer_id
    WHERE e.{{moment}} >= :since AND e.{{moment}} < :until
"""
TAKEN_ROWS: Final = _ROWS.format(
    moment="first_taken_at", columns="extract(epoch FROM e.first_taken_at - e.created_at) AS wait_s"
)
TAKEN_SUMS: Final = (
    "count(*) AS taken, percentile_disc(0.5) WITHIN GROUP (ORDER BY f.wait_s) AS median,"
    " percentile_disc(0.9) WITHIN GROUP (ORDER BY f.wait_s) AS p90"
)
CLOSED_ROWS: Final = _ROWS.format(
    moment="resolved_at",
    columns="""e.resolution,
        (SELECT count(*) FROM click_calls t WHERE t.escalation_id = e.id AND t.result = 'talked') AS talks""",
)
CLOSED_SUMS: Final = (
    "count(*) AS resolved, count(*) FILTER (WHERE f.talks > 0) AS talked,"
    " count(*) FILTER (WHERE f.talks = 1 AND f.resolution IN ('won_back', 'promised', 'refused')) AS settled"
)
"""The rules are those of `domain.escalation_work.work_figures`; nearest rank, as there."""
