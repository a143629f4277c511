"""Columns of a report's table: what the page, the CSV and the workbook show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from voicebot.adapters.reports import words
from voicebot.adapters.reports.measure_words import ABOUT, TITLES
from voicebot.adapters.reports.words import Words
from voicebot.application.desk.reports import Report, ReportLine
from voicebot.domain.measures import MEASURES, Shown
from voicebot.domain.report import TIMES, Grouping

Cell = str | int | float | Decimal | date | None


class CellKind(StrEnum):
    """How a column is written."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    PRICE = "price"  # of one thing: kopecks matter
    POINTS = "points"  # with one decimal place
    MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnOf:
    """One column."""

    key: str
    title: Words
    about: Words
    """Numerator and denominator, in words."""
    kind: CellKind
    on_page: bool
    """Whether the page has room for it; files have all."""
    value: Callable[[ReportLine], Cell]


_SHOWN: Final = {
    Shown.COUNT: CellKind.COUNT,
    Shown.SHARE: CellKind.SHARE,
    Shown.MONEY: CellKind.MONEY,
    Shown.POINTS: CellKind.POINTS,
}
_MEASURES: Final = {one.key: one for one in MEASURES}


def _minutes(value: timedelta | None) -> float | None:
    return round(value.total_seconds() / 60, 1) if value is not None else None


def _column(key: str, kind: CellKind, value: Callable[[ReportLine], Cell], *, on_page: bool) -> ColumnOf:
    return ColumnOf(key=key, title=TITLES[key], about=ABOUT[key], kind=kind, on_page=on_page, value=value)


def _measured(key: str, *, on_page: bool = True) -> ColumnOf:
    measure = _MEASURES[key]
    return _column(key, _SHOWN[measure.shown], lambda line: measure.value(line.tally), on_page=on_page)


def _counted(key: str) -> ColumnOf:
    """A field of the Tally: files have it, the page shows its share."""

    def value(line: ReportLine) -> Cell:
        found: Cell = getattr(line.tally, key)
        return found

    return _column(key, CellKind.COUNT, value, on_page=False)


def _other(key: str, kind: CellKind, value: Callable[[ReportLine], Cell], *, on_page: bool = True) -> ColumnOf:
    return _column(key, kind, value, on_page=on_page)


COLUMNS: Final = (
    _measured("people_dialled"),
    _counted("people_reached"),
    _measured("reached_share"),
    _measured("dialled"),
    _counted("answered"),
    _measured("answered_share"),
    _counted("machines"),
    _measured("rang_back", on_page=False),
    _measured("talks"),
    _counted("interested"),
    _measured("interested_share"),
    _counted("neutral"),
    _measured("neutral_share"),
    _counted("negative"),
    _measured("negative_share"),
    _measured("hang_up_share"),
    _counted("stops"),
    _measured("stop_share"),
    _measured("codes"),
    _measured("redeemed", on_page=False),
    _measured("redeemed_share"),
    _measured("revenue"),
    _other("reminder", CellKind.SHARE, lambda line: line.reminder.difference if line.reminder else None),
    _measured("nps"),
    _counted("scores"),
    _other("reaction", CellKind.MINUTES, lambda line: _minutes(line.work.median)),
    _other("reaction_p90", CellKind.MINUTES, lambda line: _minutes(line.work.p90), on_page=False),
    _other("resolved", CellKind.COUNT, lambda line: line.work.resolved, on_page=False),
    _other("first_contact", CellKind.SHARE, lambda line: line.work.first_contact),
    _other("cost", CellKind.MONEY, lambda line: line.cost.total, on_page=False),
    _other("cost_per_talk", CellKind.PRICE, lambda line: line.cost.per_talk),
    _other("times_cheaper", CellKind.POINTS, lambda line: line.cost.times_cheaper),
)
"""In the order they are shown."""


def key_columns(by: Grouping, language: str) -> tuple[tuple[str, CellKind], ...]:
    """Title and kind of the columns that say what a line is about."""
    first = (words.GROUPINGS[by](language), CellKind.DAY if by in TIMES else CellKind.TEXT)
    return (first, (words.DETAILS[by](language), CellKind.TEXT)) if by in words.DETAILS else (first,)


def key_cells(line: ReportLine, by: Grouping, language: str) -> tuple[Cell, ...]:
    """What a line is about."""
    first: Cell = line.key.day if by in TIMES else line.key.name or words.UNKNOWN(language)
    return (first, line.key.detail) if by in words.DETAILS else (first,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table of typed cells."""

    name: str
    columns: tuple[tuple[str, CellKind], ...]
    """Title and kind."""
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[tuple[str, str], ...] = ()
    """What the columns mean."""


def report_table(report: Report, language: str) -> Table:
    """The report with its totals last."""
    keys = key_columns(report.by, language)
    rows = [
        (*key_cells(line, report.by, language), *(column.value(line) for column in COLUMNS)) for line in report.lines
    ]
    if report.by not in TIMES:
        total = (words.TOTAL(language), "")[: len(keys)]
        rows.append((*total, *(column.value(report.total) for column in COLUMNS)))
    return Table(
        name=words.FIGURES(language),
        columns=(*keys, *((column.title(language), column.kind) for column in COLUMNS)),
        rows=tuple(rows),
        notes=tuple((column.title(language), column.about(language)) for column in COLUMNS),
    )
