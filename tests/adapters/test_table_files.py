"""Tables are read whatever wrote them, and a file that cannot be read says why."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from voicebot.adapters.table_files import open_table
from voicebot.domain.errors import BadInput

EVENING = datetime(2026, 3, 31, 18, 5)  # noqa: DTZ001  # Excel knows no time zones
LINES = 'External_ID;Имя\nC-1; Анна \n\nC-2;"Иван; младший"\n'


@pytest.mark.parametrize(
    "raw",
    [
        LINES.encode(),
        b"\xef\xbb\xbf" + LINES.encode(),
        LINES.encode("cp1251"),
        LINES.encode("utf-16"),
        LINES.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 with a mark", "windows-1251", "utf-16", "windows line ends"],
)
def test_a_csv_file_reads_the_same_in_every_encoding(tmp_path: Path, raw: bytes) -> None:
    table = open_table(written(tmp_path, raw))
    assert table.columns == ("external_id", "имя")
    assert [(row.number, list(row.cells), row.fault) for row in table.rows()] == [
        (2, ["C-1", "Анна"], ""),
        (4, ["C-2", "Иван; младший"], ""),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    table = open_table(written(tmp_path, f"a{delimiter}b\n1{delimiter}2\n".encode()))
    assert table.columns == ("a", "b")
    assert [list(row.cells) for row in table.rows()] == [["1", "2"]]


def test_a_row_of_another_width_is_a_fault_of_that_row_only(tmp_path: Path) -> None:
    rows = list(open_table(written(tmp_path, b"a,b\n1\n1,2,3\n1,2\n")).rows())
    assert [row.fault for row in rows] == [
        "has 1 cells, the header names 2 columns",
        "has 3 cells, the header names 2 columns",
        "",
    ]


def test_a_lone_quote_is_told_instead_of_swallowing_the_file(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, b'a,b\n1,"2\n3,4\n'))
    with pytest.raises(BadInput, match="quote without its pair"):
        list(table.rows())


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"  \n"])
def test_an_empty_file_says_so(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(BadInput, match="is empty"):
        open_table(written(tmp_path, raw))


def test_bytes_in_no_known_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        open_table(written(tmp_path, b"a,b\n\x98\xff,2\n"))


def test_a_missing_file_and_another_kind_of_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.csv: no such file"):
        open_table(tmp_path / "none.csv")
    (tmp_path / "table.pdf").write_bytes(b"%PDF")
    with pytest.raises(BadInput, match=r"table\.pdf: is neither \.csv nor \.xlsx"):
        open_table(tmp_path / "table.pdf")
    (tmp_path / "table.xlsx").write_bytes(b"no zip")
    with pytest.raises(BadInput, match="not an Excel workbook"):
        open_table(tmp_path / "table.xlsx")


def test_a_workbook_reads_as_a_csv_file_would(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["External_ID", "phones", "placed_at", "price", None],
        ["C-1", 79161234567, EVENING, 1290.5, None],
        [None, None, None, None, None],
        ["C-2", "8 (916) 123-45-67", EVENING.date(), 400.0, None],
        ["C-3", None, None, None, "surplus"],
    ):
        sheet.append(row)
    book.save(tmp_path / "table.xlsx")
    table = open_table(tmp_path / "table.xlsx")
    assert table.columns == ("external_id", "phones", "placed_at", "price")
    assert [(row.number, list(row.cells)) for row in table.rows()] == [
        (2, ["C-1", "79161234567", "2026-03-31 18:05:00", "1290.5"]),
        (4, ["C-2", "8 (916) 123-45-67", "2026-03-31 00:00:00", "400"]),
        (5, ["C-3", "", "", ""]),
    ]
    assert [bool(row.fault) for row in table.rows()] == [False, False, True]


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(raw)
    return path
