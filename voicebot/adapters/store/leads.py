"""Leads and leases in their table."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaigns, leads
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.json_columns import verdict_json
from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import WAITING, Lead, LeadEnd, LeadErrand, LeadEvent, LeadState, move_lead
from voicebot.domain.outcome import Disposition, Group

_WAITING: BindParameter[list[str]] = bindparam(
    "waiting", [state.value for state in WAITING], expanding=True, literal_execute=True
)
"""Written into the SQL: with a parameter, a prepared statement's generic plan could not use the partial index."""


class SqlLeads:
    """The lead repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, campaign_id: int, customer_ids: Iterable[int], *, at: datetime) -> int:
        # One array instead of a parameter per value: 100,000 leads in a second or two.
        people = func.unnest(bindparam("people", list(customer_ids), ARRAY(BigInteger))).column_valued("customer_id")
        queued = select(
            literal(campaign_id), people, literal(LeadState.QUEUED.value), literal(at), literal(at), literal(at)
        )
        columns = ["campaign_id", "customer_id", "state", "next_attempt_at", "created_at", "updated_at"]
        inserted = (
            insert(leads).from_select(columns, queued).on_conflict_do_nothing().returning(leads.c.id).cte("inserted")
        )
        return await self._connection.scalar(select(func.count()).select_from(inserted)) or 0

    async def named(self, campaign_id: int, customer_id: int) -> int:
        found = await self._connection.scalar(
            select(leads.c.id).where(leads.c.campaign_id == campaign_id, leads.c.customer_id == customer_id)
        )
        if found is None:
            raise NotFound(f"customer {customer_id} is no lead of campaign {campaign_id}")
        return int(found)

    async def lock_due(self, now: datetime, *, dialplan: str = "", only: int | None = None) -> Lead | None:
        live = exists().where(calls.c.customer_id == leads.c.customer_id, calls.c.ended_at.is_(None))
        query = (
            select(leads)
            .join(campaigns)
            .join(customers)
            .where(
                leads.c.state.in_(_WAITING),
                campaigns.c.status == CampaignStatus.RUNNING,
                or_(campaigns.c.kind != CampaignKind.ADVERTISING, campaigns.c.released_at.is_not(None)),
                ~live,
            )
            .order_by(leads.c.callback.desc(), leads.c.next_attempt_at, leads.c.id)
            .limit(1)
            # The customer's row is locked too: two lines never weigh two leads of one person at once. NO KEY UPDATE
            # lets the foreign keys of other transactions through.
            .with_for_update(key_share=True, skip_locked=True, of=[leads, customers])
        )
        query = query.where(leads.c.id == only) if only is not None else query.where(leads.c.next_attempt_at <= now)
        if dialplan:
            query = query.where(campaigns.c.dialplan == dialplan)
        return await self._first(query)

    async def expired(self, now: datetime) -> tuple[int, ...]:
        rows = await self._connection.execute(
            select(leads.c.id)
            .where(leads.c.state == LeadState.CLAIMED, leads.c.lease_until < now)
            .order_by(leads.c.lease_until)
        )
        return tuple(row.id for row in rows)

    async def holders(self, now: datetime) -> tuple[str, ...]:
        rows = await self._connection.execute(
            select(leads.c.lease_owner)
            .where(leads.c.state == LeadState.CLAIMED, leads.c.lease_until >= now)
            .order_by(leads.c.lease_owner)
        )
        return tuple(row.lease_owner for row in rows)

    async def lock(self, lead_id: int) -> Lead:
        found = await self._first(select(leads).where(leads.c.id == lead_id).with_for_update(key_share=True))
        if found is None:
            raise NotFound(f"no lead {lead_id}")
        return found

    async def save(self, lead: Lead, *, at: datetime, verdict: Verdict | None = None) -> None:
        values: dict[str, object] = {
            "state": lead.state,
            "attempts": lead.attempts,
            "next_attempt_at": lead.next_attempt_at,
            "callback": lead.callback,
            "lease_owner": lead.lease_owner,
            "lease_until": lead.lease_until,
            "disposition": lead.disposition,
            "outcome_group": lead.group,
            "release_id": lead.release_id,
            "front": lead.front,
            "errand": lead.errand,
            "variant": lead.variant,
            "ended_by": lead.ended_by or "",
            "updated_at": at,
        }
        if verdict is not None:
            values["verdict"] = verdict_json(verdict)
        await self._connection.execute(update(leads).where(leads.c.id == lead.id).values(values))

    async def extend_lease(self, lead_id: int, *, owner: str, until: datetime) -> bool:
        moved = await self._connection.execute(
            update(leads)
            .where(leads.c.id == lead_id, leads.c.state == LeadState.CLAIMED, leads.c.lease_owner == owner)
            .values(lease_until=func.greatest(leads.c.lease_until, until))
            .returning(leads.c.id)
        )
        return moved.one_or_none() is not None

    async def block_others(self, customer_id: int, *, but: int, verdict: Verdict, at: datetime) -> int:
        blocked = move_lead(LeadState.QUEUED, LeadEvent.BLOCK)
        moved = await self._connection.execute(
            update(leads)
            .where(and_(leads.c.customer_id == customer_id, leads.c.id != but, leads.c.state.in_(_WAITING)))
            .values(state=blocked, next_attempt_at=None, callback=False, verdict=verdict_json(verdict), updated_at=at)
            .returning(leads.c.id)
        )
        return len(moved.all())

    async def _first(self, query: Select[*tuple[object, ...]]) -> Lead | None:
        row = (await self._connection.execute(query)).one_or_none()
        return _lead(row) if row is not None else None


def _lead(row: Row[*tuple[object, ...]]) -> Lead:
    return Lead(
        id=row.id,
        campaign_id=row.campaign_id,
        customer_id=row.customer_id,
        state=LeadState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        callback=row.callback,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        disposition=Disposition(row.disposition) if row.disposition else None,
        group=Group(row.outcome_group) if row.outcome_group else None,
        release_id=row.release_id,
        front=row.front,
        errand=LeadErrand(row.errand),
        variant=row.variant,
        ended_by=LeadEnd(row.ended_by) if row.ended_by else None,
    )
