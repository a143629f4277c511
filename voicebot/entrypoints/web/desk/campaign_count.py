"""How many people a plan would call, as pages show it; counted without holding up the other pages."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from voicebot.application.desk.campaign_count import PeopleCount, count_people
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.segment import ExclusionReason
from voicebot.entrypoints.web.counting import COUNTING, PATIENCE_S
from voicebot.entrypoints.web.desk.campaign_words import EXCLUSIONS
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.plots import Bar, Colour, Plot, rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the pages show of it."""

    people: PeopleCount
    plot: Plot
    late: bool = False
    """Counting took too long."""


async def counted_people(request: web.Request, plan: CampaignPlan) -> Counted:
    """Count the people of a plan now."""
    desk = desk_of(request)
    try:
        async with asyncio.timeout(PATIENCE_S), request.app[COUNTING]:
            people = await count_people(desk.open_unit, plan, desk.clock.now())
    except TimeoutError:
        return Counted(people=PeopleCount(), plot=rows("exclusions", ()), late=True)
    bars = [
        Bar(
            name=EXCLUSIONS[reason],
            value=count,
            colour=Colour.INFO if reason is ExclusionReason.CONTROL_GROUP else Colour.MUTED,
        )
        for reason, count in people.exclusions
    ]
    most = people.matched if plan.segment is not None else None
    return Counted(people=people, plot=rows("exclusions", bars, most=most))
