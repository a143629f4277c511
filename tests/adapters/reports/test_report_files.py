"""Files of reports: typed cells, and nothing that runs."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from voicebot.adapters.reports.columns import CellKind, Table
from voicebot.adapters.reports.files import csv_of, workbook_of

TABLE = Table(
    name="Показатели",
    columns=(
        ("Кампания", CellKind.TEXT),
        ("День", CellKind.DAY),
        ("Наборов", CellKind.COUNT),
        ("Доля", CellKind.SHARE),
        ("Выручка", CellKind.MONEY),
    ),
    rows=(
        ("Осень", date(2026, 11, 24), 1200, 0.125, Decimal("1500.50")),
        ("=1+1", None, 0, None, Decimal("-3.00")),
    ),
)
EVIL = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


def read(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_csv_is_what_excel_expects_in_each_language() -> None:
    assert csv_of(TABLE, "ru").startswith(b"\xef\xbb\xbf")
    assert read(csv_of(TABLE, "ru"), ";")[1] == ["Осень", "2026-11-24", "1200", "0,125", "1500,50"]
    assert read(csv_of(TABLE, "en"), ",")[1] == ["Осень", "2026-11-24", "1200", "0.125", "1500.50"]


@pytest.mark.parametrize("written", EVIL)
def test_no_text_becomes_a_formula(written: str) -> None:
    table = Table(name="x", columns=((written, CellKind.TEXT),), rows=((written,),))
    assert read(csv_of(table, "ru"), ";") == [[f"'{written}"], [f"'{written}"]]
    sheet = load_workbook(io.BytesIO(workbook_of((table,)))).worksheets[0]
    for row in (1, 2):
        cell = sheet.cell(row, 1)
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
        assert str(cell.value).strip() == written.strip()


def test_a_negative_number_stays_a_number() -> None:
    assert read(csv_of(TABLE, "ru"), ";")[2] == ["'=1+1", "", "0", "", "-3,00"]


def test_the_workbook_keeps_numbers_days_and_a_frozen_header() -> None:
    sheet = load_workbook(io.BytesIO(workbook_of((TABLE,)))).worksheets[0]
    assert sheet.title == "Показатели"
    assert sheet.freeze_panes == "B2"
    assert [cell.font.bold for cell in sheet[1]] == [True] * 5
    name, day, count, share, money = sheet[2]
    assert (name.value, day.value.date(), count.value, share.value) == ("Осень", date(2026, 11, 24), 1200, 0.125)
    assert float(money.value) == 1500.5
    assert day.is_date
    assert (share.number_format, money.number_format) == ("0.0%", "#,##0.00")
