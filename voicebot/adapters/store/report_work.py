"""How managers worked the escalations, by line of a report."""

from typing import Final

from voicebot.adapters.store.report_facts import VERSION

_ROWS: Final = f"""
    SELECT e.campaign_id, c.script, {VERSION} AS script_version, c.variant, coalesce(u.value_class, '') AS value_class,
        CAST(e.{{moment}} AT TIME ZONE CAST(:zone AS text) AS date) AS day, {{columns}}
    FROM escalations e JOIN calls c ON c.id = e.call_id JOIN customers u ON u.id = e.customer_id
    WHERE e.{{moment}} >= :since AND e.{{moment}} < :until
"""
WORK_ROWS: Final = " UNION ALL ".join(
    (
        _ROWS.format(
            moment="first_taken_at",
            columns="extract(epoch FROM e.first_taken_at - e.created_at) AS wait_s, NULL AS resolution, NULL AS talks",
        ),
        _ROWS.format(
            moment="resolved_at",
            columns="""NULL, coalesce(e.resolution, ''),
            (SELECT count(*) FROM click_calls t WHERE t.escalation_id = e.id AND t.result = 'talked')""",
        ),
    )
)
"""An escalation that was taken has a wait, one that was resolved has talks; in these days, each."""
WORK_SUMS: Final = """
    count(f.wait_s) AS taken,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY f.wait_s) FILTER (WHERE f.wait_s IS NOT NULL) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY f.wait_s) FILTER (WHERE f.wait_s IS NOT NULL) AS p90,
    count(f.talks) AS resolved, count(*) FILTER (WHERE f.talks > 0) AS talked,
    count(*) FILTER (WHERE f.talks = 1 AND f.resolution IN ('won_back', 'promised', 'refused')) AS settled
"""
"""The rules are those of `domain.escalation_work.work_figures`; nearest rank, as there."""
