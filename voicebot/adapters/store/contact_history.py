"""Our dealings with one person out of the tables."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import (
    calls,
    campaign_controls,
    campaigns,
    leads,
    messages,
    release_leads,
    releases,
)
from voicebot.adapters.store.crm_tables import stop_list
from voicebot.adapters.store.stop_list import stops_of
from voicebot.domain.call import Cause, Direction
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_history import (
    CampaignPart,
    ContactCall,
    ContactHistory,
    ContactMessage,
    Signature,
    StopEntry,
)
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone


class SqlContactHistories:
    """The histories as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, customer_id: int) -> ContactHistory:
        alone = select(campaigns.c.name).join(campaign_controls).where(campaign_controls.c.customer_id == customer_id)
        return ContactHistory(
            stops=tuple(_stop(row) for row in await self._rows(_stops(customer_id))),
            parts=await self._parts(customer_id),
            calls=tuple(_call(row) for row in await self._rows(_calls(customer_id))),
            messages=tuple(_message(row) for row in await self._rows(_messages(customer_id))),
            left_alone_by=tuple(row.name for row in await self._rows(alone.order_by(campaigns.c.id))),
        )

    async def _parts(self, customer_id: int) -> tuple[CampaignPart, ...]:
        signed: dict[int, list[Signature]] = {}
        for row in await self._rows(_signatures(customer_id)):
            signed.setdefault(row.lead_id, []).append(_signature(row))
        return tuple(_part(row, signed.get(row.id, [])) for row in await self._rows(_parts(customer_id)))

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._connection.execute(query)).all()


def _stops(customer_id: int) -> Select[*tuple[Any, ...]]:
    return select(stop_list).where(stops_of(customer_id)).order_by(stop_list.c.since, stop_list.c.id)


def _parts(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(leads, campaigns.c.name.label("campaign"), campaigns.c.kind)
        .join(campaigns, campaigns.c.id == leads.c.campaign_id)
        .where(leads.c.customer_id == customer_id)
        .order_by(leads.c.id)
    )


def _signatures(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(release_leads.c.lead_id, releases)
        .select_from(release_leads.join(releases).join(leads, leads.c.id == release_leads.c.lead_id))
        .where(leads.c.customer_id == customer_id)
        .order_by(releases.c.released_at, releases.c.id)
    )


def _calls(customer_id: int) -> Select[*tuple[Any, ...]]:
    return select(calls).where(calls.c.customer_id == customer_id).order_by(calls.c.dialled_at, calls.c.id)


def _messages(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(messages, campaigns.c.name.label("campaign"))
        .join(campaigns, campaigns.c.id == messages.c.campaign_id)
        .where(messages.c.customer_id == customer_id)
        .order_by(messages.c.created_at, messages.c.id)
    )


def _stop(row: Row[*tuple[Any, ...]]) -> StopEntry:
    return StopEntry(
        phone=Phone(row.phone) if row.phone else None, since=row.since, reason=row.reason, source=row.source
    )


def _signature(row: Row[*tuple[Any, ...]]) -> Signature:
    return Signature(
        id=row.id, released_by=row.released_by, released_at=row.released_at, leads=row.leads, hash=row.hash
    )


def _part(row: Row[*tuple[Any, ...]], signed: Sequence[Signature]) -> CampaignPart:
    return CampaignPart(
        lead_id=row.id,
        campaign=row.campaign,
        kind=CampaignKind(row.kind),
        state=LeadState(row.state),
        variant=row.variant,
        listed_at=row.created_at,
        releases=tuple(signed),
        verdict=row.verdict,
        ended_by=LeadEnd(row.ended_by) if row.ended_by else None,
    )


def _call(row: Row[*tuple[Any, ...]]) -> ContactCall:
    return ContactCall(
        id=row.id,
        lead_id=row.lead_id,
        direction=Direction(row.direction),
        phone=Phone(row.phone),
        attempt=row.attempt,
        errand=LeadErrand(row.errand),
        wanted=row.wanted,
        script=row.script,
        trunk=row.trunk,
        dialled_at=row.dialled_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        cause=Cause(row.cause) if row.cause else None,
        disposition=Disposition(row.disposition) if row.disposition else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        recorded=bool(row.recording),
        verdict=row.verdict,
    )


def _message(row: Row[*tuple[Any, ...]]) -> ContactMessage:
    return ContactMessage(
        call_id=row.call_id,
        campaign=row.campaign,
        channel=row.channel,
        template=row.template,
        state=row.state,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
