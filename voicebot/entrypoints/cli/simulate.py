"""`voicebot simulate`: months of campaigns in virtual time, without a telephone."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings

if TYPE_CHECKING:
    from voicebot.rehearsal.year.report import YearReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days to live through.")] = 365,
    customers: Annotated[int, typer.Option(min=10, max=100_000, help="People in the CRM.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed is the same year.")] = 1,
    lines: Annotated[int, typer.Option(min=1, max=1000, help="Calls at once.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let invented people live with your dialplan's rules, and check that none is broken.

    Everything but the telephone is real: the database, the gate, redialling, releases, reminders. Exit code 1 when a
    rule of contact was broken.
    """
    from rich.console import Console
    from rich.progress import Progress

    from voicebot.rehearsal.year.run import YearPlan, simulate

    plan = YearPlan(days=days, customers=customers, seed=seed, lines=lines, settings=read_settings())
    console = Console(stderr=True)
    with Progress(console=console) if console.is_terminal else nullcontext() as bar:
        task = bar.add_task("days", total=days) if bar else None
        report = asyncio.run(
            simulate(plan, lambda day: bar.update(task, completed=day) if bar and task is not None else None)
        )
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if as_json else _as_text(report))
    if report.breaches:
        raise typer.Exit(1)


def _as_text(report: "YearReport") -> str:
    rows = [
        f"{report.days} days, {report.customers} customers: {report.called} of them dialled, {report.calls} calls,"
        f" {report.answered} answered, {report.wanted} asked for by the customer",
        "calls per person:  " + _counts(report.calls_per_person, " x"),
        "talks per person:  " + _counts(report.talks_per_person, " x"),
        "by hour (local):   " + _counts(report.by_hour, ":00"),
        "dispositions:      " + _counts(report.by_disposition),
        "groups:            " + _counts(report.by_group),
        f"releases:          {len(report.releases)}, {sum(leads for *_, leads in report.releases)} people answered for",
        "orders:            " + _counts(report.orders),
        f"seasonal list:     {report.seasonal}",
        "",
    ]
    for rule, found in report.broken.items():
        rows.append(f"{'BROKEN' if found else 'kept  '}  {rule}" + (f": {len(found)}" if found else ""))
        rows += [f"          {one}" for one in list(found)[:5]]
    return "\n".join(rows)


def _counts(counted: Mapping[int, int] | Mapping[str, int], unit: str = "") -> str:
    return ", ".join(f"{what}{unit}: {count}" for what, count in counted.items())
