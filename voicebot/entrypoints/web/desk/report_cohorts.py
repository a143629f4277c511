"""Cohorts: repeat purchases and LTV by the month of the first order; the won back against the control groups."""

import asyncio
from decimal import Decimal
from typing import Final

from aiohttp import web

from voicebot.adapters.reports.cohort_table import cohort_table, comeback_table
from voicebot.adapters.reports.files import CSV_TYPE, XLSX_TYPE, csv_of, workbook_of
from voicebot.application.desk.reports import CohortReport, read_cohorts
from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import desk_of
from voicebot.entrypoints.web.desk.pages import language_of, page
from voicebot.entrypoints.web.desk.report_plots import cohort_plot
from voicebot.entrypoints.web.desk.report_wishes import wishes_of
from voicebot.entrypoints.web.desk.reports import download
from voicebot.entrypoints.web.desk.routes import get

_MONTHS: Final = 24
_AGES: Final = 12
"""Months of a cohort's life that the page has room for; files have all."""
_SHADES: Final = 4


async def show_cohorts(request: web.Request) -> web.Response:
    """The tables."""
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        report = await _read(unit, request)
        choices = await unit.reports.choices()
    shown = report.cohorts[:_MONTHS]
    return page(
        request,
        "reports/cohorts.html",
        report=report,
        cohorts=shown,
        wishes=wishes_of(request.query, desk),
        choices=choices,
        ages=range(min(_AGES, max((len(one.values) - 1 for one in shown), default=0)) + 1),
        rate_shade=_shades([rate for one in shown for rate in one.repeat_rates[: _AGES + 1]]),
        value_shade=_shades([value for one in shown for value in one.values[: _AGES + 1]]),
        months=sorted({one.month for one in (*report.called, *report.control)}, reverse=True)[:_MONTHS],
        called={one.month: one for one in report.called},
        control={one.month: one for one in report.control},
        plot=cohort_plot(shown, language_of(request), "LTV"),
        zone=desk.zone,
    )


async def download_csv(request: web.Request) -> web.Response:
    """Cohorts by age."""
    report, language = await _read_alone(request), language_of(request)
    return download("cohorts.csv", csv_of(cohort_table(report, language), language), CSV_TYPE)


async def download_workbook(request: web.Request) -> web.Response:
    """Cohorts by age, and the won back."""
    report, language = await _read_alone(request), language_of(request)
    tables = (cohort_table(report, language), comeback_table(report, language))
    return download("cohorts.xlsx", await asyncio.to_thread(workbook_of, tables), XLSX_TYPE)


async def _read(unit: DeskUnit, request: web.Request) -> CohortReport:
    wishes = wishes_of(request.query, desk_of(request))
    wanted = wishes.query
    return await read_cohorts(unit, value_class=wanted.value_class, campaign_id=wanted.campaign_id, today=wishes.today)


async def _read_alone(request: web.Request) -> CohortReport:
    async with desk_of(request).open_unit() as unit:
        return await _read(unit, request)


def _shades(values: list[float] | list[Decimal]) -> dict[float | Decimal, int]:
    """How dark each value is, 0 to 4 of the greatest."""
    most = max(values, default=0)
    return {value: round(float(value) / float(most) * _SHADES) if most else 0 for value in values}


ROUTES: Final = (
    get("/reports/cohorts", show_cohorts, Permission.SEE_REPORTS),
    get("/reports/cohorts.csv", download_csv, Permission.SEE_REPORTS),
    get("/reports/cohorts.xlsx", download_workbook, Permission.SEE_REPORTS),
)
