"""How many people a plan would call, and why not the others."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.select_leads import selection_rules
from voicebot.application.start_season import seasonal_people
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.campaign_checks import check_preview
from voicebot.domain.customer import Customer
from voicebot.domain.power import detectable_rise
from voicebot.domain.segment import ExclusionReason, SegmentPreview

_USUAL_BUYERS: Final = 0.05
"""Part of those left alone who buy all the same, for the forecast."""
_EXAMPLES: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleCount:
    """Whom a plan would call now."""

    matched: int = 0
    """Who belong to the segment."""
    allowed: int = 0
    """Who of them would come onto the list."""
    examples: tuple[Customer, ...] = ()
    """Some of these."""
    exclusions: tuple[tuple[ExclusionReason, int], ...] = ()
    """Why not the others, the greatest first; somebody with two reasons counts under both."""
    empty: Wrong | None = None
    """Said when nobody would be called."""
    rise: float | None = None
    """How many of 100 must buy after a call for the control group to show it; None when it never would."""
    events: bool = False
    """Nobody can be counted: CRM events bring them."""


async def count_people(open_unit: OpenDeskUnit, plan: CampaignPlan, now: datetime) -> PeopleCount:
    """Count the people of a plan now; reads whole tables."""
    if plan.segment is None and not plan.season:
        return PeopleCount(events=True)
    async with open_unit() as unit:
        if plan.segment is not None:
            preview = await unit.selection.preview(plan.segment, selection_rules(plan), at=now, examples=_EXAMPLES)
            return _of_preview(preview, plan)
        chosen, spared = await seasonal_people(unit, plan, now)
    return PeopleCount(
        matched=len(chosen) + len(spared),
        allowed=len(chosen),
        exclusions=((ExclusionReason.CONTROL_GROUP, len(spared)),) if spared else (),
        empty=None if chosen else Wrong(field="people", code="empty_segment"),
    )


def _of_preview(preview: SegmentPreview, plan: CampaignPlan) -> PeopleCount:
    findings = check_preview(preview)
    return PeopleCount(
        matched=preview.matched,
        allowed=preview.allowed,
        examples=preview.examples,
        exclusions=tuple((one.reason, one.count) for one in sorted(preview.exclusions, key=lambda one: -one.count)),
        empty=Wrong(field="people", code=findings[0].code, facts=findings[0].facts) if findings else None,
        rise=_forecast(preview, plan.control_share),
    )


def _forecast(preview: SegmentPreview, share: Decimal) -> float | None:
    """Buyers of 100 among the called that show a difference, should 5 of 100 buy by themselves."""
    spared = int(preview.allowed * share / (1 - share)) if share < 1 else 0
    rise = detectable_rise(preview.allowed, (round(spared * _USUAL_BUYERS), spared)) if spared else None
    return None if rise is None else round((_USUAL_BUYERS + rise) * 100, 1)
