"""`voicebot demo`: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from voicebot.domain.campaign import CampaignProgress
    from voicebot.entrypoints.demo.run_demo import DemoPlan
    from voicebot.entrypoints.demo.verdicts import JudgedCall


_PAPER = 150
"""Width of the table where the output is no terminal, characters."""
_SPEAK_EVERY_S = 15.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    customers: Annotated[
        int, typer.Option(min=1, max=48, help="Customers to call; never fewer than there are personas.")
    ] = 14,
    lines: Annotated[int, typer.Option(min=1, max=32, help="SIP lines that call them.")] = 8,
    seed: Annotated[int, typer.Option(help="Which sample CRM.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Folder for everything the demo writes, kept afterwards.")] = None,
    persona: Annotated[
        list[str] | None, typer.Option(help="Call only this persona (may be repeated); `voicebot rehearse list`.")
    ] = None,
    serve: Annotated[bool, typer.Option(help="Leave the web process running until Ctrl-C.")] = False,
) -> None:
    """Call a whole campaign of rehearsed customers over real SIP; exit 0 when every outcome is the expected one."""
    import asyncio
    import json
    import time

    from voicebot.config import read_settings
    from voicebot.entrypoints.demo.run_demo import DemoPlan

    settings = read_settings()
    folder = (keep or settings.home / "demo" / time.strftime("%Y%m%d-%H%M%S")).absolute()
    personas = tuple(persona or ())
    plan = DemoPlan(
        settings=settings,
        folder=folder,
        customers=len(personas) or customers,
        personas=personas,
        lines=lines,
        seed=seed,
        serve=serve,
    )
    began = time.monotonic()
    calls = asyncio.run(_run(plan, quiet=as_json, began=began, keep=keep is not None))
    failed = sum(1 for call in calls if call.mismatches)
    if as_json:
        report = {
            "calls": [call.as_json() for call in calls],
            "passed": len(calls) - failed,
            "failed": failed,
            "seconds": round(time.monotonic() - began, 1),
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    if failed or not calls:
        raise typer.Exit(1)


async def _run(plan: "DemoPlan", *, quiet: bool, began: float, keep: bool) -> "list[JudgedCall]":
    import asyncio
    import shutil
    import time
    from contextlib import aclosing

    from rich.console import Console

    from voicebot.entrypoints.demo.run_demo import run_demo
    from voicebot.entrypoints.signals import stopped_by_signals

    console = Console(quiet=quiet)
    if not console.is_terminal:
        console.width = _PAPER
    stop = asyncio.Event()
    calls: list[JudgedCall] = []
    with stopped_by_signals(stop), console.status("") as status:
        spoken = _SpokenProgress(console)

        def progress(doing: str, now: "CampaignProgress | None") -> None:
            line = _line(doing, now, time.monotonic() - began)
            status.update(line)
            spoken.say(doing, line, time.monotonic() - began)

        async with aclosing(run_demo(plan, progress, stop)) as verdicts:
            async for calls in verdicts:
                status.stop()
                _print(console, calls, plan, time.monotonic() - began)
    if not keep:
        await asyncio.to_thread(shutil.rmtree, plan.folder / "postgres", ignore_errors=True)
    return calls


class _SpokenProgress:
    """Where no terminal shows the live line: a line for every new step and every quarter of a minute."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._doing = ""
        self._said_at = 0.0

    def say(self, doing: str, line: str, seconds: float) -> None:
        """Print the line if it is time to."""
        if self._console.is_terminal or (doing == self._doing and seconds - self._said_at < _SPEAK_EVERY_S):
            return
        self._doing, self._said_at = doing, seconds
        self._console.print(line, highlight=False)


def _line(doing: str, now: "CampaignProgress | None", seconds: float) -> str:
    line = f"{seconds:5.0f} s  {doing}"
    if now is None:
        return line
    states = ", ".join(f"{count} {state}" for state, count in now.by_state.items() if count)
    groups = ", ".join(f"{count} {group}" for group, count in now.by_group.items() if count)
    return f"{line}: {now.attempts} dialled of {now.leads}; leads: {states}" + (f"; groups: {groups}" if groups else "")


def _print(console: "Console", calls: "list[JudgedCall]", plan: "DemoPlan", seconds: float) -> None:
    console.print(_table(calls))
    for call in calls:
        for problem in call.mismatches:
            console.print(f"[red]{call.rehearsed.persona.name}[/]: {problem}", highlight=False)
    failed = sum(1 for call in calls if call.mismatches)
    verdict = f"[red]{failed} of {len(calls)} calls came out wrong[/]" if failed else f"all {len(calls)} calls right"
    console.print(f"\n{verdict}, {seconds:.0f} s")
    console.print(f"recordings: {plan.folder / 'recordings'} (left the bot, right the customer)", soft_wrap=True)
    console.print(f"transcripts: {plan.folder / 'transcripts'}", soft_wrap=True)
    console.print(f"SMS: {plan.folder / 'sms.jsonl'}", soft_wrap=True)
    if plan.serve:
        console.print(f"http://{plan.settings.web_host}:{plan.settings.web_port}/ until Ctrl-C")


def _table(calls: "list[JudgedCall]") -> "Table":
    from rich.table import Table

    table = Table("phone", "persona", "expected", "got", "tags", "promo", "SMS", "talk, s", "gap, ms")
    for column in table.columns:
        column.overflow = "fold"
        column.no_wrap = column.header in ("phone", "persona")
    for call in calls:
        record = call.record
        expected = call.rehearsed.persona.expect
        got = f"{record.summary.group} {record.summary.disposition}" if record else "-"
        talked = record.summary.talk_seconds if record else None
        table.add_row(
            call.rehearsed.phone.masked,
            call.rehearsed.persona.name,
            f"{expected.group} {expected.disposition}" if expected else "-",
            f"[red]{got}[/]" if call.mismatches else f"[green]{got}[/]",
            " ".join(record.summary.tags) if record else "",
            call.promo or "",
            call.sms or "",
            f"{talked:.1f}" if talked is not None else "",
            str(call.median_gap_ms) if call.median_gap_ms is not None else "",
        )
    return table
