"""Measurements out of the tables."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, leads, turns
from voicebot.adapters.store.job_queue import QUEUE
from voicebot.application.ports.measurements import QUANTILES, CallKind, Spread
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.lead import WAITING, LeadState

_OPEN: Final = campaigns.c.status != CampaignStatus.FINISHED
_DEAD: Final = text(
    """
    SELECT 'crm' AS kind, count(*) AS letters FROM crm_updates WHERE state = 'failed'
    UNION ALL
    SELECT 'sms', count(*) FROM messages WHERE state IN ('failed', 'unknown') AND gateway_id IS NULL AND attempts > 0
    UNION ALL
    SELECT 'job', count(*) FROM procrastinate_jobs
    WHERE status = 'failed' AND queue_name = :queue AND queueing_lock IS NULL
    """
)
"""As many as SqlDeadLetters lists."""
_TO_INVITE: Final = text(
    """
    SELECT count(waited) AS count, percentile_cont(cast(:shares AS float[])) WITHIN GROUP (ORDER BY waited) AS found
    FROM crm_events e
    CROSS JOIN LATERAL (
        SELECT extract(epoch FROM c.dialled_at - e.received_at)::float AS waited FROM calls c
        WHERE c.customer_id = e.customer_id AND c.direction = 'out' AND c.dialled_at >= e.received_at
            AND c.dialled_at < e.received_at + interval '10 minutes'
        ORDER BY c.dialled_at LIMIT 1
    ) called
    WHERE e.received_at >= :since
    """
)


class SqlMeasurements:
    """The questions of /metrics in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ended(self, since: datetime | None, until: datetime | None) -> Mapping[CallKind, int]:
        kinds = (leads.c.campaign_id, calls.c.direction, calls.c.cause, func.coalesce(calls.c.outcome_group, ""))
        counted = select(*kinds, func.count()).join(leads, leads.c.id == calls.c.lead_id).group_by(*kinds)
        counted = counted.where(calls.c.ended_at.is_not(None))
        if since is not None:
            counted = counted.where(calls.c.dialled_at >= since)
        if until is not None:
            counted = counted.where(calls.c.dialled_at < until)
        names = {row.id: row.name for row in await self._connection.execute(select(campaigns.c.id, campaigns.c.name))}
        return {
            CallKind(campaign=names[campaign_id], direction=direction, cause=cause, group=group): count
            for campaign_id, direction, cause, group, count in await self._connection.execute(counted)
        }

    async def live(self) -> Mapping[str, int]:
        under_way = (
            select(leads.c.campaign_id, func.count().label("live"))
            .join(calls, calls.c.lead_id == leads.c.id)
            .where(calls.c.ended_at.is_(None))
            .group_by(leads.c.campaign_id)
            .subquery()
        )
        query = select(campaigns.c.name, func.coalesce(under_way.c.live, 0))
        rows = await self._connection.execute(
            query.outerjoin(under_way, under_way.c.campaign_id == campaigns.c.id).where(_OPEN)
        )
        return {str(name): int(count) for name, count in rows}

    async def queue(self, now: datetime) -> Mapping[tuple[str, str], int]:
        waiting = leads.c.state.in_([one.value for one in WAITING])
        state = case(
            (and_(waiting, leads.c.next_attempt_at <= now), "due"), (waiting, "later"), else_=leads.c.state
        ).label("state")
        wanted = [one.value for one in (*WAITING, LeadState.UNRELEASED, LeadState.CLAIMED)]
        query = (
            select(campaigns.c.name, state, func.count())
            .join(leads, leads.c.campaign_id == campaigns.c.id)
            .where(_OPEN, leads.c.state.in_(wanted))
            .group_by(campaigns.c.name, state)
        )
        return {(name, stands): count for name, stands, count in await self._connection.execute(query)}

    async def dead_letters(self) -> Mapping[str, int]:
        return {row.kind: row.letters for row in await self._connection.execute(_DEAD, {"queue": QUEUE})}

    async def reply_gaps(self, since: datetime) -> Spread:
        seconds = turns.c.reply_gap_ms / 1000.0
        query = (
            select(
                func.count(turns.c.reply_gap_ms).label("count"),
                func.percentile_cont(list(QUANTILES)).within_group(seconds).label("found"),
            )
            .join(calls, calls.c.id == turns.c.call_id)
            .where(calls.c.dialled_at >= since, turns.c.reply_gap_ms.is_not(None))
        )
        return _spread((await self._connection.execute(query)).one())

    async def event_to_invite(self, since: datetime) -> Spread:
        asked = {"since": since, "shares": list(QUANTILES)}
        return _spread((await self._connection.execute(_TO_INVITE, asked)).one())


def _spread(row: Row[*tuple[Any, ...]]) -> Spread:
    found = zip(QUANTILES, row.found, strict=True) if row.found else ()
    return Spread(count=row[0], quantiles={share: float(value) for share, value in found})
