"""What the desk's pages of campaigns read and keep."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, delete, func, literal_column, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of, plan_columns
from voicebot.adapters.store.campaign_page_tables import campaign_drafts, campaign_figures
from voicebot.adapters.store.campaign_tables import calls, campaigns, leads
from voicebot.adapters.store.campaigns import SqlCampaigns
from voicebot.adapters.store.results import SqlCampaignOutcomes
from voicebot.application.ports.campaign_pages import CampaignDraft, CampaignFigures, CampaignLine, DayFigures
from voicebot.application.ports.results import Funnel
from voicebot.domain.call import Direction
from voicebot.domain.campaign import Campaign, CampaignProgress, CampaignStatus
from voicebot.domain.campaign_plan import Spending
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import LeadState

_DAYS: Final = timedelta(days=60)
_UNRELEASED: Final = (
    select(func.count())
    .where(leads.c.campaign_id == campaigns.c.id, leads.c.state == LeadState.UNRELEASED)
    .correlate(campaigns)
    .scalar_subquery()
)
_GATHERING: Final = (
    select(campaign_drafts.c.sent_at.is_not(None))
    .where(campaign_drafts.c.campaign_id == campaigns.c.id)
    .order_by(campaign_drafts.c.id.desc())
    .limit(1)
    .correlate(campaigns)
    .scalar_subquery()
)
_LINES: Final = select(
    campaigns,
    campaign_figures.c.counted_at,
    campaign_figures.c.figures,
    _UNRELEASED.label("unreleased"),
    func.coalesce(_GATHERING, False).label("gathering"),
).select_from(campaigns.outerjoin(campaign_figures))
_CATEGORIES: Final = sql(
    # Walks the index from one category to the next instead of reading every line of every order.
    """
    WITH RECURSIVE found AS (
        (SELECT category FROM order_lines WHERE category > '' ORDER BY category LIMIT 1)
        UNION ALL
        SELECT (SELECT category FROM order_lines WHERE category > found.category ORDER BY category LIMIT 1)
        FROM found WHERE found.category IS NOT NULL
    )
    SELECT category FROM found WHERE category IS NOT NULL LIMIT 100
    """
)


class SqlCampaignPages:
    """The pages' questions of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(
        self, statuses: Iterable[CampaignStatus] = (), *, before: int | None = None, limit: int
    ) -> tuple[CampaignLine, ...]:
        query, wanted = _LINES.order_by(campaigns.c.id.desc()).limit(limit), tuple(statuses)
        if wanted:
            query = query.where(campaigns.c.status.in_(wanted))
        if before is not None:
            query = query.where(campaigns.c.id < before)
        return tuple(_line(row) for row in await self._connection.execute(query))

    async def one(self, campaign_id: int) -> CampaignLine:
        row = (await self._connection.execute(_LINES.where(campaigns.c.id == campaign_id))).one_or_none()
        if row is None:
            raise NotFound(f"no campaign {campaign_id}")
        return _line(row)

    async def replan(self, campaign: Campaign) -> None:
        await self._connection.execute(
            update(campaigns).where(campaigns.c.id == campaign.id).values(**plan_columns(campaign))
        )

    async def count(self, campaign_id: int, zone: ZoneInfo, *, at: datetime) -> CampaignFigures:
        known = SqlCampaigns(self._connection)
        counted = CampaignFigures(
            counted_at=at,
            progress=await known.progress(campaign_id),
            spent=await known.spending(campaign_id),
            funnels=await SqlCampaignOutcomes(self._connection).funnels(campaign_id),
            days=await self._days(campaign_id, zone, at),
        )
        row = insert(campaign_figures).values(campaign_id=campaign_id, counted_at=at, figures=_figures_json(counted))
        kept = {"counted_at": row.excluded.counted_at, "figures": row.excluded.figures}
        await self._connection.execute(row.on_conflict_do_update(index_elements=["campaign_id"], set_=kept))
        return counted

    async def categories(self) -> tuple[str, ...]:
        return tuple((await self._connection.scalars(_CATEGORIES)).all())

    async def drafts(self) -> tuple[CampaignDraft, ...]:
        query = _drafts().where(campaign_drafts.c.campaign_id.is_(None)).order_by(campaign_drafts.c.updated_at.desc())
        return tuple(draft_of(row) for row in await self._connection.execute(query))

    async def draft(self, draft_id: int, *, lock: bool = False) -> CampaignDraft:
        query = _drafts().where(campaign_drafts.c.id == draft_id)
        row = (await self._connection.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound(f"no draft {draft_id}")
        return draft_of(row)

    async def draft_of(self, campaign_id: int) -> CampaignDraft | None:
        query = _drafts().where(campaign_drafts.c.campaign_id == campaign_id).order_by(campaign_drafts.c.id.desc())
        row = (await self._connection.execute(query.limit(1))).one_or_none()
        return draft_of(row) if row is not None else None

    async def add_draft(self, fields: Mapping[str, str], *, author: str, at: datetime) -> int:
        row = insert(campaign_drafts).values(author=author, fields=dict(fields), created_at=at, updated_at=at)
        return int((await self._connection.execute(row.returning(campaign_drafts.c.id))).scalar_one())

    async def save_draft(self, draft: CampaignDraft) -> None:
        values = {
            "fields": dict(draft.fields),
            "updated_at": draft.updated_at,
            "campaign_id": draft.campaign_id,
            "sent_at": draft.sent_at,
        }
        await self._connection.execute(update(campaign_drafts).where(campaign_drafts.c.id == draft.id).values(values))

    async def remove_draft(self, draft_id: int) -> bool:
        gone = await self._connection.execute(
            delete(campaign_drafts).where(campaign_drafts.c.id == draft_id, campaign_drafts.c.campaign_id.is_(None))
        )
        return gone.rowcount == 1

    async def _days(self, campaign_id: int, zone: ZoneInfo, at: datetime) -> tuple[DayFigures, ...]:
        # A zone of ours, checked with the settings: as a literal the planner sees one expression, not two parameters.
        day = func.date(func.timezone(literal_column(f"'{zone.key}'"), calls.c.dialled_at)).label("day")
        rows = await self._connection.execute(
            select(
                day,
                calls.c.answered_at.is_not(None).label("answered"),
                calls.c.outcome_group,
                func.count().label("number"),
            )
            .select_from(calls.join(leads))
            .where(
                leads.c.campaign_id == campaign_id,
                calls.c.direction == Direction.OUT,
                calls.c.dialled_at > at - _DAYS,
            )
            .group_by(day, calls.c.answered_at.is_not(None), calls.c.outcome_group)
        )
        return _by_day(rows.all())


def _drafts() -> Select[*tuple[Any, ...]]:
    return select(campaign_drafts)


def _line(row: Row[*tuple[Any, ...]]) -> CampaignLine:
    return CampaignLine(
        campaign=campaign_of(row),
        figures=_figures_of(row.counted_at, row.figures) if row.counted_at is not None else None,
        unreleased=row.unreleased,
        gathering=row.gathering and row.status == CampaignStatus.DRAFT,
    )


def draft_of(row: Row[*tuple[Any, ...]]) -> CampaignDraft:
    """The draft of one row."""
    return CampaignDraft(
        id=row.id,
        author=row.author,
        fields=row.fields,
        updated_at=row.updated_at,
        campaign_id=row.campaign_id,
        sent_at=row.sent_at,
    )


def _by_day(rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[DayFigures, ...]:
    dialled: dict[date, int] = {}
    groups: dict[date, dict[str, int]] = {}
    for row in rows:
        dialled[row.day] = dialled.get(row.day, 0) + row.number
        of_day = groups.setdefault(row.day, {})
        if row.answered:
            group = row.outcome_group or ""
            of_day[group] = of_day.get(group, 0) + row.number
    return tuple(
        DayFigures(day=day, dialled=dialled[day], answered=sum(groups[day].values()), by_group=groups[day])
        for day in sorted(dialled)
    )


def _figures_json(figures: CampaignFigures) -> dict[str, object]:
    progress = figures.progress
    return {
        "leads": progress.leads,
        "by_state": dict(progress.by_state),
        "by_group": dict(progress.by_group),
        "by_disposition": dict(progress.by_disposition),
        "attempts": progress.attempts,
        "spent": asdict(figures.spent) | {"money": str(figures.spent.money)},
        "funnels": [asdict(one) for one in figures.funnels],
        "days": [asdict(one) | {"day": one.day.isoformat(), "by_group": dict(one.by_group)} for one in figures.days],
    }


def _figures_of(counted_at: datetime, stored: Mapping[str, Any]) -> CampaignFigures:
    return CampaignFigures(
        counted_at=counted_at,
        progress=CampaignProgress(
            leads=stored["leads"],
            by_state=stored["by_state"],
            by_group=stored["by_group"],
            by_disposition=stored["by_disposition"],
            attempts=stored["attempts"],
        ),
        spent=Spending(**(stored["spent"] | {"money": Decimal(stored["spent"]["money"])})),
        funnels=tuple(Funnel(**one) for one in stored["funnels"]),
        days=tuple(DayFigures(**(one | {"day": date.fromisoformat(one["day"])})) for one in stored["days"]),
    )
