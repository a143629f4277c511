"""Orders the CRM posts: checked, stored and settled as an import of them would be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from voicebot.application.import_columns import COLUMNS, CrmTable
from voicebot.application.import_crm import ImportReport, import_table
from voicebot.application.json_input import SOURCE, Fields, inside, problem, unknown_fields
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.crm_import import TableRow
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.errors import BadInput, Problem

MOST_ORDERS: Final = 1000
"""In one request."""
_LINES: Final = "lines"
_LINE: Final = ("what", "category", "quantity", "price", "margin")
_HEAD: Final = tuple(column.name for column in COLUMNS[CrmTable.ORDERS] if column.name not in _LINE)
_NUMBERS: Final = ("quantity", "price", "margin")
_FIRST_ROW: Final = 2
"""As in a spreadsheet: row 1 is the header."""


async def accept_orders(open_unit: OpenUnit, document: object, clock: Clock) -> ImportReport:
    """Store one order or a list of them, known ones replaced by external_id; then codes and leads follow.

    Raises BadInput with every problem and the path of its field, and nothing is stored.
    """
    table = _OrderTable(document)
    try:
        return await import_table(CrmTable.ORDERS, table, open_unit=open_unit, clock=clock, actor="api")
    except BadInput as error:
        # Every line repeats the head of its order, and with it the head's problems.
        raise BadInput(dict.fromkeys(table.located(one) for one in error.problems)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of one order, with where it stands in the document."""

    order: str
    line: str
    cells: tuple[str, ...]


class _OrderTable:
    """The document as a table, so that a file and a request are read by the same rules."""

    name = SOURCE
    columns = (*_HEAD, *_LINE)

    def __init__(self, document: object) -> None:
        """Raises BadInput for what is no order by its shape."""
        orders = document if isinstance(document, list) else [document]
        if not 1 <= len(orders) <= MOST_ORDERS:
            raise BadInput([problem("", f"a request carries 1 to {MOST_ORDERS} orders")])
        self._problems: list[Problem] = []
        paths = [f"[{number}]" for number in range(len(orders))] if isinstance(document, list) else [""]
        self._lines = [line for path, order in zip(paths, orders, strict=True) for line in self._order(path, order)]
        self._refuse_repeats(paths, orders)
        if self._problems:
            raise BadInput(self._problems)

    @property
    def expected_rows(self) -> int:
        return len(self._lines)

    def rows(self) -> Iterator[TableRow]:
        for number, line in enumerate(self._lines, start=_FIRST_ROW):
            yield TableRow(number=number, cells=line.cells)

    def located(self, found: Problem) -> Problem:
        """A problem of a row and a column as one of a field."""
        row, _, column = found.where.partition(":")
        if not row.isdecimal():
            return found
        line = self._lines[int(row) - _FIRST_ROW]
        return problem(inside(line.line if column in _LINE else line.order, column), found.message, found.repair)

    def _order(self, path: str, order: object) -> Iterator[_Line]:
        if not isinstance(order, Mapping):
            self._problems.append(problem(path, "an order is an object"))
            return
        self._problems += unknown_fields(order, (*_HEAD, _LINES), path)
        head = self._cells(path, order, _HEAD)
        lines = order.get(_LINES)
        if not isinstance(lines, list) or not lines:
            self._problems.append(problem(inside(path, _LINES), "an order has a list of one line or more"))
            return
        for number, line in enumerate(lines):
            place = f"{inside(path, _LINES)}[{number}]"
            if not isinstance(line, Mapping):
                self._problems.append(problem(place, "a line is an object"))
                continue
            self._problems += unknown_fields(line, _LINE, place)
            yield _Line(order=path, line=place, cells=(*head, *self._cells(place, line, _LINE)))

    def _cells(self, path: str, fields: Fields, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._cell(inside(path, name), fields.get(name), number=name in _NUMBERS) for name in names)

    def _cell(self, path: str, value: object, *, number: bool) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value.strip()
        if number and isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)
        self._problems.append(problem(path, "must be a number" if number else "must be text"))
        return ""

    def _refuse_repeats(self, paths: list[str], orders: list[object]) -> None:
        seen: dict[object, str] = {}
        for path, order in zip(paths, orders, strict=True):
            name = order.get("external_id") if isinstance(order, Mapping) else None
            if isinstance(name, str) and (first := seen.setdefault(name.strip(), path)) != path:
                self._problems.append(problem(inside(path, "external_id"), f"the same as in {first}"))
