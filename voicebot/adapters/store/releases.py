"""Lists and the signatures under them, in their tables."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, bindparam, case, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import leads, release_leads, releases
from voicebot.adapters.store.crm_tables import customer_phones, customers
from voicebot.domain.customer import PersonName
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import LeadEvent, LeadState, move_lead
from voicebot.domain.phone import Phone
from voicebot.domain.release import ListedLead, Release, list_hash

_TO_SIGN = (LeadState.UNRELEASED, LeadState.QUEUED)


class SqlReleases:
    """The lists and releases of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def listed(self, campaign_id: int, states: Collection[LeadState] = ()) -> tuple[ListedLead, ...]:
        dialable = (
            select(customer_phones.c.phone)
            .where(customer_phones.c.customer_id == customers.c.id, customer_phones.c.wrong_number_at.is_(None))
            .order_by(customer_phones.c.is_primary.desc(), customer_phones.c.id)
            .limit(1)
            .correlate(customers)
            .scalar_subquery()
        )
        query = (
            select(
                leads.c.id,
                leads.c.state,
                leads.c.variant,
                leads.c.created_at,
                customers.c.external_id,
                customers.c.last_name,
                customers.c.first_name,
                customers.c.patronymic,
                dialable.label("phone"),
            )
            .select_from(leads.join(customers))
            .where(leads.c.campaign_id == campaign_id)
            .order_by(leads.c.id)
        )
        if states:
            query = query.where(leads.c.state.in_(tuple(states)))
        return tuple(_listed(row) for row in await self._connection.execute(query))

    async def unanswered_for(self, campaign_id: int, only: Collection[str] = ()) -> tuple[tuple[int, str], ...]:
        query = (
            select(leads.c.id, customers.c.external_id)
            .select_from(leads.join(customers))
            .where(leads.c.campaign_id == campaign_id, leads.c.release_id.is_(None), leads.c.state.in_(_TO_SIGN))
            .order_by(leads.c.id)
            .with_for_update(of=leads, key_share=True)
        )
        if only:
            query = query.where(customers.c.external_id.in_(tuple(only)))
        return tuple((row.id, row.external_id) for row in await self._connection.execute(query))

    async def sign(self, campaign_id: int, people: Iterable[tuple[int, str]], *, by: str, at: datetime) -> Release:
        listed = tuple(people)
        row = (
            await self._connection.execute(
                insert(releases)
                .values(
                    campaign_id=campaign_id,
                    released_by=by,
                    released_at=at,
                    leads=len(listed),
                    hash=list_hash(campaign_id, listed),
                )
                .returning(releases)
            )
        ).one()
        signed = bindparam("signed", [lead_id for lead_id, _ in listed], ARRAY(BigInteger))
        frozen = select(literal(row.id), func.unnest(signed).column_valued("lead_id"))
        await self._connection.execute(insert(release_leads).from_select(["release_id", "lead_id"], frozen))
        unreleased = leads.c.state == LeadState.UNRELEASED
        await self._connection.execute(
            update(leads)
            .where(leads.c.id == func.any(signed))
            .values(
                release_id=row.id,
                state=case((unreleased, move_lead(LeadState.UNRELEASED, LeadEvent.RELEASE).value), else_=leads.c.state),
                next_attempt_at=case((unreleased, at), else_=leads.c.next_attempt_at),
                updated_at=at,
            )
        )
        return release_of(row)

    async def of(self, campaign_id: int | None = None) -> tuple[Release, ...]:
        query = select(releases).order_by(releases.c.id)
        if campaign_id is not None:
            query = query.where(releases.c.campaign_id == campaign_id)
        return tuple(release_of(row) for row in await self._connection.execute(query))

    async def smuggled(self) -> dict[int, int]:
        listed = exists().where(release_leads.c.release_id == leads.c.release_id, release_leads.c.lead_id == leads.c.id)
        rows = await self._connection.execute(
            select(leads.c.release_id, func.count().label("leads"))
            .where(leads.c.release_id.is_not(None), ~listed)
            .group_by(leads.c.release_id)
        )
        return {row.release_id: row.leads for row in rows}

    async def recomputed_hash(self, release_id: int) -> str:
        campaign_id = await self._connection.scalar(select(releases.c.campaign_id).where(releases.c.id == release_id))
        if campaign_id is None:
            raise NotFound(f"no release {release_id}")
        rows = await self._connection.execute(
            select(leads.c.id, customers.c.external_id)
            .select_from(release_leads.join(leads, release_leads.c.lead_id == leads.c.id).join(customers))
            .where(release_leads.c.release_id == release_id)
        )
        return list_hash(campaign_id, ((row.id, row.external_id) for row in rows))


def release_of(row: Row[*tuple[Any, ...]]) -> Release:
    """The release of one row."""
    return Release(
        id=row.id,
        campaign_id=row.campaign_id,
        released_by=row.released_by,
        released_at=row.released_at,
        leads=row.leads,
        hash=row.hash,
    )


def _listed(row: Row[*tuple[Any, ...]]) -> ListedLead:
    return ListedLead(
        lead_id=row.id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phone=Phone(row.phone) if row.phone else None,
        state=LeadState(row.state),
        variant=row.variant,
        created_at=row.created_at,
    )
