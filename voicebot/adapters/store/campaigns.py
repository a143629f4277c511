"""Campaigns in their table."""

from datetime import datetime

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, leads
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignProgress, CampaignStatus, NewCampaign
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.offer import OfferPolicy


class SqlCampaigns:
    """The campaign repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, campaign: NewCampaign, *, at: datetime) -> Campaign:
        offer = campaign.offer
        row = await self._connection.execute(
            insert(campaigns)
            .values(
                name=campaign.name,
                kind=campaign.kind,
                script=campaign.script,
                dialplan=campaign.dialplan,
                status=CampaignStatus.DRAFT,
                standard_percent=offer.standard_percent,
                offer_days=offer.days,
                floor_percent=offer.floor_percent,
                ceiling_percent=offer.ceiling_percent,
                min_margin_percent=offer.min_margin_percent,
                acquisition_cost=offer.acquisition_cost,
                created_at=at,
            )
            .on_conflict_do_nothing()
            .returning(campaigns)
        )
        created = row.one_or_none()
        if created is None:
            raise BadInput.one("campaign", f"there is a campaign '{campaign.name}' already", repair="choose a new name")
        return _campaign(created)

    async def get(self, campaign_id: int, *, lock: bool = False) -> Campaign:
        query = select(campaigns).where(campaigns.c.id == campaign_id)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        if row is None:
            raise NotFound(f"no campaign {campaign_id}")
        return _campaign(row)

    async def named(self, name: str) -> Campaign:
        row = (await self._connection.execute(select(campaigns).where(campaigns.c.name == name))).one_or_none()
        if row is None:
            raise NotFound(f"no campaign '{name}'")
        return _campaign(row)

    async def all(self) -> tuple[Campaign, ...]:
        rows = await self._connection.execute(select(campaigns).order_by(campaigns.c.id.desc()))
        return tuple(_campaign(row) for row in rows)

    async def change(self, campaign: Campaign) -> None:
        await self._connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign.id)
            .values(status=campaign.status, released_by=campaign.released_by, released_at=campaign.released_at)
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
        attempts = await self._connection.scalar(select(func.count()).select_from(calls.join(leads)).where(of_campaign))
        return CampaignProgress(
            leads=sum(counted["state"].values()),
            by_state=counted["state"],
            by_group=counted["outcome_group"],
            by_disposition=counted["disposition"],
            attempts=attempts or 0,
        )


def _campaign(row: Row[*tuple[object, ...]]) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        script=row.script,
        dialplan=row.dialplan,
        offer=OfferPolicy(
            standard_percent=row.standard_percent,
            days=row.offer_days,
            floor_percent=row.floor_percent,
            ceiling_percent=row.ceiling_percent,
            min_margin_percent=row.min_margin_percent,
            acquisition_cost=row.acquisition_cost,
        ),
        status=CampaignStatus(row.status),
        released_by=row.released_by,
        released_at=row.released_at,
        created_at=row.created_at,
    )
