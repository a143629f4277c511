"""A report as a letter: text, HTML and the figures as a workbook; nothing of a person is in it."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import jinja2
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from voicebot.adapters.reports.columns import COLUMNS, Cell, CellKind, ColumnOf, key_cells, key_columns
from voicebot.adapters.reports.files import XLSX_TYPE, report_workbook
from voicebot.adapters.reports.words import Words
from voicebot.application.desk.reports import CohortReport, Report, ReportLine
from voicebot.application.ports.mailer import Attachment, Letter
from voicebot.application.send_reports import MailedReport
from voicebot.domain.measures import StopLevel

_FIGURES: Final = (
    "people_dialled",
    "reached_share",
    "talks",
    "interested_share",
    "stop_share",
    "codes",
    "redeemed_share",
    "revenue",
    "reminder",
    "nps",
    "reaction",
    "first_contact",
    "cost_per_talk",
    "times_cheaper",
)
_IN_LINES: Final = ("talks", "interested_share", "stop_share", "redeemed_share", "revenue")
_LINES: Final = 15
_COLUMNS: Final = {column.key: column for column in COLUMNS}
_TEMPLATE: Final = "letter.html"
_SUMMARY: Final = Words("сводка", "summary")
_WAS: Final = Words("было", "was")
_REPEAT: Final = Words("Повторная покупка", "Repeat rate")
_LTV: Final = Words("LTV, ₽ с покупателя", "LTV, RUB a customer")
_BURNS: Final = Words("Конверсия падает: база выгорает.", "Conversion is falling: the base is burning out.")
_STOPS: Final = Words("Слишком часто просят не звонить.", "Too many ask never to be called.")
_NO_CALLS: Final = Words("За эти дни звонков не было.", "There were no calls on these days.")
_OPEN: Final = Words("Открыть отчёт", "Open the report")
_FOOTER: Final = Words(
    "Письмо отправил voicebot по подписке «{by}». Отписаться: Отчёты → Рассылка.",
    "Sent by voicebot; subscribed by {by}. To end it: Reports → Mails.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    """What both forms of a letter show."""

    language: str
    title: str
    days: str
    warnings: list[str]
    figures: list[tuple[str, str, str]]
    """Name, value, value before."""
    header: list[str]
    lines: list[list[str]]
    link: str
    link_title: str
    footer: str


class LetterWriter:
    """Writes letters for one company; `desk_url` empty: without a link."""

    def __init__(self, *, company: str, desk_url: str = "") -> None:
        self._company, self._desk_url = company, desk_url.rstrip("/")
        loader = jinja2.FileSystemLoader(Path(__file__).parent)
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def __call__(self, mailed: MailedReport) -> Letter:
        """The letter of one firing."""
        language, report = mailed.subscription.language, mailed.report
        footer = _FOOTER(language).format(by=mailed.subscription.created_by)
        shown = self._shown(report, mailed.bought, campaign=mailed.campaign, language=language, footer=footer)
        workbook = Attachment(
            name=f"voicebot-{report.query.since}-{report.query.until}.xlsx",
            content=report_workbook(report, language, public=True) if mailed.subscription.workbook else b"",
            kind=XLSX_TYPE,
        )
        return Letter(
            key=mailed.key,
            to=mailed.subscription.email,
            subject=f"{shown.title}, {shown.days}",
            text=_text(shown),
            html=self._templates.get_template(_TEMPLATE).render(asdict(shown)),
            attachments=(workbook,) if workbook.content else (),
        )

    def summary(self, report: Report, bought: CohortReport, *, campaign: str, language: str) -> str:
        """The same page without a letter around it: HTML to print or to keep."""
        shown = self._shown(report, bought, campaign=campaign, language=language, footer="")
        return self._templates.get_template(_TEMPLATE).render(asdict(shown))

    def _shown(self, report: Report, bought: CohortReport, *, campaign: str, language: str, footer: str) -> _Shown:
        figures = [_figure(_COLUMNS[key], report, language) for key in _FIGURES]
        figures.append((_REPEAT(language), written(bought.repeat_rate, CellKind.SHARE, language), ""))
        figures.append((_LTV(language), written(bought.value, CellKind.MONEY, language), ""))
        query = report.query
        link = f"{self._desk_url}/reports?from={query.since}&to={query.until}"
        return _Shown(
            language=language,
            title=": ".join(one for one in (self._company, campaign or _SUMMARY(language)) if one),
            days=f"{_day(query.since, language)} — {_day(query.until, language)}",
            warnings=_warnings(report, language),
            figures=figures,
            header=[key_columns(report.by, language)[0][0], *(_COLUMNS[key].title(language) for key in _IN_LINES)],
            lines=[_line(line, report, language) for line in report.lines[:_LINES]],
            link=link if self._desk_url else "",
            link_title=_OPEN(language),
            footer=footer,
        )


def written(value: Cell, kind: CellKind, language: str) -> str:
    """A cell as people read it."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, str):
        return value
    if kind is CellKind.SHARE:
        return str(format_percent(value, "#,##0.# %", locale=language))
    if kind in (CellKind.MONEY, CellKind.PRICE):
        pattern = "#,##0 ¤" if kind is CellKind.MONEY else "#,##0.00 ¤"
        return str(format_currency(value, "RUB", pattern, locale=language, currency_digits=False))
    return str(format_decimal(value if isinstance(value, (int, Decimal)) else round(value, 1), locale=language))


def _figure(column: ColumnOf, report: Report, language: str) -> tuple[str, str, str]:
    before = column.value(report.before)
    was = f"{_WAS(language)} {written(before, column.kind, language)}" if before is not None else ""
    return (column.title(language), written(column.value(report.total), column.kind, language), was)


def _line(line: ReportLine, report: Report, language: str) -> list[str]:
    name = " ".join(written(cell, CellKind.TEXT, language) for cell in key_cells(line, report.by, language) if cell)
    cells = (written(_COLUMNS[key].value(line), _COLUMNS[key].kind, language) for key in _IN_LINES)
    return [name, *cells]


def _warnings(report: Report, language: str) -> list[str]:
    told = {
        _NO_CALLS(language): not report.lines,
        _BURNS(language): bool(report.burns_out),
        _STOPS(language): report.total.stop_level is StopLevel.ALARM,
    }
    return [warning for warning, holds in told.items() if holds]


def _text(shown: _Shown) -> str:
    """The same without HTML."""
    parts = [f"{shown.title}\n{shown.days}", *shown.warnings]
    parts.append("\n".join(f"{name}: {value}" + (f" ({was})" if was else "") for name, value, was in shown.figures))
    if shown.lines:
        parts.append("\n".join(" | ".join(cells) for cells in [shown.header, *shown.lines]))
    return "\n\n".join((*parts, *filter(None, (shown.link, shown.footer))))


def _day(day: date, language: str) -> str:
    return str(format_date(day, "medium", locale=language))
