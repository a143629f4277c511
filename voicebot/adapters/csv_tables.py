"""Tables out of CSV files, whatever wrote them."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from voicebot.application.ports.crm_import import TableRow
from voicebot.domain.errors import BadInput

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS: Final = ",;\t"


class CsvTable:
    """A CSV file in UTF-8 (with or without a mark), UTF-16 or Windows-1251; comma, semicolon or tab.

    The whole file is held in memory: 100,000 customers are some 15 MB.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = _decoded(path)
        first_line = self._text.partition("\n")[0]
        self._delimiter = max(_DELIMITERS, key=first_line.count)
        header = next(self._records(), [])
        self._columns = tuple(cell.strip().lower() for cell in header)
        if not any(self._columns):
            raise BadInput.one(self.name, "is empty", repair="the first row names the columns")

    @property
    def name(self) -> str:
        return str(self._path)

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def expected_rows(self) -> int:
        return max(self._text.count("\n") - 1, 0)

    def rows(self) -> Iterator[TableRow]:
        records = enumerate(self._records(), start=1)
        next(records)
        width = len(self._columns)
        while True:
            number = 0
            try:
                number, cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                raise BadInput.one(
                    self.name, f"breaks off: {error}", repair="look for a quote without its pair"
                ) from error
            cells = [cell.strip() for cell in cells]
            if any(cells):
                yield TableRow(number=number, cells=cells, fault=_fault(cells, width))

    def _records(self) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter, strict=True)


def _fault(cells: Sequence[str], width: int) -> str:
    return "" if len(cells) == width else f"has {len(cells)} cells, the header names {width} columns"


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput.one(str(path), f"cannot be read: {error.strerror}") from error
    encodings = [encoding for mark, encoding in _BOMS if raw.startswith(mark)] or ["utf-8", "cp1251"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput.one(str(path), "is neither UTF-8 nor Windows-1251", repair="save it as CSV in UTF-8")
