"""Commands for marketing: import tables, draw a sample CRM."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.application.import_columns import COLUMNS, CrmTable
from voicebot.application.ports.crm_import import CrmRecord
from voicebot.config import read_settings

if TYPE_CHECKING:
    from voicebot.application.settle_orders import SettledOrders

import_app = typer.Typer(no_args_is_help=True, help="Bring tables of your CRM in: CSV or Excel, whole or not at all.")

TableArgument = Annotated[Path | None, typer.Argument(metavar="FILE", help="A .csv or .xlsx file.")]
ColumnsOption = Annotated[bool, typer.Option("--columns", help="Print the columns with an example and stop.")]
SkipBadOption = Annotated[bool, typer.Option("--skip-bad", help="Load the good rows and report the bad ones.")]


def register(app: typer.Typer) -> None:
    """Add `voicebot import ...` and `voicebot sample`."""
    app.add_typer(import_app, name="import")
    app.command()(sample)


@import_app.command()
def customers(file: TableArgument = None, columns: ColumnsOption = False, skip_bad: SkipBadOption = False) -> None:
    """Customers with their phones; known ones are updated by external_id."""
    _import(CrmTable.CUSTOMERS, file, columns=columns, skip_bad=skip_bad)


@import_app.command()
def orders(file: TableArgument = None, columns: ColumnsOption = False, skip_bad: SkipBadOption = False) -> None:
    """Orders, one row per line; known ones are replaced by external_id."""
    _import(CrmTable.ORDERS, file, columns=columns, skip_bad=skip_bad)


@import_app.command()
def consents(file: TableArgument = None, columns: ColumnsOption = False, skip_bad: SkipBadOption = False) -> None:
    """Consents; known ones are updated by customer, scope, kind and moment. A withdrawal stays one."""
    _import(CrmTable.CONSENTS, file, columns=columns, skip_bad=skip_bad)


@import_app.command()
def events(file: TableArgument = None, columns: ColumnsOption = False, skip_bad: SkipBadOption = False) -> None:
    """Signs of interest: price requests, opened offers, visits."""
    _import(CrmTable.EVENTS, file, columns=columns, skip_bad=skip_bad)


def sample(
    customers: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many customers to draw.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same people on the same day.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write CSV tables there instead of loading them.")] = None,
) -> None:
    """Draw a believable CRM of people who do not exist, and load it."""
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.sample.crm import generate_sample

    midnight = SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    drawn = generate_sample(customers=customers, seed=seed, now=midnight)
    if out is None:
        from voicebot.application.sample.load import load_sample
        from voicebot.bootstrap import open_store

        async def load() -> None:
            async with open_store(read_settings()) as store:
                with _progress("sample", len(drawn.customers) + len(drawn.orders) + len(drawn.consents)) as advance:
                    await load_sample(drawn, open_unit=store.open_unit, clock=SystemClock(), progress=advance)

        asyncio.run(load())
        typer.echo(
            f"loaded {len(drawn.customers)} customers, {len(drawn.orders)} orders, {len(drawn.consents)} consents"
        )
        return
    from voicebot.adapters.csv_writer import write_table

    tables: dict[CrmTable, Sequence[CrmRecord]] = {
        CrmTable.CUSTOMERS: drawn.customers,
        CrmTable.ORDERS: drawn.orders,
        CrmTable.CONSENTS: drawn.consents,
        CrmTable.EVENTS: drawn.events,
    }
    for table, records in tables.items():
        typer.echo(f"{write_table(out, table, records)}: {len(records)}")


def _import(kind: CrmTable, file: Path | None, *, columns: bool, skip_bad: bool) -> None:
    if columns:
        _print_columns(kind)
        return
    if file is None:
        raise typer.BadParameter(f"name a file, or ask for --columns of {kind}", param_hint="FILE")
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.adapters.table_files import open_table
    from voicebot.application.import_crm import ImportReport, check_header, import_table
    from voicebot.bootstrap import open_store

    table = open_table(file)
    check_header(kind, table)  # before a database is started for nothing

    async def run() -> ImportReport:
        async with open_store(read_settings()) as store:
            with _progress(kind, table.expected_rows) as advance:
                return await import_table(
                    kind, table, open_unit=store.open_unit, clock=SystemClock(), skip_bad=skip_bad, progress=advance
                )

    report = asyncio.run(run())
    for problem in report.problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{kind}: {report.rows} rows, {report.counts.added} added, {report.counts.updated} updated", nl=False)
    typer.echo(f", {len(report.problems)} problems in rows left out" if report.problems else "")
    _print_settled(report.settled)


def _print_settled(settled: "SettledOrders") -> None:
    """Only what there was."""
    if settled.leads_closed:
        typer.echo(f"{settled.leads_closed} leads closed: their customers have ordered")
    if settled.redeemed:
        typer.echo(f"{settled.redeemed} promo codes redeemed")
    for one in settled.refused:
        typer.echo(f"order {one.order}: promo code is {one.result}", err=True)


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the error channel; nothing when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total or None)  # some workbooks do not know their length
        yield lambda count: progress.advance(task, count)


def _print_columns(kind: CrmTable) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("column", "needed", "what to write", "example", title=f"columns of {kind}")
    for column in COLUMNS[kind]:
        table.add_row(column.name, "yes" if column.required else "", column.meaning, column.example)
    Console().print(table)
    typer.echo(",".join(column.name for column in COLUMNS[kind]))
