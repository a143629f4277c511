"""`voicebot report ...`: the measures as a table, a file or a letter."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import Settings, read_settings
from voicebot.domain.errors import BadInput
from voicebot.domain.report import DEFAULT_DAYS, Grouping, ReportQuery, Span

if TYPE_CHECKING:
    from voicebot.adapters.reports.columns import Table
    from voicebot.application.desk.reports import Report

report_app = typer.Typer(no_args_is_help=True, help="The measures managers look at.")
_ON_SCREEN = ("dialled", "reached_share", "talks", "interested_share", "stop_share", "redeemed_share", "revenue")
_DAY = timedelta(days=1)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(report_app, name="report")


@report_app.command()
def show(
    by: Annotated[Grouping, typer.Option(help="What the lines are.")] = Grouping.CAMPAIGN,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; today.")] = None,
    campaign: Annotated[str, typer.Option(help="Only this campaign, by name.")] = "",
    to_file: Annotated[Path | None, typer.Option("--output", "-o", help="Write a .csv or .xlsx file.")] = None,
    language: Annotated[str, typer.Option(help="ru or en.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Count a stretch of days, 30 until today unless said otherwise."""
    if to_file is not None and to_file.suffix not in (".csv", ".xlsx"):
        raise BadInput.one("--output", f"'{to_file.name}' is neither .csv nor .xlsx")
    report = asyncio.run(_read(read_settings(), by, since, until, campaign))
    _give(report, to_file, language, as_json=as_json)


@report_app.command()
def mail(
    address: Annotated[str, typer.Argument(help="Where the summary goes, once and now.")],
    span: Annotated[Span, typer.Option(help="Days it tells of.")] = Span.WEEK,
    language: Annotated[str, typer.Option(help="ru or en.")] = "ru",
) -> None:
    """Send the summary over the mail server of the settings; the desk keeps subscriptions (Reports, Mails)."""
    asyncio.run(_mail(read_settings(), address, span, language))
    typer.echo(f"the mail server has taken the letter to {address}")


@report_app.command()
def refresh() -> None:
    """Bring the sums of past days, cohorts and control groups up to date, as the jobs process does every 5 minutes."""
    typer.echo(f"{asyncio.run(_refresh(read_settings()))} days were added up")


async def _read(
    settings: Settings, by: Grouping, since: datetime | None, until: datetime | None, campaign: str
) -> "Report":
    from zoneinfo import ZoneInfo

    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.reports import Prices, read_report
    from voicebot.bootstrap import open_store

    zone, now = ZoneInfo(settings.time_zone), SystemClock().now()
    last = until.date() if until else now.astimezone(zone).date()
    first = since.date() if since else last - (DEFAULT_DAYS - 1) * _DAY
    if first > last:
        raise BadInput.one("--from", f"{first} is after {last}")
    prices = Prices(sms=settings.sms_price, operator=settings.operator_contact_price)
    async with open_store(settings) as store, store.open_desk() as unit:
        number = (await unit.campaigns.named(campaign)).id if campaign else None
        query = ReportQuery(since=first, until=last, campaign_id=number)
        return await read_report(unit, query, by, prices=prices, zone=zone, now=now)


async def _mail(settings: Settings, address: str, span: Span, language: str) -> None:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.bootstrap import open_store
    from voicebot.bootstrap_jobs import build_report_post
    from voicebot.domain.report import NewSubscription

    wanted = NewSubscription(email=address, span=span, cron="0 0 * * *", language=language, created_by="CLI")
    async with open_store(settings) as store:
        await build_report_post(settings, store, SystemClock()).send_once(wanted)


async def _refresh(settings: Settings) -> int:
    from zoneinfo import ZoneInfo

    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.refresh_reports import refresh_reports
    from voicebot.bootstrap import open_store

    async with open_store(settings) as store:
        return await refresh_reports(store.open_desk, SystemClock(), ZoneInfo(settings.time_zone))


def _give(report: "Report", to_file: Path | None, language: str, *, as_json: bool) -> None:
    from voicebot.adapters.reports.columns import report_table
    from voicebot.adapters.reports.files import csv_of, report_workbook

    table = report_table(report, language)
    if to_file is not None:
        csv = to_file.suffix == ".csv"
        to_file.write_bytes(csv_of(table, language) if csv else report_workbook(report, language))
        typer.echo(f"{len(table.rows)} lines in {to_file}")
    elif as_json:
        for row in table.rows:
            titles = (title for title, _ in table.columns)
            typer.echo(json.dumps(dict(zip(titles, row, strict=True)), ensure_ascii=False, default=str))
    elif not report.lines:
        typer.echo(f"no calls from {report.query.since} to {report.query.until}")
    else:
        _print(report, table, language)


def _print(report: "Report", table: "Table", language: str) -> None:
    from rich.console import Console
    from rich.table import Table as Printed

    from voicebot.adapters.reports.columns import COLUMNS, key_columns
    from voicebot.adapters.reports.letter import written

    keys = len(key_columns(report.by, language))
    shown = [*range(keys), *(keys + at for at, column in enumerate(COLUMNS) if column.key in _ON_SCREEN)]
    printed = Printed(title=f"{report.query.since} .. {report.query.until}", box=None, header_style="bold")
    for at in shown:
        printed.add_column(table.columns[at][0], justify="left" if at < keys else "right", overflow="fold")
    for row in table.rows:
        printed.add_row(*(written(row[at], table.columns[at][1], language) for at in shown))
    Console().print(printed)
