"""How many people a plan would call, and why not the others; counted without holding up the other pages."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from aiohttp import web

from voicebot.application.select_leads import selection_rules
from voicebot.application.start_season import seasonal_people
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.campaign_checks import check_preview
from voicebot.domain.customer import Customer
from voicebot.domain.power import detectable_rise
from voicebot.domain.segment import ExclusionReason, SegmentPreview
from voicebot.entrypoints.web.desk.campaign_fields import Wrong
from voicebot.entrypoints.web.desk.campaign_words import EXCLUSIONS
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.plots import Bar, Colour, Plot, rows

_PATIENCE_S: Final = 60.0
_AT_ONCE: Final = 2
"""Of the process's five database connections: pages go on meanwhile."""
COUNTING: web.AppKey[asyncio.Semaphore] = web.AppKey("counting", asyncio.Semaphore)
"""Held by whatever reads whole tables for a page."""
_USUAL_BUYERS: Final = 0.05
"""Part of those left alone who buy all the same, for the forecast."""
_EXAMPLES: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the pages show of it."""

    matched: int = 0
    allowed: int = 0
    examples: tuple[Customer, ...] = ()
    plot: Plot
    empty: Wrong | None = None
    """Said when nobody would be called."""
    rise: float | None = None
    """How many of 100 must buy after a call for the control group to show it; None when it never would."""
    events: bool = False
    """Nobody can be counted: CRM events bring them."""
    late: bool = False
    """Counting took too long."""


def counting() -> asyncio.Semaphore:
    """The semaphore of one process."""
    return asyncio.Semaphore(_AT_ONCE)


async def count_people(request: web.Request, plan: CampaignPlan) -> Counted:
    """Count the people of a plan now."""
    if plan.segment is None and not plan.season:
        return Counted(plot=rows("exclusions", ()), events=True)
    try:
        async with asyncio.timeout(_PATIENCE_S), request.app[COUNTING]:
            return await _count(request, plan)
    except TimeoutError:
        return Counted(plot=rows("exclusions", ()), late=True)


async def _count(request: web.Request, plan: CampaignPlan) -> Counted:
    desk = desk_of(request)
    now = desk.clock.now()
    async with desk.open_unit() as unit:
        if plan.segment is not None:
            preview = await unit.selection.preview(plan.segment, selection_rules(plan), at=now, examples=_EXAMPLES)
            return _of_preview(preview, plan)
        chosen, spared = await seasonal_people(unit, plan, now)
    empty = None if chosen else Wrong(field="people", code="empty_segment")
    bars = [Bar(name=EXCLUSIONS[ExclusionReason.CONTROL_GROUP], value=len(spared), colour=Colour.INFO)]
    return Counted(
        matched=len(chosen) + len(spared),
        allowed=len(chosen),
        plot=rows("exclusions", bars if spared else ()),
        empty=empty,
    )


def _of_preview(preview: SegmentPreview, plan: CampaignPlan) -> Counted:
    findings = check_preview(preview)
    bars = [
        Bar(
            name=EXCLUSIONS[one.reason],
            value=one.count,
            colour=Colour.INFO if one.reason is ExclusionReason.CONTROL_GROUP else Colour.MUTED,
        )
        for one in sorted(preview.exclusions, key=lambda one: -one.count)
    ]
    return Counted(
        matched=preview.matched,
        allowed=preview.allowed,
        examples=preview.examples,
        plot=rows("exclusions", bars, most=preview.matched),
        empty=Wrong(field="people", code=findings[0].code, facts=findings[0].facts) if findings else None,
        rise=_forecast(preview, plan.control_share),
    )


def _forecast(preview: SegmentPreview, share: Decimal) -> float | None:
    """Buyers of 100 among the called that show a difference, should 5 of 100 buy by themselves."""
    spared = int(preview.allowed * share / (1 - share)) if share < 1 else 0
    rise = detectable_rise(preview.allowed, (round(spared * _USUAL_BUYERS), spared)) if spared else None
    return None if rise is None else round((_USUAL_BUYERS + rise) * 100, 1)
