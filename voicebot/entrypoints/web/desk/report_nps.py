"""NPS: how often each score was given, by campaign, and what people said with it."""

from typing import Final

from aiohttp import web

from voicebot.application.ports.reports import ScorePlace
from voicebot.domain.measures import Tally, nps
from voicebot.domain.report import Grouping, SplitKind
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.asked import place_of, written_place
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import page
from voicebot.entrypoints.web.desk.report_plots import scores_plot
from voicebot.entrypoints.web.desk.report_wishes import wishes_of
from voicebot.entrypoints.web.desk.routes import get

_COMMENTS: Final = 50
_WORDS: Final = "#words"
"""Where they are on the page."""


async def show_nps(request: web.Request) -> web.Response:
    """The page; names of customers are not on it."""
    desk = desk_of(request)
    wishes = wishes_of(request.query, desk)
    low, place = "low" in wishes.asked, place_of(request.query.get("behind", ""))
    behind = ScorePlace(at=place[0], id=place[1]) if place else None
    async with desk.open_unit() as unit:
        tallies = await unit.reports.tallies(wishes.query, Grouping.CAMPAIGN, zone=desk.zone)
        splits = await unit.reports.splits(wishes.query, zone=desk.zone)
        scored = await unit.reports.scored(
            wishes.query, zone=desk.zone, detractors=low, limit=_COMMENTS + 1, behind=behind
        )
        choices = await unit.reports.choices()
    more = scored[_COMMENTS - 1] if len(scored) > _COMMENTS else None
    total = sum(tallies.values(), Tally())
    lines = [(key.name, tally, nps(tally)) for key, tally in tallies.items() if tally.scores]
    return page(
        request,
        "reports/nps.html",
        wishes=wishes,
        choices=choices,
        low=low,
        total=total,
        score=nps(total),
        lines=sorted(lines, key=lambda line: (line[2] or 0.0, line[0])),
        plot=scores_plot(splits[SplitKind.SCORE]),
        scored=scored[:_COMMENTS],
        older=wishes.address("", behind=written_place(more.at, more.id)) + _WORDS if more else "",
        first=wishes.address("/reports/nps") + _WORDS if behind else "",
        zone=desk.zone,
    )


ROUTES: Final = (get("/reports/nps", show_nps, Permission.SEE_REPORTS),)
