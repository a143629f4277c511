"""Bring a table of the company's CRM into the store, whole or not at all."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from voicebot.application.import_cells import MOST_MONEY
from voicebot.application.import_columns import COLUMNS, CrmColumn, CrmTable
from voicebot.application.import_records import BUILDERS, identity_of, moments_of
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.crm_import import CrmLoader, CrmRecord, LoadCounts, TableFile, TableRow
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.settle_orders import SettledOrders, settle_orders
from voicebot.domain.consent import NewConsent
from voicebot.domain.customer import NewCustomer
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.order import NewOrder

_BATCH: Final = 2_000
_CLOCKS_DIFFER: Final = timedelta(days=1)
"""A moment may lie so far ahead of ours before it is called a moment of the future."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What an import came to."""

    rows: int
    """Rows read, without the header."""
    counts: LoadCounts
    problems: tuple[Problem, ...]
    """What was wrong with the rows that were left out (`skip_bad`)."""
    settled: SettledOrders = field(default_factory=SettledOrders)
    """What the orders set going; nothing for other tables."""


async def import_table(
    kind: CrmTable,
    file: TableFile,
    *,
    open_unit: OpenUnit,
    clock: Clock,
    skip_bad: bool = False,
    actor: str = "import",
    progress: Callable[[int], None] = lambda rows: None,
) -> ImportReport:
    """Read, check and load a whole table in one transaction.

    Raises BadInput with every problem of every row, and nothing is changed; with `skip_bad` the good rows are loaded
    and the problems reported. `progress` is told how many rows were read since the last time.
    """
    reading = _Reading(kind=kind, file=file, columns=check_header(kind, file), now=clock.now())
    async with open_unit() as unit:
        rows = 0
        for batch in _batches(file.rows()):
            rows += len(batch)
            await unit.loader.stage(await _known_only(reading, reading.records(batch), unit.loader))
            progress(len(batch))
        if not rows:
            raise BadInput.one(file.name, "holds a header and no rows")
        if reading.problems and not skip_bad:
            raise BadInput(reading.problems)
        absent = {column.name for column in COLUMNS[kind]} - set(file.columns)
        counts = await unit.loader.apply(without=reading.spoilt, keep=absent)
        ordered = kind is CrmTable.ORDERS and counts.added + counts.updated > 0
        settled = await settle_orders(unit, clock.now()) if ordered else SettledOrders()
        await unit.audit.record(
            at=clock.now(),
            actor=actor,
            action=f"{kind}.imported",
            details={"rows": rows, "added": counts.added, "updated": counts.updated, "bad": len(reading.problems)},
        )
        await unit.commit()
    return ImportReport(rows=rows, counts=counts, problems=tuple(reading.problems), settled=settled)


def check_header(kind: CrmTable, file: TableFile) -> tuple[CrmColumn, ...]:
    """The table's columns in the file's order; raises BadInput naming every column that is missing or unknown."""
    known = {column.name: column for column in COLUMNS[kind]}
    problems = [_unknown_column(file.name, name, known) for name in file.columns if name not in known]
    problems += [
        Problem(source=file.name, where="1", message=f"the column '{name}' comes twice")
        for name in dict.fromkeys(file.columns)
        if file.columns.count(name) > 1
    ]
    problems += [
        Problem(source=file.name, where="1", message=f"the column '{name}' is missing", repair=column.meaning)
        for name, column in known.items()
        if column.required and name not in file.columns
    ]
    if problems:
        raise BadInput(problems)
    return tuple(known[name] for name in file.columns)


def _unknown_column(source: str, name: str, known: Mapping[str, object]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1)
    repair = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
    return Problem(source=source, where="1", message=f"unknown column '{name[:40]}'", repair=repair)


def _batches(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


async def _known_only(reading: "_Reading", records: list[tuple[int, CrmRecord]], loader: CrmLoader) -> list[CrmRecord]:
    """The records whose customer exists; the others become problems."""
    names = {record.customer for _, record in records if not isinstance(record, NewCustomer)}
    known = await loader.known_customers(names) if names else frozenset()
    kept: list[CrmRecord] = []
    for number, record in records:
        if isinstance(record, NewCustomer) or record.customer in known:
            kept.append(record)
        else:
            reading.refuse(number, "customer", "no such customer", repair="import customers first")
            reading.spoil(record)
    return kept


@dataclass(kw_only=True, slots=True)
class _Reading:
    """The state of reading one file: what went wrong so far, and which keys were seen."""

    kind: CrmTable
    file: TableFile
    columns: tuple[CrmColumn, ...]
    now: datetime
    problems: list[Problem] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    """External ids of orders that must not be loaded in part."""
    seen: dict[object, tuple[int, object]] = field(default_factory=dict)
    """Key of a record -> the row it first stood in, and what the rows of one order must agree in."""

    def records(self, rows: Iterable[TableRow]) -> list[tuple[int, CrmRecord]]:
        """The good rows as records, each with its row number."""
        found = []
        for row in rows:
            record = self._record(row)
            if record is not None:
                found.append((row.number, record))
        return found

    def refuse(self, number: int, column: str, message: str, *, repair: str = "") -> None:
        where = f"{number}:{column}" if column else str(number)
        self.problems.append(Problem(source=self.file.name, where=where, message=message, repair=repair))

    def spoil(self, record: CrmRecord) -> None:
        """An order with one bad line is left out as a whole."""
        if isinstance(record, NewOrder):
            self.spoilt.add(record.external_id)

    def _record(self, row: TableRow) -> CrmRecord | None:
        if row.fault:
            self.refuse(row.number, "", row.fault)
            return None
        before = len(self.problems)
        values = self._values(row)
        record = None
        if len(self.problems) == before:
            record = BUILDERS[self.kind](values)
            self._check(row.number, record)
        if len(self.problems) == before:
            return record
        if self.kind is CrmTable.ORDERS and values.get("external_id"):
            self.spoilt.add(values["external_id"])
        return None

    def _values(self, row: TableRow) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column, cell in zip(self.columns, row.cells, strict=True):
            if not cell and column.required:
                self.refuse(row.number, column.name, "empty")
                continue
            try:
                values[column.name] = column.read(cell)
            except ValueError as error:
                self.refuse(row.number, column.name, str(error))
        return values

    def _check(self, number: int, record: CrmRecord) -> None:
        for column, moment in moments_of(record):
            if moment > self.now + _CLOCKS_DIFFER:
                self.refuse(number, column, "lies in the future")
        if isinstance(record, NewConsent) and not record.consent.in_order:
            self.refuse(number, "withdrawn_at", "before it was given")
        if isinstance(record, NewOrder) and record.total >= MOST_MONEY:
            self.refuse(number, "price", "times the quantity is beyond any order")
        key, agreed = identity_of(record)
        first, expected = self.seen.setdefault(key, (number, agreed))
        if isinstance(record, NewOrder):
            if agreed != expected:
                self.refuse(
                    number, "external_id", f"another customer, moment, currency or promo code than in row {first}"
                )
        elif first != number:
            self.refuse(number, COLUMNS[self.kind][0].name, f"the same as row {first}")
