"""Reports as files: CSV, workbooks, a page to print."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final

from voicebot.adapters.reports.cohort_table import cohort_table, comeback_table
from voicebot.adapters.reports.columns import report_table
from voicebot.adapters.reports.files import CSV_TYPE, XLSX_TYPE, csv_of, report_workbook, workbook_of
from voicebot.adapters.reports.letter import LetterWriter
from voicebot.application.desk.reports import CohortReport, Report, read_cohorts
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.cohorts import CohortsAsked, read_asked_cohorts
from voicebot.entrypoints.web.api.report_asked import (
    LONG,
    Language,
    ReportFileAsked,
    file_reply,
    read_asked,
    today_of,
)
from voicebot.entrypoints.web.api.routes import Asked, Reply, get

HTML_TYPE: Final = "text/html"


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortFileAsked(CohortsAsked):
    """The same as a file."""

    language: Annotated[Language, "Of its words; Russian tables have semicolons and decimal commas."] = Language.RU


async def get_csv(asked: Asked) -> Reply:
    """The table, for a spreadsheet."""
    report, language = await read_asked(asked), asked.of(ReportFileAsked).language
    return file_reply(_name(report, "csv"), csv_of(report_table(report, language), language), CSV_TYPE)


async def get_workbook(asked: Asked) -> Reply:
    """The table, reasons and ends, and the definitions."""
    report = await read_asked(asked)
    content = await asyncio.to_thread(report_workbook, report, asked.of(ReportFileAsked).language)
    return file_reply(_name(report, "xlsx"), content, XLSX_TYPE)


async def get_summary(asked: Asked) -> Reply:
    """One page, as it is mailed."""
    report, language, settings = await read_asked(asked), asked.of(ReportFileAsked).language, asked.api.settings
    query = report.query
    async with asked.open_unit() as unit:
        named = await unit.campaigns.get(query.campaign_id) if query.campaign_id is not None else None
        bought = await read_cohorts(unit, value_class=query.value_class, campaign_id=None, today=today_of(asked))
    writer = LetterWriter(company=settings.company, desk_url=settings.web_url)
    written = writer.summary(report, bought, campaign=named.name if named else "", language=language)
    return file_reply(f"summary-{query.since}-{query.until}.html", written.encode(), HTML_TYPE)


async def get_cohorts_csv(asked: Asked) -> Reply:
    """Cohorts by age."""
    report, language = await _cohorts(asked)
    return file_reply("cohorts.csv", csv_of(cohort_table(report, language), language), CSV_TYPE)


async def get_cohorts_workbook(asked: Asked) -> Reply:
    """Cohorts by age, and the won back."""
    report, language = await _cohorts(asked)
    tables = (cohort_table(report, language), comeback_table(report, language))
    return file_reply("cohorts.xlsx", await asyncio.to_thread(workbook_of, tables), XLSX_TYPE)


async def _cohorts(asked: Asked) -> tuple[CohortReport, Language]:
    return await read_asked_cohorts(asked), asked.of(CohortFileAsked).language


def _name(report: Report, ending: str) -> str:
    return f"report-{report.by}-{report.query.since}-{report.query.until}.{ending}"


_MEASURES: Final = "/api/v1/reports/measures"
_COHORTS: Final = "/api/v1/reports/cohorts"
ROUTES: Final = (
    *(
        get(
            path,
            handler,
            Scope.REPORTS_READ,
            name=name,
            summary=summary,
            tag="Reports",
            query=ReportFileAsked,
            media=media,
            errors=LONG,
        )
        for path, handler, name, summary, media in (
            (f"{_MEASURES}.csv", get_csv, "getMeasuresCsv", "The measures as CSV", CSV_TYPE),
            (
                f"{_MEASURES}.xlsx",
                get_workbook,
                "getMeasuresWorkbook",
                "The measures as a workbook, with reasons and definitions",
                XLSX_TYPE,
            ),
            (
                "/api/v1/reports/summary",
                get_summary,
                "getSummary",
                "One page to print or to mail: key figures against the stretch before",
                HTML_TYPE,
            ),
        )
    ),
    *(
        get(
            path,
            handler,
            Scope.REPORTS_READ,
            name=name,
            summary=summary,
            tag="Reports",
            query=CohortFileAsked,
            media=media,
        )
        for path, handler, name, summary, media in (
            (f"{_COHORTS}.csv", get_cohorts_csv, "getCohortsCsv", "Cohorts by age as CSV", CSV_TYPE),
            (
                f"{_COHORTS}.xlsx",
                get_cohorts_workbook,
                "getCohortsWorkbook",
                "Cohorts by age, and the won back, as a workbook",
                XLSX_TYPE,
            ),
        )
    ),
)
