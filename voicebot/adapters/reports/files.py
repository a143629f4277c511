"""Tables of reports as CSV and as a workbook; no cell of theirs is ever a formula."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from voicebot.adapters.reports import words
from voicebot.adapters.reports.columns import Cell, CellKind, Table, report_table
from voicebot.application.desk.reports import Report
from voicebot.domain.report import SplitKind

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a text that begins so for a formula (OWASP, CSV injection)."""
_FORMATS: Final = {
    CellKind.TEXT: "@",
    CellKind.DAY: "dd.mm.yyyy",
    CellKind.COUNT: "#,##0",
    CellKind.SHARE: "0.0%",
    CellKind.MONEY: "#,##0.00",
    CellKind.PRICE: "#,##0.00",
    CellKind.POINTS: "0.0",
    CellKind.MINUTES: "0.0",
}
_WIDTHS: Final = {CellKind.TEXT: 28, CellKind.DAY: 12}
_SHEET_NAME: Final = 31
"""Characters a sheet's name may have."""
CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def plain_text(written: str) -> str:
    """The text as a cell of CSV that no spreadsheet reads as a formula: with an apostrophe before it where need be."""
    return f"'{written}" if written.startswith(_FORMULA) else written


def csv_of(table: Table, language: str) -> bytes:
    """For Excel: UTF-8 with its mark; Russian Excel wants semicolons and decimal commas."""
    russian = language == "ru"
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if russian else ",")
    writer.writerow([plain_text(title) for title, _ in table.columns])
    for row in table.rows:
        writer.writerow([_written(cell, comma=russian) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def workbook_of(tables: Sequence[Table]) -> bytes:
    """One sheet each, the header frozen and bold, numbers as numbers, days as days."""
    book = Workbook(write_only=True)
    for table in tables:
        _add_sheet(book, table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def report_workbook(report: Report, language: str, *, public: bool = False) -> bytes:
    """The report's table, its reasons and ends, and what the columns mean.

    `public`: it leaves the desk, so tags that people made up, and might have put a name into, stay here.
    """
    table = report_table(report, language)
    notes = Table(
        name=words.DEFINITIONS(language),
        columns=((words.MEASURE(language), CellKind.TEXT), (words.COUNTED(language), CellKind.TEXT)),
        rows=table.notes,
    )
    return workbook_of((table, split_table(report, language, public=public), notes))


def split_table(report: Report, language: str, *, public: bool = False) -> Table:
    """Reasons, stages of hang-up, ends, causes and scores with their counts."""
    return Table(
        name=words.SPLITS(language),
        columns=(
            (words.KIND(language), CellKind.TEXT),
            (words.VALUE(language), CellKind.TEXT),
            (words.CALLS(language), CellKind.COUNT),
        ),
        rows=tuple(
            (words.SPLIT_KINDS[kind](language), words.split_name(kind, value, language), count)
            for kind, counts in report.splits.items()
            for value, count in counts.items()
            if not public or kind is not SplitKind.REASON or value in words.REASONS
        ),
    )


def _written(cell: Cell, *, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return plain_text(cell)
    if isinstance(cell, float):
        cell = Decimal(str(round(cell, 6)))
    if isinstance(cell, Decimal):
        number = format(cell, "f")
        return number.replace(".", ",") if comma else number
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _add_sheet(book: Workbook, table: Table) -> None:
    sheet: Any = book.create_sheet(table.name[:_SHEET_NAME])
    sheet.freeze_panes = "B2" if len(table.columns) > 3 else "A2"
    for at, (title, kind) in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(kind, max(11, min(len(title) + 2, 24)))
    sheet.append(list(_header(sheet, table)))
    for row in table.rows:
        kinds = (kind for _, kind in table.columns)
        sheet.append([_cell(sheet, value, kind) for value, kind in zip(row, kinds, strict=True)])


def _header(sheet: Any, table: Table) -> Iterator[Any]:
    for title, _ in table.columns:
        cell = _cell(sheet, title, CellKind.TEXT)
        cell.font = Font(bold=True)
        yield cell


def _cell(sheet: Any, value: Cell, kind: CellKind) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value) if isinstance(value, str) else value
    cell.number_format = _FORMATS[kind]
    if isinstance(value, str):
        cell.data_type = "s"  # a text, whatever it begins with: the library would make a formula of «=...»
        cell.quotePrefix = value.startswith(_FORMULA)  # and it stays one when somebody edits it
        cell.number_format = _FORMATS[CellKind.TEXT]
    return cell
