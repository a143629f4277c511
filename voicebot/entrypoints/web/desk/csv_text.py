"""Lines of CSV files that people open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by (OWASP: CSV injection)."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """The rows; what would be run as a formula is shown as text."""
    written = io.StringIO()
    writer = csv.writer(written)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return written.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
