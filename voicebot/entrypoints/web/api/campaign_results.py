"""What a campaign was worth, as the API tells it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from voicebot.application.campaign_results import CampaignResults
from voicebot.domain.lift import Comparison, Duel, GroupFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupItem:
    """What one group did in the days that count."""

    group: Annotated[str, "called, control, or the name of a variant."]
    people: Annotated[int, "Whose days are over."]
    waiting: Annotated[int, "Whose days are not over: in none of the figures."]
    buyers: int
    orders: int
    revenue: Annotated[float, "RUB."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonItem:
    """One measure of two groups."""

    first: float
    second: float
    difference: Annotated[float, "First minus second."]
    low: Annotated[float | None, "Where the true difference begins; null: too few people to tell."]
    high: float | None
    lift_percent: Annotated[float | None, "The difference in percent of the second; null where that is zero."]
    shown: Annotated[bool, "Chance alone hardly explains the difference."]
    enough: Annotated[bool, "There are people enough to show it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DuelItem:
    """Two groups against each other."""

    first: str
    second: str
    level: Annotated[float, "Of the intervals."]
    measures: Annotated[Mapping[str, ComparisonItem], "buyers (share), orders and revenue (a person)."]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelItem:
    """How many people of a variant came how far."""

    variant: str
    released: int
    dialled: int
    answered: int
    interested: int
    promo_issued: int
    promo_redeemed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignResultsItem:
    """The figures of one campaign."""

    campaign: str
    days: int
    at: datetime
    called: GroupItem
    control: GroupItem
    control_share: Annotated[float | None, "Part of the selected people that was left alone."]
    control_share_wanted: float
    variants: tuple[GroupItem, ...]
    lift: Annotated[DuelItem | None, "The called against the control group; null without one."]
    duels: Annotated[tuple[DuelItem, ...], "The variants against each other."]
    funnels: tuple[FunnelItem, ...]


def results_item(found: CampaignResults) -> CampaignResultsItem:
    """The whole of it."""
    return CampaignResultsItem(
        campaign=found.campaign,
        days=found.days,
        at=found.at,
        called=_group(found.called),
        control=_group(found.control),
        control_share=found.control_share,
        control_share_wanted=found.wanted_share,
        variants=tuple(map(_group, found.variants)),
        lift=None if found.lift is None else _duel(found.lift),
        duels=tuple(map(_duel, found.duels)),
        funnels=tuple(FunnelItem(**asdict(one)) for one in found.funnels),
    )


def _group(group: GroupFigures) -> GroupItem:
    return GroupItem(
        group=group.name,
        people=group.people,
        waiting=group.waiting,
        buyers=group.buyers,
        orders=round(group.orders.total),
        revenue=round(group.revenue.total, 2),
    )


def _duel(duel: Duel) -> DuelItem:
    measures = {one.measure.value: _comparison(one) for one in duel.comparisons}
    return DuelItem(first=duel.first, second=duel.second, level=duel.level, measures=measures)


def _comparison(one: Comparison) -> ComparisonItem:
    return ComparisonItem(
        first=one.first,
        second=one.second,
        difference=one.difference,
        low=one.interval.low if one.interval else None,
        high=one.interval.high if one.interval else None,
        lift_percent=one.lift,
        shown=one.shown,
        enough=one.enough,
    )
