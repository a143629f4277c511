"""NPS: how often each score was given, by campaign, and what people said with it."""

from typing import Final

from aiohttp import web

from voicebot.application.desk.nps import read_nps
from voicebot.application.ports.reports import ScorePlace
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
        found = await read_nps(unit, wishes.query, zone=desk.zone, detractors=low, behind=behind, limit=_COMMENTS)
        choices = await unit.reports.choices()
    last = found.scored[-1] if found.older else None
    return page(
        request,
        "reports/nps.html",
        wishes=wishes,
        choices=choices,
        low=low,
        total=found.total,
        score=found.score,
        lines=found.lines,
        plot=scores_plot(found.given),
        scored=found.scored,
        older=wishes.address("", behind=written_place(last.at, last.id)) + _WORDS if last else "",
        first=wishes.address("/reports/nps") + _WORDS if behind else "",
        zone=desk.zone,
    )


ROUTES: Final = (get("/reports/nps", show_nps, Permission.SEE_REPORTS),)
