"""What is going on, out of the tables."""

from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, escalations, leads, messages, promo_codes, turns
from voicebot.adapters.store.crm_tables import customers, stop_list
from voicebot.adapters.store.engine_tables import crm_updates
from voicebot.application.ports.messages import DeliveryState
from voicebot.application.ports.today import Funnel, LiveCall, OpenQueue
from voicebot.domain.alarms import DayCounts
from voicebot.domain.call import Direction, Speaker
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.crm_update import UpdateState
from voicebot.domain.customer import PersonName
from voicebot.domain.lead import WAITING
from voicebot.domain.phone import Phone


class SqlToday:
    """The first page's questions in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def live(self) -> tuple[LiveCall, ...]:
        last = (
            select(turns.c.state)
            .where(turns.c.call_id == calls.c.id)
            .order_by(turns.c.position.desc())
            .limit(1)
            .scalar_subquery()
        )
        words = (
            select(turns.c.text)
            .where(turns.c.call_id == calls.c.id, turns.c.speaker == Speaker.CUSTOMER)
            .order_by(turns.c.position.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(
                calls.c.id,
                campaigns.c.name.label("campaign"),
                calls.c.customer_id,
                customers.c.last_name,
                customers.c.first_name,
                customers.c.patronymic,
                calls.c.phone,
                calls.c.direction,
                calls.c.dialled_at,
                calls.c.answered_at,
                func.coalesce(last, "").label("state"),
                func.coalesce(words, "").label("last_words"),
            )
            .join(leads, leads.c.id == calls.c.lead_id)
            .join(campaigns, campaigns.c.id == leads.c.campaign_id)
            .join(customers, customers.c.id == calls.c.customer_id)
            .where(calls.c.ended_at.is_(None))
            .order_by(calls.c.dialled_at)
        )
        return tuple(
            LiveCall(
                id=row.id,
                campaign=row.campaign,
                customer_id=row.customer_id,
                name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
                phone=Phone(row.phone),
                direction=Direction(row.direction),
                dialled_at=row.dialled_at,
                answered_at=row.answered_at,
                state=row.state,
                last_words=row.last_words,
            )
            for row in await self._connection.execute(query)
        )

    async def waiting(self) -> int:
        waiting = (
            select(func.count())
            .select_from(leads.join(campaigns))
            .where(leads.c.state.in_(WAITING), campaigns.c.status == CampaignStatus.RUNNING)
        )
        return await self._connection.scalar(waiting) or 0

    async def funnel(self, since: datetime) -> Funnel:
        counts = await self.counts(since, since.max.replace(tzinfo=since.tzinfo))
        groups = await self._connection.execute(
            select(calls.c.outcome_group, func.count())
            .where(calls.c.dialled_at >= since, calls.c.answered_at.is_not(None), calls.c.outcome_group.is_not(None))
            .group_by(calls.c.outcome_group)
        )
        issued = select(func.count()).where(promo_codes.c.issued_at >= since)
        redeemed = select(func.count()).where(promo_codes.c.redeemed_at >= since)
        row = (
            await self._connection.execute(
                select(
                    issued.scalar_subquery().label("codes"),
                    redeemed.scalar_subquery().label("orders"),
                )
            )
        ).one()
        return Funnel(
            dialled=counts.dialled,
            answered=counts.answered,
            by_group={str(group): count for group, count in groups},
            codes=row.codes,
            orders=row.orders,
        )

    async def queue(self) -> OpenQueue:
        row = (
            await self._connection.execute(
                select(
                    func.count().label("open"),
                    func.count().filter(escalations.c.urgent).label("urgent"),
                    func.min(escalations.c.created_at).label("oldest_at"),
                ).where(escalations.c.resolved_at.is_(None))
            )
        ).one()
        return OpenQueue(open=row.open, urgent=row.urgent, oldest_at=row.oldest_at)

    async def counts(self, since: datetime, until: datetime) -> DayCounts:
        ours = and_(calls.c.dialled_at >= since, calls.c.dialled_at < until, calls.c.direction == Direction.OUT)
        handed = and_(messages.c.created_at >= since, messages.c.created_at < until)
        called = select(func.count()).where(ours)
        questions = {
            "dialled": called,
            "answered": called.where(calls.c.answered_at.is_not(None)),
            "stops": select(func.count()).where(
                stop_list.c.customer_id.is_not(None), stop_list.c.since >= since, stop_list.c.since < until
            ),
            "sent": select(func.count()).where(
                handed, messages.c.state.in_([DeliveryState.SENT, DeliveryState.DELIVERED])
            ),
            "refused": select(func.count()).where(handed, messages.c.state == DeliveryState.FAILED),
            "letters": select(func.count()).where(
                crm_updates.c.state == UpdateState.FAILED,
                crm_updates.c.created_at >= since,
                crm_updates.c.created_at < until,
            ),
        }
        row = await self._connection.execute(
            select(*(query.scalar_subquery().label(name) for name, query in questions.items()))
        )
        return DayCounts(**row.one()._mapping)
