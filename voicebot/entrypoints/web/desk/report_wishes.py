"""What the address of a report asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from voicebot.application.desk.reports import Prices
from voicebot.domain.customer import ValueClass
from voicebot.domain.report import DEFAULT_DAYS, LONGEST_DAYS, Grouping, ReportQuery
from voicebot.entrypoints.web.desk.asked import asked_of, member, midnight, number
from voicebot.entrypoints.web.desk.keys import Desk

_DAY: Final = timedelta(days=1)
_PRESETS: Final = (7, 30, 90, 365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """Days, filters and grouping, with the addresses that change one of them."""

    query: ReportQuery
    by: Grouping
    asked: Mapping[str, str]
    today: date

    def address(self, page: str, **changes: str) -> str:
        """The same wishes on another page, or with a change; an empty value takes a wish back."""
        kept = {name: value for name, value in {**self.asked, **changes}.items() if value}
        return f"{page}?{urlencode(kept)}" if kept else page

    @property
    def presets(self) -> tuple[tuple[int, str, bool], ...]:
        """Days until today, their address, whether they are chosen."""
        return tuple(
            (
                days,
                self.address(
                    "", **{"from": (self.today - (days - 1) * _DAY).isoformat(), "to": self.today.isoformat()}
                ),
                self.query.until == self.today and self.query.days == days,
            )
            for days in _PRESETS
        )


def wishes_of(query: Mapping[str, str], desk: Desk) -> Wishes:
    """What cannot be understood does not matter: a month until today, by campaign."""
    asked = {name: value for name, value in asked_of(query).items() if name in _NAMES}
    today = desk.clock.now().astimezone(desk.zone).date()
    until = _day(asked.get("to", ""), desk) or today
    since = _day(asked.get("from", ""), desk) or until - (DEFAULT_DAYS - 1) * _DAY
    since, until = min(since, until), max(since, until)
    wanted = ReportQuery(
        since=max(since, until - (LONGEST_DAYS - 1) * _DAY),
        until=until,
        campaign_id=number(asked.get("campaign", "")),
        script=asked.get("script", ""),
        value_class=member(ValueClass, asked.get("class", "")),
    )
    by = member(Grouping, asked.get("by", "")) or Grouping.CAMPAIGN
    return Wishes(query=wanted, by=by, asked=asked, today=today)


def prices_of(desk: Desk) -> Prices:
    """As the settings say."""
    return Prices(sms=desk.settings.sms_price, operator=desk.settings.operator_contact_price)


_NAMES: Final = frozenset({"from", "to", "campaign", "script", "class", "by", "low"})


def _day(written: str, desk: Desk) -> date | None:
    found = midnight(written, desk.zone)
    return found.date() if found else None
