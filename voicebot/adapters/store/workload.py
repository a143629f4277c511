"""Counts of what there is to do."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, leads
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.lead import WAITING, LeadState
from voicebot.domain.work_in_hand import CampaignQueue, JobCount, LiveCalls

_JOBS = text(
    """
    SELECT task_name AS task,
           count(*) FILTER (WHERE status = 'todo') AS waiting,
           count(*) FILTER (WHERE status = 'doing') AS doing,
           count(*) FILTER (WHERE status IN ('failed', 'aborted')) AS failed
    FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed', 'aborted') GROUP BY task_name ORDER BY task_name
    """
)


class SqlWorkload:
    """The counts as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def queues(self, now: datetime) -> tuple[CampaignQueue, ...]:
        waiting = leads.c.state.in_([state.value for state in WAITING])
        counted = {
            "due": waiting & (leads.c.next_attempt_at <= now),
            "later": waiting & (leads.c.next_attempt_at > now),
            "unreleased": leads.c.state == LeadState.UNRELEASED.value,
            "claimed": leads.c.state == LeadState.CLAIMED.value,
        }
        query = (
            select(
                campaigns.c.name,
                campaigns.c.status,
                campaigns.c.priority,
                campaigns.c.weight,
                *(func.count(leads.c.id).filter(condition).label(name) for name, condition in counted.items()),
            )
            .outerjoin(leads, leads.c.campaign_id == campaigns.c.id)
            .where(campaigns.c.status != CampaignStatus.FINISHED.value)
            .group_by(campaigns.c.id)
            .order_by(campaigns.c.id)
        )
        return tuple(CampaignQueue(**row._mapping) for row in await self._connection.execute(query))

    async def live_calls(self) -> LiveCalls:
        rows = await self._connection.execute(
            select(calls.c.owner, func.count().label("live")).where(calls.c.ended_at.is_(None)).group_by(calls.c.owner)
        )
        return LiveCalls(by_owner={row.owner: row.live for row in rows})

    async def jobs(self) -> tuple[JobCount, ...]:
        return tuple(JobCount(**row._mapping) for row in await self._connection.execute(_JOBS))
