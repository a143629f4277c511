"""Reports: the measures by campaign, script, class and time; as a page, CSV, workbook and a page to print."""

import asyncio
from typing import Final
from urllib.parse import quote

from aiohttp import web

from voicebot.adapters.reports import words
from voicebot.adapters.reports.columns import COLUMNS, key_cells, key_columns, report_table
from voicebot.adapters.reports.files import CSV_TYPE, XLSX_TYPE, csv_of, report_workbook
from voicebot.application.desk.reports import Report, read_cohorts, read_report
from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.domain.report import TIMES, Grouping, SplitKind
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import language_of, page
from voicebot.entrypoints.web.desk.report_plots import report_plots, split_plot, talks_plot
from voicebot.entrypoints.web.desk.report_wishes import Wishes, prices_of, wishes_of
from voicebot.entrypoints.web.desk.routes import get

_KEY_FIGURES: Final = (
    "reached_share",
    "answered_share",
    "interested_share",
    "stop_share",
    "redeemed_share",
    "revenue",
    "reminder",
    "cost_per_talk",
    "reaction",
    "first_contact",
    "nps",
    "times_cheaper",
)
_SUMMARY_COLUMNS: Final = (
    "people_dialled",
    "reached_share",
    "talks",
    "interested_share",
    "stop_share",
    "redeemed_share",
    "revenue",
    "cost_per_talk",
)
_SUMMARY_LINES: Final = 8
"""Of a table on paper: the first ones, of days the last ones."""
_COLUMNS: Final = {column.key: column for column in COLUMNS}


async def show_reports(request: web.Request) -> web.Response:
    """The measures."""
    desk, wishes = desk_of(request), wishes_of(request.query, desk_of(request))
    async with desk.open_unit() as unit:
        report = await read(unit, request, wishes)
        choices = await unit.reports.choices()
    language = language_of(request)
    names = {name: str(number) for number, name in choices.campaigns}
    return page(
        request,
        "reports/measures.html",
        report=report,
        wishes=wishes,
        choices=choices,
        figures=[_COLUMNS[key] for key in _KEY_FIGURES],
        columns=[column for column in COLUMNS if column.on_page],
        all_columns=COLUMNS,
        titles=[title for title, _ in key_columns(report.by, language)],
        lines=[
            (key_cells(line, report.by, language), line, _narrower(line.key.name, names, wishes))
            for line in report.lines
        ],
        groupings={one: title(language) for one, title in words.GROUPINGS.items()},
        language=language,
        plots=report_plots(report, language),
        total_title=words.TOTAL(language),
        zone=desk.zone,
    )


async def download_csv(request: web.Request) -> web.Response:
    """The table, for a spreadsheet."""
    report, language = await _read_alone(request), language_of(request)
    return download(report_name(report, "csv"), csv_of(report_table(report, language), language), CSV_TYPE)


async def download_workbook(request: web.Request) -> web.Response:
    """The table, reasons and ends, and the definitions."""
    report = await _read_alone(request)
    content = await asyncio.to_thread(report_workbook, report, language_of(request))
    return download(report_name(report, "xlsx"), content, XLSX_TYPE)


async def show_summary(request: web.Request) -> web.Response:
    """One page of paper."""
    desk, wishes = desk_of(request), wishes_of(request.query, desk_of(request))
    language = language_of(request)
    async with desk.open_unit() as unit:
        report = await read(unit, request, wishes)
        choices = await unit.reports.choices()
        bought = await read_cohorts(unit, value_class=wishes.query.value_class, campaign_id=None, today=wishes.today)
    shown = report.lines[-_SUMMARY_LINES:] if report.by in TIMES else report.lines[:_SUMMARY_LINES]
    kinds = (SplitKind.REASON, SplitKind.STAGE, SplitKind.CAUSE)
    return page(
        request,
        "reports/summary.html",
        report=report,
        wishes=wishes,
        campaign=dict(choices.campaigns).get(wishes.query.campaign_id or 0, ""),
        figures=[_COLUMNS[key] for key in _KEY_FIGURES],
        columns=[_COLUMNS[key] for key in _SUMMARY_COLUMNS],
        lines=[(key_cells(line, report.by, language), line) for line in shown],
        more=len(report.lines) - len(shown),
        bought=bought,
        language=language,
        groupings={one: title(language) for one, title in words.GROUPINGS.items()},
        talks=talks_plot(report, language),
        splits={kind: split_plot(report, kind, language, most=4, longest=19) for kind in kinds},
        total_title=words.TOTAL(language),
        zone=desk.zone,
    )


async def read(unit: DeskUnit, request: web.Request, wishes: Wishes) -> Report:
    """The report somebody wishes."""
    desk = desk_of(request)
    return await read_report(
        unit, wishes.query, wishes.by, prices=prices_of(desk), zone=desk.zone, now=desk.clock.now()
    )


async def _read_alone(request: web.Request) -> Report:
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        return await read(unit, request, wishes_of(request.query, desk))


def download(name: str, content: bytes, kind: str) -> web.Response:
    """A file to keep."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)


def report_name(report: Report, ending: str) -> str:
    """`report-campaign-2026-11-01-2026-11-30.csv`."""
    return f"report-{report.by}-{report.query.since}-{report.query.until}.{ending}"


def _narrower(name: str, campaigns: dict[str, str], wishes: Wishes) -> str:
    """The address of this line alone, day by day; empty where there is nothing to narrow."""
    if wishes.by is Grouping.CAMPAIGN and name in campaigns:
        return wishes.address("/reports", campaign=campaigns[name], by=Grouping.DAY)
    if wishes.by is Grouping.SCRIPT and name:
        return wishes.address("/reports", script=name, by=Grouping.DAY)
    if wishes.by is Grouping.VALUE_CLASS and name:
        return wishes.address("/reports", **{"class": name, "by": Grouping.DAY})
    return ""


ROUTES: Final = (
    get("/reports", show_reports, Permission.SEE_REPORTS),
    get("/reports/summary", show_summary, Permission.SEE_REPORTS),
    get("/reports/table.csv", download_csv, Permission.SEE_REPORTS),
    get("/reports/table.xlsx", download_workbook, Permission.SEE_REPORTS),
)
