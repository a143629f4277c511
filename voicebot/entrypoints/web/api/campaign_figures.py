"""How far a campaign has come, as the desk draws it: funnel, days, groups, spending."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from voicebot.application.desk.campaign_figures import count_figures, next_selection, still_good
from voicebot.application.ports.campaign_pages import CampaignFigures, CampaignLine
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.campaign_results import FunnelItem
from voicebot.entrypoints.web.api.paging import One
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.counting import COUNTING


@dataclass(frozen=True, kw_only=True, slots=True)
class SpentItem:
    """What it has used up."""

    calls: int
    call_money: Annotated[Decimal, "RUB the trunks charged."]
    messages: int
    message_money: Annotated[Decimal, "RUB, at VOICEBOT_SMS_PRICE."]
    codes: int
    money: Annotated[Decimal, "RUB in all: the budget's `max_money` bounds it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayItem:
    """The calls of one day, by the company's clock."""

    day: date
    dialled: int
    answered: int
    by_group: Annotated[Mapping[str, int], "Answered calls by outcome group."]


@dataclass(frozen=True, kw_only=True, slots=True)
class FiguresItem:
    """How far a campaign has come, counted at one moment."""

    campaign: int
    counted_at: datetime
    people: int
    unreleased: Annotated[int, "Wait for a signature."]
    by_state: Mapping[str, int]
    by_group: Mapping[str, int]
    by_disposition: Mapping[str, int]
    attempts: int
    spent: SpentItem
    funnels: Annotated[tuple[FunnelItem, ...], "One for each side of a split test, else one in all."]
    days: Annotated[tuple[DayItem, ...], "With calls, ascending, the last 60."]
    next_selection: Annotated[datetime | None, "When new people are looked for next; null: never."]


async def show_figures(asked: Asked) -> Reply:
    """Its figures, at most a few seconds old while it dials."""
    async with asked.open_unit() as unit:
        line = await unit.campaign_pages.one(asked.of(One).id)
    figures, zone = still_good(line, asked.now), asked.bench.zone
    if figures is None:
        async with asked.request.app[COUNTING]:
            figures = await count_figures(asked.open_unit, line, zone, asked.now)
    return Reply(body=_item(line, figures, asked))


def _item(line: CampaignLine, figures: CampaignFigures, asked: Asked) -> FiguresItem:
    spent, progress = figures.spent, figures.progress
    for_messages = spent.messages * asked.api.settings.sms_price
    return FiguresItem(
        campaign=line.campaign.id,
        counted_at=figures.counted_at,
        people=progress.leads,
        unreleased=line.unreleased,
        by_state=progress.by_state,
        by_group=progress.by_group,
        by_disposition=progress.by_disposition,
        attempts=progress.attempts,
        spent=SpentItem(
            calls=spent.calls,
            call_money=spent.money,
            messages=spent.messages,
            message_money=for_messages,
            codes=spent.codes,
            money=spent.money + for_messages,
        ),
        funnels=tuple(FunnelItem(**asdict(one)) for one in figures.funnels),
        days=tuple(
            DayItem(day=one.day, dialled=one.dialled, answered=one.answered, by_group=one.by_group)
            for one in figures.days
        ),
        next_selection=next_selection(line.campaign, asked.bench.zone, asked.now),
    )


ROUTES: Final = (
    get(
        "/api/v1/campaigns/{id}/figures",
        show_figures,
        Scope.CAMPAIGNS_READ,
        name="getCampaignFigures",
        summary="How far a campaign has come: funnel, days, groups, spending",
        tag="Campaigns",
        address=One,
        answer=FiguresItem,
    ),
)
