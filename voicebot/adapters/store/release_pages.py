"""What whoever signs lists looks at, out of the tables."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_page_tables import release_refusals
from voicebot.adapters.store.campaign_tables import campaign_controls, campaigns, leads
from voicebot.adapters.store.crm_tables import consents, customer_phones, customers, stop_list
from voicebot.adapters.store.lead_endings import SqlLeadEndings
from voicebot.adapters.store.stop_list import stops_of
from voicebot.application.ports.release_pages import ConsentCount, ReleaseRefusal, WaitingList, WaitingPerson
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignStatus
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.customer import PersonName, ValueClass
from voicebot.domain.lead import LeadState
from voicebot.domain.phone import Phone
from voicebot.domain.release import list_hash

_UNANSWERED: Final[BindParameter[Any]] = bindparam(
    # Written out, so that the index of exactly these states is used: see lead_endings.
    "unanswered",
    [LeadState.UNRELEASED.value, LeadState.QUEUED.value],
    expanding=True,
    literal_execute=True,
)
_TO_SIGN: Final = and_(leads.c.release_id.is_(None), leads.c.state.in_(_UNANSWERED))
"""As `SqlReleases.unanswered_for`."""


class SqlReleasePages:
    """The release pages' questions of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def waiting(self) -> tuple[WaitingList, ...]:
        unreleased = exists().where(leads.c.campaign_id == campaigns.c.id, leads.c.state == LeadState.UNRELEASED)
        ours = (
            select(func.count().label("people"), func.min(leads.c.created_at).label("since"))
            .where(leads.c.campaign_id == campaigns.c.id, _TO_SIGN)
            .correlate(campaigns)
            .lateral("ours")
        )
        query = (
            select(campaigns, ours.c.people, ours.c.since)
            .select_from(campaigns.join(ours, true()))
            .where(
                or_(
                    campaigns.c.status == CampaignStatus.AWAITING_RELEASE,
                    and_(campaigns.c.status.in_((CampaignStatus.RUNNING, CampaignStatus.PAUSED)), unreleased),
                )
            )
            .order_by(func.coalesce(ours.c.since, campaigns.c.created_at), campaigns.c.id)
        )
        return tuple(
            WaitingList(campaign=campaign_of(row), people=row.people, since=row.since or row.created_at)
            for row in await self._connection.execute(query)
        )

    async def people(
        self, campaign: Campaign, *, at: datetime, after: int = 0, limit: int
    ) -> tuple[WaitingPerson, ...]:
        query = _people(campaign, at).where(leads.c.id > after).order_by(leads.c.id).limit(limit)
        return tuple(_person(row) for row in await self._connection.execute(query))

    async def sample(self, campaign: Campaign, *, at: datetime, size: int) -> tuple[WaitingPerson, ...]:
        drawn = (
            select(leads.c.id)
            .where(leads.c.campaign_id == campaign.id, _TO_SIGN)
            .order_by(func.md5(cast(leads.c.id, Text)), leads.c.id)
            .limit(size)
        )
        query = _people(campaign, at).where(leads.c.id.in_(drawn)).order_by(leads.c.id)
        return tuple(_person(row) for row in await self._connection.execute(query))

    async def hash_of(self, campaign_id: int) -> tuple[int, str]:
        # The canonical list is put together and hashed where it lies: a hundred thousand people cost the web process
        # nothing. PostgreSQL escapes JSON strings as Python does; a test holds the two together.
        line = func.concat(
            literal(f"[{campaign_id},"),
            leads.c.id,
            ",",
            cast(func.to_json(customers.c.external_id), Text),
            literal("]\n"),
        )
        whole = func.string_agg(line, aggregate_order_by(literal(""), leads.c.id))
        query = (
            select(func.count(), func.encode(func.sha256(func.convert_to(func.coalesce(whole, ""), "UTF8")), "hex"))
            .select_from(leads.join(customers))
            .where(leads.c.campaign_id == campaign_id, _TO_SIGN)
        )
        people, found = (await self._connection.execute(query)).one()
        return int(people), str(found) if people else list_hash(campaign_id, ())

    async def consents(self, campaign: Campaign, *, at: datetime) -> tuple[ConsentCount, ...]:
        newest = _newest_consent(campaign, at)
        query = (
            select(
                newest.c.source,
                newest.c.wording_version,
                func.count().label("people"),
                func.min(newest.c.given_at).label("first_at"),
                func.max(newest.c.given_at).label("last_at"),
            )
            .select_from(leads.join(customers).join(newest, true()))
            .where(leads.c.campaign_id == campaign.id, _TO_SIGN)
            .group_by(newest.c.source, newest.c.wording_version)
            .order_by(func.count().desc(), newest.c.source, newest.c.wording_version)
        )
        return tuple(
            ConsentCount(
                source=row.source,
                wording=row.wording_version,
                people=row.people,
                first_at=row.first_at,
                last_at=row.last_at,
            )
            for row in await self._connection.execute(query)
        )

    async def refuse(self, campaign_id: int, refusal: ReleaseRefusal) -> None:
        await self._connection.execute(
            insert(release_refusals).values(
                campaign_id=campaign_id,
                refused_by=refusal.refused_by,
                refused_at=refusal.refused_at,
                leads=refusal.people,
                reason=refusal.reason,
            )
        )

    async def refusals(self, campaign_id: int) -> tuple[ReleaseRefusal, ...]:
        query = (
            select(release_refusals)
            .where(release_refusals.c.campaign_id == campaign_id)
            .order_by(release_refusals.c.id.desc())
        )
        return tuple(
            ReleaseRefusal(refused_by=row.refused_by, refused_at=row.refused_at, people=row.leads, reason=row.reason)
            for row in await self._connection.execute(query)
        )

    async def close_refused(self, campaign_id: int, only: Collection[str], *, at: datetime) -> tuple[int, ...]:
        wanted = [leads.c.campaign_id == campaign_id, _TO_SIGN]
        if only:
            chosen = select(customers.c.id).where(customers.c.external_id.in_(tuple(only)))
            wanted.append(leads.c.customer_id.in_(chosen))
        return await SqlLeadEndings(self._connection).close_refused(wanted, at=at)

    async def tear_up(self, campaign_id: int) -> int:
        await self._connection.execute(delete(campaign_controls).where(campaign_controls.c.campaign_id == campaign_id))
        gone = await self._connection.execute(delete(leads).where(leads.c.campaign_id == campaign_id, _TO_SIGN))
        return gone.rowcount


def _people(campaign: Campaign, at: datetime) -> Select[*tuple[Any, ...]]:
    dialable = (
        select(customer_phones.c.phone)
        .where(customer_phones.c.customer_id == customers.c.id, customer_phones.c.wrong_number_at.is_(None))
        .order_by(customer_phones.c.is_primary.desc(), customer_phones.c.id)
        .limit(1)
        .correlate(customers)
        .scalar_subquery()
    )
    newest = _newest_consent(campaign, at)
    # A probe for each person of a page, not a join with the whole stop-list.
    stopped = select(stop_list.c.id).where(stops_of(customers.c.id)).limit(1).correlate(customers).scalar_subquery()
    return (
        select(
            leads.c.id,
            leads.c.variant,
            customers.c.id.label("customer_id"),
            customers.c.external_id,
            customers.c.last_name,
            customers.c.first_name,
            customers.c.patronymic,
            customers.c.value_class,
            dialable.label("phone"),
            newest.c.given_at,
            newest.c.source,
            stopped.is_not(None).label("stopped"),
        )
        .select_from(leads.join(customers).outerjoin(newest, true()))
        .where(leads.c.campaign_id == campaign.id, _TO_SIGN)
    )


def _newest_consent(campaign: Campaign, at: datetime) -> FromClause:
    """The newest consent of the customer of the query around it that allows this campaign's calls at `at`."""
    advertising = campaign.kind is CampaignKind.ADVERTISING
    enough = (ConsentKind.ADVERTISING,) if advertising else tuple(ConsentKind)
    holds: ColumnElement[bool] = or_(consents.c.withdrawn_at.is_(None), consents.c.withdrawn_at > at)
    return (
        select(consents.c.source, consents.c.wording_version, consents.c.given_at)
        .where(
            consents.c.customer_id == customers.c.id,
            consents.c.scope == ConsentScope.CALL,
            consents.c.kind.in_(enough),
            consents.c.given_at <= at,
            holds,
        )
        .order_by(consents.c.given_at.desc())
        .limit(1)
        .correlate(customers)
        .lateral("newest")
    )


def _person(row: Row[*tuple[Any, ...]]) -> WaitingPerson:
    return WaitingPerson(
        lead_id=row.id,
        customer_id=row.customer_id,
        external_id=row.external_id,
        name=PersonName(last=row.last_name, first=row.first_name, patronymic=row.patronymic),
        phone=Phone(row.phone) if row.phone else None,
        value_class=ValueClass(row.value_class) if row.value_class else None,
        variant=row.variant,
        consent_at=row.given_at,
        consent_source=row.source or "",
        stopped=row.stopped,
    )
