"""Tables out of Excel workbooks."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from voicebot.application.ports.crm_import import TableRow
from voicebot.domain.errors import BadInput


class XlsxTable:
    """The first sheet of a workbook; formulas count as their last computed values."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._sheet: Any = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        except OSError as error:
            raise BadInput.one(self.name, f"cannot be read: {error.strerror or error}") from error
        except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
            raise BadInput.one(self.name, "is not an Excel workbook", repair="save it as .xlsx or .csv") from error
        header = next(self._sheet.iter_rows(values_only=True), ())
        columns = [_written(cell).lower() for cell in header]
        while columns and not columns[-1]:
            columns.pop()
        if not columns:
            raise BadInput.one(self.name, "is empty", repair="the first row names the columns")
        self._columns = tuple(columns)

    @property
    def name(self) -> str:
        return str(self._path)

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def expected_rows(self) -> int:
        return max((self._sheet.max_row or 1) - 1, 0)

    def rows(self) -> Iterator[TableRow]:
        width = len(self._columns)
        for number, cells in enumerate(self._sheet.iter_rows(min_row=2, values_only=True), start=2):
            written = [_written(cell) for cell in cells]
            if not any(written):
                continue
            surplus = any(written[width:])
            written = (written + [""] * width)[:width]
            fault = f"has cells beyond the {width} columns the header names" if surplus else ""
            yield TableRow(number=number, cells=written, fault=fault)


def _written(cell: object) -> str:
    """A cell as it would stand in a CSV file: Excel keeps phones and ids as numbers, dates as dates."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
