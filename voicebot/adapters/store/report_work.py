"""How managers worked the escalations, by line of a report."""

from typing import Final

from voicebot.adapters.store.report_facts import VERSION

_NAMED: Final = f"c.script, {VERSION} AS script_version, c.variant, coalesce(u.value_class, '') AS value_class"
_WITH_NAMES: Final = "JOIN calls c ON c.id = e.call_id JOIN customers u ON u.id = e.customer_id"
_ROWS: Final = """
    SELECT e.campaign_id, {named}CAST(e.{moment} AT TIME ZONE CAST(:zone AS text) AS date) AS day, {columns}
    FROM escalations e {joined} WHERE e.{moment} >= :since AND e.{moment} < :until
"""
_TALKS: Final = """
    LEFT JOIN (
        SELECT escalation_id, count(*) AS talks FROM click_calls WHERE result = 'talked' GROUP BY escalation_id
    ) t ON t.escalation_id = e.id
"""


def work_rows(*, named: bool) -> str:
    """An escalation that was taken has a wait, one that was resolved has talks; in these days, each.

    `named`: with script, variant and value class, which have to be looked up call by call.
    """
    names, joined = (f"{_NAMED}, ", _WITH_NAMES) if named else ("", "")
    taken = "extract(epoch FROM e.first_taken_at - e.created_at) AS wait_s, NULL AS resolution, NULL AS talks"
    closed = "NULL, coalesce(e.resolution, ''), coalesce(t.talks, 0)"
    return " UNION ALL ".join(
        (
            _ROWS.format(moment="first_taken_at", named=names, joined=joined, columns=taken),
            _ROWS.format(moment="resolved_at", named=names, joined=joined + _TALKS, columns=closed),
        )
    )


WORK_SUMS: Final = """
    count(f.wait_s) AS taken,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY f.wait_s) FILTER (WHERE f.wait_s IS NOT NULL) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY f.wait_s) FILTER (WHERE f.wait_s IS NOT NULL) AS p90,
    count(f.talks) AS resolved, count(*) FILTER (WHERE f.talks > 0) AS talked,
    count(*) FILTER (WHERE f.talks = 1 AND f.resolution IN ('won_back', 'promised', 'refused')) AS settled
"""
"""The rules are those of `domain.escalation_work.work_figures`; nearest rank, as there."""
