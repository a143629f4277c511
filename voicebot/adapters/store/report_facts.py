"""What happened by day, campaign, script, variant and value class: the statements behind reports.

The same statement fills `report_days` and counts the days that are not in it yet. Bind parameters: `zone`, the
company's time zone; `since`, `until`: the moments (until excluded) between which calls were dialled, codes issued,
messages made.
"""

from collections.abc import Mapping
from typing import Final

from voicebot.adapters.store.report_tables import COUNTS, GRAIN

VERSION: Final = "c.script_version"
_OUT: Final = "c.direction = 'out'"
_TALK: Final = "(c.answered_at IS NOT NULL AND c.disposition IS DISTINCT FROM 'voicemail')"
_FIRST: Final = f"{_OUT} AND c.attempt = 1"
_LATER_TALK: Final = (
    "EXISTS (SELECT FROM calls n WHERE n.lead_id = c.lead_id AND n.answered_at IS NOT NULL"
    " AND n.disposition IS DISTINCT FROM 'voicemail' OFFSET 0)"
)
"""Without OFFSET the planner may hash the talks of all times to find those of one day's leads."""


def _if(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


_CALLS: Final = {
    "dialled": _if(_OUT),
    "answered": _if(f"{_OUT} AND c.answered_at IS NOT NULL"),
    "machines": _if(f"{_OUT} AND c.disposition = 'voicemail'"),
    "rang_back": _if("c.direction = 'in'"),
    "talks": _if(_TALK),
    "interested": _if(f"{_TALK} AND c.outcome_group = 'interested'"),
    "neutral": _if(f"{_TALK} AND c.outcome_group = 'neutral'"),
    "negative": _if(f"{_TALK} AND c.outcome_group = 'negative'"),
    "stops": _if(f"{_TALK} AND c.disposition = 'stop'"),
    "hang_ups": _if(f"{_TALK} AND c.disposition = 'hung_up'"),
    "people_dialled": _if(_FIRST),
    "people_reached": _if(f"{_FIRST} AND ({_TALK} OR {_LATER_TALK})"),
    "talk_seconds": f"coalesce(round(sum(extract(epoch FROM c.ended_at - c.answered_at)) FILTER (WHERE {_TALK})), 0)",
    "call_cost": "coalesce(sum(c.cost), 0)",
    "scores": "count(c.nps)",
    "promoters": _if("c.nps >= 9"),
    "detractors": _if("c.nps <= 6"),
}
_CODES: Final = {
    "codes": "count(*)",
    "redeemed": "count(p.redeemed_at)",
    "revenue": "coalesce(sum(o.total) FILTER (WHERE o.currency = 'RUB'), 0)",
    "reminded": _if("r.heard"),
    "reminded_redeemed": _if("r.heard AND p.redeemed_at IS NOT NULL"),
    "missed": _if("NOT r.heard"),
    "missed_redeemed": _if("NOT r.heard AND p.redeemed_at IS NOT NULL"),
}
_MESSAGES: Final = {"messages": "count(*)"}
_CALL_ROWS: Final = """
    FROM calls c JOIN leads l ON l.id = c.lead_id JOIN customers u ON u.id = c.customer_id
    WHERE c.dialled_at >= :since AND c.dialled_at < :until
"""
# A code was issued in the last call of its lead before that moment. Reminders count that were made while it was unused.
_CODE_ROWS: Final = f"""
    FROM promo_codes p JOIN customers u ON u.id = p.customer_id
    LEFT JOIN leads l ON l.customer_id = p.customer_id AND l.campaign_id = p.campaign_id
    LEFT JOIN orders o ON o.id = p.order_id
    LEFT JOIN LATERAL (
        SELECT c.script, {VERSION} AS script_version, c.variant FROM calls c
        WHERE c.lead_id = l.id AND c.dialled_at <= p.issued_at ORDER BY c.dialled_at DESC LIMIT 1
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT bool_or({_TALK}) AS heard FROM calls c
        WHERE c.lead_id = l.id AND c.errand = 'reminder' AND {_OUT} AND c.ended_at IS NOT NULL
            AND c.dialled_at >= p.issued_at AND c.dialled_at < least(p.valid_until, p.redeemed_at)
    ) r ON true
    WHERE p.issued_at >= :since AND p.issued_at < :until
"""
_MESSAGE_ROWS: Final = """
    FROM messages m JOIN customers u ON u.id = m.customer_id LEFT JOIN calls c ON c.id = m.call_id
    WHERE m.created_at >= :since AND m.created_at < :until AND m.state IN ('sent', 'delivered')
"""


def _day(moment: str) -> str:
    return f"CAST({moment} AT TIME ZONE CAST(:zone AS text) AS date)"


def _grain(moment: str, campaign: str, version: str) -> str:
    return (
        f"{_day(moment)} AS day, {campaign} AS campaign_id, coalesce(c.script, '') AS script,"
        f" coalesce({version}, 0) AS script_version, coalesce(c.variant, '') AS variant,"
        " coalesce(u.value_class, '') AS value_class"
    )


def _counted(grain: str, counts: Mapping[str, str], rows: str) -> str:
    columns = ", ".join(f"{counts.get(name, '0')} AS {name}" for name in COUNTS)
    return f"SELECT {grain}, {columns} {rows} GROUP BY 1, 2, 3, 4, 5, 6"


FACTS: Final = " UNION ALL ".join(
    (
        _counted(_grain("c.dialled_at", "l.campaign_id", VERSION), _CALLS, _CALL_ROWS),
        _counted(_grain("p.issued_at", "p.campaign_id", "c.script_version"), _CODES, _CODE_ROWS),
        _counted(_grain("m.created_at", "m.campaign_id", VERSION), _MESSAGES, _MESSAGE_ROWS),
    )
)
"""Rows of the grain with the counts of a Tally; several of one grain are to be added up."""

_SPLIT: Final = {
    "reason": ("t.tag", f"{_TALK} AND NOT starts_with(t.tag, 'hung_up_at:')", "JOIN call_tags t ON t.call_id = c.id"),
    "stage": ("c.hangup_state", "c.hangup_state <> ''", ""),
    "disposition": ("c.disposition", f"{_TALK} AND c.disposition IS NOT NULL", ""),
    "cause": ("c.cause", f"{_OUT} AND c.answered_at IS NULL AND c.cause IS NOT NULL", ""),
    "score": ("CAST(c.nps AS text)", "c.nps IS NOT NULL", ""),
}
SPLITS: Final = " UNION ALL ".join(
    f"SELECT {_grain('c.dialled_at', 'l.campaign_id', VERSION)}, '{kind}' AS kind, {value} AS value, count(*) AS count"
    f" {_CALL_ROWS.replace('WHERE', f'{joined} WHERE')} AND {condition} GROUP BY 1, 2, 3, 4, 5, 6, 8"
    for kind, (value, condition, joined) in _SPLIT.items()
)
"""Rows of the grain with kind, value and count."""

FILL_DAYS: Final = (
    f"INSERT INTO report_days ({', '.join((*GRAIN, *COUNTS))}) SELECT {', '.join(GRAIN)},"
    f" {', '.join(f'sum({name})' for name in COUNTS)} FROM ({FACTS}) facts GROUP BY {', '.join(GRAIN)}"
)
FILL_SPLITS: Final = (
    f"INSERT INTO report_splits ({', '.join(GRAIN)}, kind, value, count)"
    f" SELECT {', '.join(GRAIN)}, kind, value, count FROM ({SPLITS}) facts"
)
CHANGED_DAYS: Final = f"""
    SELECT DISTINCT {_day("moment")} FROM (
        SELECT f.dialled_at AS moment FROM calls c JOIN calls f
            ON f.lead_id = c.lead_id AND f.attempt = 1 AND f.direction = 'out'
            WHERE c.dialled_at >= :since AND {_TALK}
        UNION ALL
        SELECT p.issued_at FROM promo_codes p WHERE p.redeemed_at >= :since
        UNION ALL
        SELECT p.issued_at FROM calls c JOIN leads l ON l.id = c.lead_id
            JOIN promo_codes p ON p.customer_id = l.customer_id AND p.campaign_id = l.campaign_id
            WHERE c.dialled_at >= :since AND c.errand = 'reminder'
        UNION ALL
        SELECT generate_series(CAST(:since AS timestamptz), CAST(:until AS timestamptz), interval '1 day')
    ) changed
"""
"""Days on which something is other than it was at `since`: late talks, codes used or reminded of, the days since."""

FILL_COHORTS: Final = f"""
    INSERT INTO report_cohorts (month, value_class, age, buyers, repeaters, orders, revenue)
    SELECT month, value_class, age, count(*) FILTER (WHERE place = 1), count(*) FILTER (WHERE place = 2), count(*),
        coalesce(sum(total) FILTER (WHERE currency = 'RUB'), 0)
    FROM (
        SELECT CAST(date_trunc('month', first) AS date) AS month, coalesce(u.value_class, '') AS value_class,
            CAST((date_part('year', day) - date_part('year', first)) * 12
                + date_part('month', day) - date_part('month', first) AS integer) AS age, place, total, currency
        FROM (
            SELECT customer_id, total, currency, {_day("placed_at")} AS day,
                first_value({_day("placed_at")}) OVER orders_of_one AS first,
                row_number() OVER orders_of_one AS place
            FROM orders WINDOW orders_of_one AS (PARTITION BY customer_id ORDER BY placed_at, id)
        ) placed JOIN customers u ON u.id = placed.customer_id
    ) aged GROUP BY 1, 2, 3
"""
FILL_GROUPS: Final = """
    INSERT INTO report_groups (campaign_id, month, side, days, people, waiting, buyers, repeaters, orders,
        orders_squared, revenue, revenue_squared)
    WITH people AS (
        SELECT l.campaign_id, 'called' AS side, l.customer_id, l.created_at AS since
        FROM leads l JOIN campaigns k ON k.id = l.campaign_id
        WHERE (l.release_id IS NOT NULL OR k.kind = 'service') AND NOT EXISTS (
            SELECT FROM campaign_controls x WHERE x.campaign_id = l.campaign_id AND x.customer_id = l.customer_id)
        UNION ALL
        SELECT campaign_id, 'control', customer_id, at FROM campaign_controls
    ), spent AS (
        SELECT p.campaign_id, p.side, d.days,
            CAST(date_trunc('month', p.since AT TIME ZONE CAST(:zone AS text)) AS date) AS month,
            p.since + make_interval(days => d.days) <= :at AS over, o.orders, o.revenue
        FROM people p CROSS JOIN (VALUES (30), (90)) d(days) CROSS JOIN LATERAL (
            SELECT count(*) AS orders, coalesce(sum(total) FILTER (WHERE currency = 'RUB'), 0) AS revenue
            FROM orders WHERE customer_id = p.customer_id AND placed_at >= p.since
                AND placed_at < p.since + make_interval(days => d.days)
        ) o
    )
    SELECT campaign_id, month, side, days, count(*) FILTER (WHERE over), count(*) FILTER (WHERE NOT over),
        count(*) FILTER (WHERE over AND orders > 0), count(*) FILTER (WHERE over AND orders > 1),
        coalesce(sum(orders) FILTER (WHERE over), 0), coalesce(sum(orders * orders) FILTER (WHERE over), 0),
        coalesce(sum(revenue) FILTER (WHERE over), 0), coalesce(sum(revenue * revenue) FILTER (WHERE over), 0)
    FROM spent GROUP BY 1, 2, 3, 4
"""
"""By intention to treat, as `results` counts one campaign (see domain.lift)."""
