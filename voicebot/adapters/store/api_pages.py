"""Lists of the API out of the tables."""

from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_page_tables import campaign_drafts
from voicebot.adapters.store.campaign_pages import draft_of
from voicebot.adapters.store.campaign_tables import campaigns, leads, releases
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.releases import release_of
from voicebot.application.ports.api_pages import ListedPerson, PeoplePage, SignedList
from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.domain.campaign import Campaign, CampaignStatus
from voicebot.domain.customer import PersonName
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group

_LOOKED_THROUGH: Final = 2000
"""Leads a page looks at for a state: then it says where it stopped."""


class SqlApiPages:
    """The API's questions in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def campaigns(self, *, status: CampaignStatus | None, before: int | None, limit: int) -> tuple[Campaign, ...]:
        query = select(campaigns).order_by(campaigns.c.id.desc()).limit(limit + 1)
        if status is not None:
            query = query.where(campaigns.c.status == status)
        if before is not None:
            query = query.where(campaigns.c.id < before)
        return tuple(campaign_of(row) for row in await self._connection.execute(query))

    async def people(self, campaign_id: int, *, state: LeadState | None, after: int | None, limit: int) -> PeoplePage:
        # By customer: that is the order of the index, and customers do not change theirs.
        span = _LOOKED_THROUGH if state is not None else limit + 1
        near = select(leads).where(leads.c.campaign_id == campaign_id).order_by(leads.c.customer_id).limit(span)
        if after is not None:
            near = near.where(leads.c.customer_id > after)
        listed = near.subquery("listed")
        names = (customers.c.external_id, customers.c.last_name, customers.c.first_name, customers.c.patronymic)
        query = select(listed, *names).join(customers, customers.c.id == listed.c.customer_id)
        if state is not None:
            query = query.where(listed.c.state == state)
        found = list(await self._connection.execute(query.order_by(listed.c.customer_id).limit(limit + 1)))
        if len(found) > limit:
            return PeoplePage(people=tuple(map(_person, found[:limit])), next=found[limit - 1].customer_id)
        looked_to = None
        if state is not None:
            ids = select(listed.c.customer_id).order_by(listed.c.customer_id).offset(span - 1)
            looked_to = await self._connection.scalar(ids)
        return PeoplePage(people=tuple(map(_person, found)), next=looked_to)

    async def drafts(self, *, before: int | None, limit: int) -> tuple[CampaignDraft, ...]:
        query = select(campaign_drafts).where(campaign_drafts.c.campaign_id.is_(None))
        query = query.order_by(campaign_drafts.c.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(campaign_drafts.c.id < before)
        return tuple(draft_of(row) for row in await self._connection.execute(query))

    async def releases(self, *, campaign_id: int | None, before: int | None, limit: int) -> tuple[SignedList, ...]:
        query = select(releases, campaigns.c.name).join(campaigns, campaigns.c.id == releases.c.campaign_id)
        query = query.order_by(releases.c.id.desc()).limit(limit + 1)
        if campaign_id is not None:
            query = query.where(releases.c.campaign_id == campaign_id)
        if before is not None:
            query = query.where(releases.c.id < before)
        rows = await self._connection.execute(query)
        return tuple(SignedList(release=release_of(row), campaign=row.name) for row in rows)


def _person(row: Row[*tuple[Any, ...]]) -> ListedPerson:
    return ListedPerson(
        id=row.id,
        customer_id=row.customer_id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        state=LeadState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        callback=row.callback,
        disposition=Disposition(row.disposition) if row.disposition else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        variant=row.variant,
        errand=LeadErrand(row.errand),
        release_id=row.release_id,
        ended_by=LeadEnd(row.ended_by) if row.ended_by else None,
        updated_at=row.updated_at,
    )
