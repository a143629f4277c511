"""Which report somebody asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from voicebot.application.desk.reports import Prices, Report, read_report
from voicebot.application.json_input import problem
from voicebot.domain.customer import ValueClass
from voicebot.domain.errors import BadInput
from voicebot.domain.report import DEFAULT_DAYS, LONGEST_DAYS, Grouping, ReportQuery
from voicebot.entrypoints.web.api.routes import Asked, Reply
from voicebot.entrypoints.web.api.schema import Range, Text

LONG: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "The stretch is longer than three years, or ends before it begins."
}


class Language(StrEnum):
    """In which files and letters are written."""

    RU = "ru"
    EN = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallsCounted:
    """Which days, and what is counted."""

    since: Annotated[date | None, "First day; thirty days until the last one without it."] = None
    until: Annotated[date | None, "Last day, included; today without it."] = None
    campaign: Annotated[int | None, Range(), "Its number."] = None
    script: Annotated[str | None, Text(most=100)] = None
    value_class: ValueClass | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportAsked(CallsCounted):
    """Which days, what is counted, and what the lines are."""

    by: Annotated[Grouping, "What each line is about."] = Grouping.CAMPAIGN


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportFileAsked(ReportAsked):
    """The same as a file."""

    language: Annotated[Language, "Of its words; Russian tables have semicolons and decimal commas."] = Language.RU


def zone_of(asked: Asked) -> ZoneInfo:
    """The company's."""
    return ZoneInfo(asked.api.settings.time_zone)


def today_of(asked: Asked) -> date:
    """By the company's clock."""
    return asked.now.astimezone(zone_of(asked)).date()


def query_of(asked: Asked) -> ReportQuery:
    """What is counted; raises BadInput for a stretch that is none."""
    wanted = asked.of(CallsCounted)
    until = wanted.until or today_of(asked)
    since = wanted.since or until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until:
        raise BadInput([problem("since", "comes after until")])
    query = ReportQuery(
        since=since,
        until=until,
        campaign_id=wanted.campaign,
        script=wanted.script or "",
        value_class=wanted.value_class,
    )
    if query.days > LONGEST_DAYS:
        raise BadInput([problem("since", f"a report is of {LONGEST_DAYS} days at most")])
    return query


async def read_asked(asked: Asked) -> Report:
    """The report; nothing of a person is in it."""
    settings, query = asked.api.settings, query_of(asked)
    prices = Prices(sms=settings.sms_price, operator=settings.operator_contact_price)
    async with asked.open_unit() as unit:
        return await read_report(
            unit, query, asked.of(ReportAsked).by, prices=prices, zone=zone_of(asked), now=asked.now
        )


def file_reply(name: str, content: bytes, kind: str) -> Reply:
    """A file to keep."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    charset = "utf-8" if kind.startswith("text/") else None
    return Reply(response=web.Response(body=content, content_type=kind, charset=charset, headers=headers))
