"""Results of campaigns out of the tables."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, distinct, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import calls, campaign_controls, campaigns, leads, promo_codes
from voicebot.adapters.store.crm_tables import orders
from voicebot.application.ports.results import Funnel
from voicebot.domain.call import Direction
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.confidence import Sample
from voicebot.domain.lift import CALLED, CONTROL, GroupFigures
from voicebot.domain.order import ROUBLES
from voicebot.domain.outcome import Disposition, Group

_SUMS = ("people", "buyers", "waiting", "orders", "orders_squared", "revenue", "revenue_squared")


class SqlCampaignOutcomes:
    """The results as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def figures(self, campaign_id: int, *, days: int, at: datetime) -> tuple[GroupFigures, ...]:
        rows = (await self._connection.execute(_figures(campaign_id, timedelta(days=days), at))).all()
        called = [row for row in rows if row.side == CALLED]
        control = [row for row in rows if row.side == CONTROL]
        variants = sorted((row for row in called if row.variant), key=lambda row: row.variant)
        return (
            _added_up(CONTROL, control),
            _added_up(CALLED, called),
            *(_added_up(row.variant, [row]) for row in variants),
        )

    async def funnels(self, campaign_id: int) -> tuple[Funnel, ...]:
        return tuple(
            Funnel(
                variant=row.variant,
                released=row.released,
                dialled=row.dialled,
                answered=row.answered,
                interested=row.interested,
                promo_issued=row.issued,
                promo_redeemed=row.redeemed,
            )
            for row in await self._connection.execute(_funnels(campaign_id))
        )

    async def control_share(self, campaign_id: int) -> float | None:
        alone = await self._count(
            select(func.count()).select_from(campaign_controls).where(campaign_controls.c.campaign_id == campaign_id)
        )
        listed = await self._count(
            select(func.count()).select_from(leads).where(leads.c.campaign_id == campaign_id, _not_a_control())
        )
        return alone / (alone + listed) if alone + listed else None

    async def _count(self, query: Select[int]) -> int:
        return await self._connection.scalar(query) or 0


def _released() -> ColumnElement[bool]:
    """A lead that may be, or might have been, dialled: needs the campaign joined."""
    return or_(leads.c.release_id.is_not(None), campaigns.c.kind == CampaignKind.SERVICE)


def _not_a_control() -> ColumnElement[bool]:
    """Whoever was drawn into the control group stays there, whatever happened to them later."""
    return ~(
        select(campaign_controls.c.id)
        .where(
            campaign_controls.c.campaign_id == leads.c.campaign_id,
            campaign_controls.c.customer_id == leads.c.customer_id,
        )
        .exists()
    )


def _figures(campaign_id: int, days: timedelta, at: datetime) -> Select[*tuple[Any, ...]]:
    """One row per side and variant."""
    called = (
        select(literal(CALLED).label("side"), leads.c.variant, leads.c.customer_id, leads.c.created_at.label("since"))
        .join(campaigns)
        .where(leads.c.campaign_id == campaign_id, _released(), _not_a_control())
    )
    left_alone = select(literal(CONTROL), literal(""), campaign_controls.c.customer_id, campaign_controls.c.at).where(
        campaign_controls.c.campaign_id == campaign_id
    )
    people = union_all(called, left_alone).cte("people")
    in_their_days = and_(
        orders.c.customer_id == people.c.customer_id,
        orders.c.placed_at >= people.c.since,
        orders.c.placed_at < people.c.since + days,
    )
    spent = func.sum(orders.c.total).filter(orders.c.currency == ROUBLES)
    each = (
        select(
            people.c.side,
            people.c.variant,
            (people.c.since + days <= at).label("over"),
            func.count(orders.c.id).label("orders"),
            func.coalesce(spent, 0).label("revenue"),
        )
        .select_from(people.outerjoin(orders, in_their_days))
        .group_by(people.c.side, people.c.variant, people.c.customer_id, people.c.since)
        .cte("each")
    )
    over = each.c.over

    def added(values: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(values).filter(over), 0)

    return select(
        each.c.side,
        each.c.variant,
        func.count().filter(over).label("people"),
        func.count().filter(~over).label("waiting"),
        func.count().filter(over, each.c.orders > 0).label("buyers"),
        added(each.c.orders).label("orders"),
        added(each.c.orders * each.c.orders).label("orders_squared"),
        added(each.c.revenue).label("revenue"),
        added(each.c.revenue * each.c.revenue).label("revenue_squared"),
    ).group_by(each.c.side, each.c.variant)


def _added_up(name: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> GroupFigures:
    sums = {column: sum(getattr(row, column) for row in rows) for column in _SUMS}
    return GroupFigures(
        name=name,
        buyers=sums["buyers"],
        orders=Sample(count=sums["people"], total=float(sums["orders"]), squares=float(sums["orders_squared"])),
        revenue=Sample(count=sums["people"], total=float(sums["revenue"]), squares=float(sums["revenue_squared"])),
        waiting=sums["waiting"],
    )


def _funnels(campaign_id: int) -> Select[*tuple[Any, ...]]:
    by_a_person = and_(calls.c.answered_at.is_not(None), calls.c.disposition.is_distinct_from(Disposition.VOICEMAIL))

    def people(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(distinct(leads.c.id)).filter(condition)

    return (
        select(
            leads.c.variant,
            func.count(distinct(leads.c.id)).label("released"),
            people(calls.c.direction == Direction.OUT).label("dialled"),
            people(by_a_person).label("answered"),
            people(calls.c.outcome_group == Group.INTERESTED).label("interested"),
            people(promo_codes.c.id.is_not(None)).label("issued"),
            people(promo_codes.c.redeemed_at.is_not(None)).label("redeemed"),
        )
        .select_from(
            leads.join(campaigns)
            .outerjoin(calls, calls.c.lead_id == leads.c.id)
            .outerjoin(
                promo_codes,
                and_(
                    promo_codes.c.campaign_id == leads.c.campaign_id,
                    promo_codes.c.customer_id == leads.c.customer_id,
                ),
            )
        )
        .where(leads.c.campaign_id == campaign_id, _released())
        .group_by(leads.c.variant)
        .order_by(leads.c.variant)
    )
