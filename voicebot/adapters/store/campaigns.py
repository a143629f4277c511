"""Campaigns in their table."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of, plan_columns
from voicebot.adapters.store.campaign_tables import calls, campaign_controls, campaigns, leads, messages, promo_codes
from voicebot.domain.call import Direction
from voicebot.domain.campaign import Campaign, CampaignProgress, CampaignStatus, NewCampaign
from voicebot.domain.campaign_plan import Spending
from voicebot.domain.errors import BadInput, NotFound

_BY_ID = select(campaigns).where(campaigns.c.id == bindparam("campaign"))


class SqlCampaigns:
    """The campaign repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, campaign: NewCampaign, *, at: datetime) -> Campaign:
        row = await self._connection.execute(
            insert(campaigns)
            .values(name=campaign.name, status=CampaignStatus.DRAFT, created_at=at, **plan_columns(campaign))
            .on_conflict_do_nothing()
            .returning(campaigns)
        )
        created = row.one_or_none()
        if created is None:
            raise BadInput.one("campaign", f"there is a campaign '{campaign.name}' already", repair="choose a new name")
        return campaign_of(created)

    async def get(self, campaign_id: int, *, lock: bool = False) -> Campaign:
        query = _BY_ID.with_for_update(key_share=True) if lock else _BY_ID
        row = (await self._connection.execute(query, {"campaign": campaign_id})).one_or_none()
        if row is None:
            raise NotFound(f"no campaign {campaign_id}")
        return campaign_of(row)

    async def named(self, name: str) -> Campaign:
        row = (await self._connection.execute(select(campaigns).where(campaigns.c.name == name))).one_or_none()
        if row is None:
            raise NotFound(f"no campaign '{name}'")
        return campaign_of(row)

    async def all(self) -> tuple[Campaign, ...]:
        rows = await self._connection.execute(select(campaigns).order_by(campaigns.c.id.desc()))
        return tuple(campaign_of(row) for row in rows)

    async def standing(self, statuses: Iterable[CampaignStatus]) -> tuple[Campaign, ...]:
        rows = await self._connection.execute(
            select(campaigns).where(campaigns.c.status.in_(tuple(statuses))).order_by(campaigns.c.id)
        )
        return tuple(campaign_of(row) for row in rows)

    async def change(self, campaign: Campaign) -> None:
        await self._connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign.id)
            .values(
                status=campaign.status,
                released_by=campaign.released_by,
                released_at=campaign.released_at,
                selected_at=campaign.selected_at,
            )
        )

    async def progress(self, campaign_id: int) -> CampaignProgress:
        of_campaign = leads.c.campaign_id == campaign_id
        counted = {
            column.name: {
                str(value): count
                for value, count in await self._connection.execute(
                    select(column, func.count()).where(of_campaign, column.is_not(None)).group_by(column)
                )
            }
            for column in (leads.c.state, leads.c.outcome_group, leads.c.disposition)
        }
        dialled = select(func.count()).select_from(calls.join(leads)).where(of_campaign)
        attempts = await self._connection.scalar(dialled.where(calls.c.direction == Direction.OUT))
        return CampaignProgress(
            leads=sum(counted["state"].values()),
            by_state=counted["state"],
            by_group=counted["outcome_group"],
            by_disposition=counted["disposition"],
            attempts=attempts or 0,
        )

    async def spending(self, campaign_id: int) -> Spending:
        dialled = (
            await self._connection.execute(
                select(func.count().label("number"), func.coalesce(func.sum(calls.c.cost), 0).label("cost"))
                .select_from(calls.join(leads))
                .where(leads.c.campaign_id == campaign_id, calls.c.direction == Direction.OUT)
            )
        ).one()
        sent = select(func.count()).where(messages.c.campaign_id == campaign_id, messages.c.sent_at.is_not(None))
        issued = select(func.count()).where(promo_codes.c.campaign_id == campaign_id)
        return Spending(
            calls=dialled.number,
            money=dialled.cost,
            messages=await self._connection.scalar(sent) or 0,
            codes=await self._connection.scalar(issued) or 0,
        )

    async def add_controls(self, campaign_id: int, customer_ids: Iterable[int], *, at: datetime) -> int:
        people = func.unnest(bindparam("people", list(customer_ids), ARRAY(BigInteger))).column_valued("customer_id")
        inserted = (
            insert(campaign_controls)
            .from_select(["campaign_id", "customer_id", "at"], select(literal(campaign_id), people, literal(at)))
            .on_conflict_do_nothing()
            .returning(campaign_controls.c.id)
            .cte("inserted")
        )
        return await self._connection.scalar(select(func.count()).select_from(inserted)) or 0
