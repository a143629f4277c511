"""Leads and leases in their table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    ScalarSelect,
    Select,
    Text,
    all_,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.array_rows import rows_asked
from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_tables import calls, campaigns, leads
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.json_columns import verdict_json
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.campaign_plan import variant_of
from voicebot.domain.claim_order import DueLeads, Rank
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import WAITING, Lead, LeadEnd, LeadErrand, LeadEvent, LeadState, move_lead
from voicebot.domain.outcome import Disposition, Group

_WAITING: BindParameter[list[str]] = bindparam(
    "waiting", [state.value for state in WAITING], expanding=True, literal_execute=True
)
"""Written into the SQL: with a parameter, a prepared statement's generic plan could not use the partial indexes."""
_OPEN = (LeadState.UNRELEASED, *WAITING)
_RUNNING: BindParameter[str] = bindparam("running", CampaignStatus.RUNNING.value, literal_execute=True)
_RANKS: Mapping[Rank, ColumnElement[bool]] = {
    Rank.CALLBACK: leads.c.callback,
    Rank.FRONT: and_(leads.c.front, ~leads.c.callback),
    Rank.QUEUE: and_(~leads.c.front, ~leads.c.callback),
}
"""As the partial indexes ix_leads_due_* are written: one for each."""
_NOW: BindParameter[datetime] = bindparam("now", type_=leads.c.next_attempt_at.type)
_LOCKED: Mapping[str, Any] = {"key_share": True, "skip_locked": True, "of": [leads, customers]}
"""The customer's row is locked too: two lines never weigh two leads of one person at once. NO KEY UPDATE lets the
foreign keys of other transactions through."""


def _first_due(rank: Rank, *conditions: ColumnElement[bool]) -> ScalarSelect[datetime | None]:
    """The earliest moment in one of the partial indexes, for the campaign of the query around it."""
    return (
        select(leads.c.next_attempt_at)
        .where(leads.c.campaign_id == campaigns.c.id, _RANKS[rank], leads.c.state.in_(_WAITING), *conditions)
        .order_by(leads.c.next_attempt_at)
        .limit(1)
        .scalar_subquery()
        .correlate(campaigns)
    )


def _waiting_lead() -> Select[*tuple[Any, ...]]:
    # A probe of one index for the lead looked at: as `NOT EXISTS` it would be planned as a join with all live calls.
    live = select(calls.c.id).where(calls.c.customer_id == leads.c.customer_id, calls.c.ended_at.is_(None)).limit(1)
    # The planner takes IS NULL for a rare thing, expects next to no rows, and would sort the whole queue for the first
    # of them; of a CASE it thinks that half of the rows pass.
    idle = case((live.scalar_subquery().is_(None), true()), else_=false())
    return select(leads).join(customers).where(leads.c.state.in_(_WAITING), idle)


_DUE = (
    select(
        campaigns.c.id,
        campaigns.c.priority,
        campaigns.c.weight,
        *(_first_due(rank, leads.c.next_attempt_at <= _NOW).label(rank.name) for rank in Rank),
    )
    .where(campaigns.c.status == _RUNNING)
    .order_by(campaigns.c.id)
)
_DUE_IN = _DUE.where(campaigns.c.dialplan == bindparam("dialplan"))
_ASKED = rows_asked({"campaign_id": BigInteger(), "share": Integer()})


def _lock_due(rank: Rank) -> Select[*tuple[Any, ...]]:
    """The first leads of each campaign asked, in one statement however many are asked."""
    found = (
        _waiting_lead()
        .where(
            leads.c.campaign_id == _ASKED.c.campaign_id,
            _RANKS[rank],
            leads.c.next_attempt_at <= _NOW,
            leads.c.id != all_(bindparam("but", type_=ARRAY(BigInteger))),
        )
        .order_by(leads.c.next_attempt_at, leads.c.id)
        .limit(_ASKED.c.share)
        .with_for_update(**_LOCKED)
        .correlate(_ASKED)
        .lateral("found")
    )
    return select(found).select_from(_ASKED.join(found, true())).order_by(found.c.next_attempt_at, found.c.id)


_LOCK_DUE = {rank: _lock_due(rank) for rank in Rank}
_LOCK_WAITING = (
    _waiting_lead()
    .join(campaigns)
    .where(campaigns.c.status == _RUNNING, leads.c.id == bindparam("lead"))
    .with_for_update(**_LOCKED)
)

_SAVED: Final = (
    "state, attempts, next_attempt_at, callback, lease_owner, lease_until, disposition, outcome_group, release_id,"
    " front, errand, variant, ended_by, updated_at"
)
_SAVE = text(
    # The rows as one JSON document: a short statement, the same for any number of them, stays prepared.
    f"UPDATE leads SET ({_SAVED}, verdict) = ROW(one.{_SAVED.replace(', ', ', one.')},"
    " coalesce(one.verdict, leads.verdict))"
    " FROM jsonb_populate_recordset(NULL::leads, :rows) AS one WHERE leads.id = one.id"
).bindparams(bindparam("rows", type_=JSONB))


class SqlLeads:
    """The lead repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, campaign_id: int, customer_ids: Iterable[int], *, at: datetime) -> int:
        campaign = (await self._connection.execute(select(campaigns).where(campaigns.c.id == campaign_id))).one()
        plan = campaign_of(campaign)
        ids = list(customer_ids)
        drawn = [variant_of(campaign_id, customer_id, plan.variants) for customer_id in ids]
        # Arrays instead of a parameter per value: 100,000 leads in a second or two.
        people = (
            func.unnest(bindparam("people", ids, ARRAY(BigInteger)), bindparam("drawn", drawn, ARRAY(Text)))
            .table_valued("customer_id", "variant")
            .render_derived()
        )
        born = select(
            literal(campaign_id),
            people.c.customer_id,
            people.c.variant,
            literal(plan.kind.born.value),
            literal(at),
            literal(at),
            literal(at),
        )
        columns = ["campaign_id", "customer_id", "variant", "state", "next_attempt_at", "created_at", "updated_at"]
        inserted = (
            insert(leads).from_select(columns, born).on_conflict_do_nothing().returning(leads.c.id).cte("inserted")
        )
        return await self._connection.scalar(select(func.count()).select_from(inserted)) or 0

    async def named(self, campaign_id: int, customer_id: int) -> int:
        found = await self._connection.scalar(
            select(leads.c.id).where(leads.c.campaign_id == campaign_id, leads.c.customer_id == customer_id)
        )
        if found is None:
            raise NotFound(f"customer {customer_id} is no lead of campaign {campaign_id}")
        return int(found)

    async def due(self, now: datetime, *, dialplan: str = "") -> tuple[DueLeads, ...]:
        rows = await self._connection.execute(_DUE_IN if dialplan else _DUE, {"now": now, "dialplan": dialplan})
        return tuple(
            DueLeads(campaign_id=row.id, rank=rank, since=since, priority=row.priority, weight=row.weight)
            for row in rows
            for rank in Rank
            if (since := getattr(row, rank.name)) is not None
        )

    async def lock_due(
        self, shares: Mapping[DueLeads, int], now: datetime, *, but: Collection[int] = ()
    ) -> tuple[Lead, ...]:
        (rank,) = {group.rank for group in shares}
        values = {
            "campaign_id": [group.campaign_id for group in shares],
            "share": list(shares.values()),
            "now": now,
            "but": list(but),
        }
        return tuple(lead_of(row) for row in await self._connection.execute(_LOCK_DUE[rank], values))

    async def lock_waiting(self, lead_id: int) -> Lead | None:
        return await self._first(_LOCK_WAITING, {"lead": lead_id})

    async def next_due(self, *, dialplan: str = "") -> datetime | None:
        firsts = [_first_due(rank).label(rank.name) for rank in Rank]
        query = select(func.min(func.least(*firsts))).where(campaigns.c.status == CampaignStatus.RUNNING)
        if dialplan:
            query = query.where(campaigns.c.dialplan == dialplan)
        return cast("datetime | None", await self._connection.scalar(query))

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
        await self.save_all([(lead, verdict)], at=at)

    async def save_all(self, weighed: Sequence[tuple[Lead, Verdict | None]], *, at: datetime) -> None:
        if weighed:
            await self._connection.execute(_SAVE, {"rows": [_saved(lead, verdict, at) for lead, verdict in weighed]})

    async def extend_lease(self, lead_id: int, *, owner: str, until: datetime) -> bool:
        moved = await self._connection.execute(
            update(leads)
            .where(leads.c.id == lead_id, leads.c.state == LeadState.CLAIMED, leads.c.lease_owner == owner)
            .values(lease_until=func.greatest(leads.c.lease_until, until))
            .returning(leads.c.id)
        )
        return moved.one_or_none() is not None

    async def block_others(self, customer_id: int, *, but: int, verdict: Verdict, at: datetime) -> tuple[int, ...]:
        blocked = move_lead(LeadState.QUEUED, LeadEvent.BLOCK)
        moved = await self._connection.scalars(
            update(leads)
            .where(leads.c.customer_id == customer_id, leads.c.id != but, leads.c.state.in_(_OPEN))
            .values(state=blocked, next_attempt_at=None, callback=False, verdict=verdict_json(verdict), updated_at=at)
            .returning(leads.c.id)
        )
        return tuple(moved.all())

    async def _first(self, query: Select[*tuple[Any, ...]], values: Mapping[str, object] | None = None) -> Lead | None:
        row = (await self._connection.execute(query, values)).one_or_none()
        return lead_of(row) if row is not None else None


def _saved(lead: Lead, verdict: Verdict | None, at: datetime) -> dict[str, object]:
    """Every column of `_SAVED`, and the lead's id; without a verdict the stored one stays."""
    return {
        "id": lead.id,
        "state": lead.state,
        "attempts": lead.attempts,
        "next_attempt_at": lead.next_attempt_at and lead.next_attempt_at.isoformat(),
        "callback": lead.callback,
        "lease_owner": lead.lease_owner,
        "lease_until": lead.lease_until and lead.lease_until.isoformat(),
        "disposition": lead.disposition,
        "outcome_group": lead.group,
        "release_id": lead.release_id,
        "front": lead.front,
        "errand": lead.errand,
        "variant": lead.variant,
        "ended_by": lead.ended_by or "",
        "updated_at": at.isoformat(),
        **({"verdict": verdict_json(verdict)} if verdict is not None else {}),
    }


def lead_of(row: Row[*tuple[object, ...]]) -> Lead:
    """A row of the table as a domain value."""
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
