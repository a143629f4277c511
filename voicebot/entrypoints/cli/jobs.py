"""`voicebot jobs`: the jobs process, and what it has given up."""

import asyncio
import getpass
import json
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.dead_letter import DeadLetter, LetterName, parse_letter

jobs_app = typer.Typer(help="Run only the jobs process: deliveries, news for the CRM, everything periodic.")


def register(app: typer.Typer) -> None:
    """Add `voicebot jobs`, `jobs failed` and `jobs retry`."""
    app.add_typer(jobs_app, name="jobs")


@jobs_app.callback(invoke_without_command=True)
def jobs(context: typer.Context) -> None:
    """Run only the jobs process: deliveries, news for the CRM, everything periodic."""
    if context.invoked_subcommand is not None:
        return
    from voicebot.entrypoints.child_process import log_to_console
    from voicebot.entrypoints.jobs import run_jobs
    from voicebot.entrypoints.signals import stopped_by_signals

    log_to_console(logging.INFO)
    settings = read_settings()

    async def main() -> None:
        stop = asyncio.Event()
        with stopped_by_signals(stop):
            await run_jobs(settings, stop)

    asyncio.run(main())


@jobs_app.command()
def failed(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """Dead letters: news no CRM took, messages no gateway took, jobs that broke down."""
    letters = asyncio.run(_failed())
    if as_json:
        typer.echo(json.dumps([_row(one) for one in letters], ensure_ascii=False, indent=2))
    elif not letters:
        typer.echo("nothing was given up")
    else:
        _print(letters)


@jobs_app.command()
def retry(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `jobs failed` names them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything but messages that may have been sent.")] = False,
    by: Annotated[str, typer.Option(help="Your name, for the audit log; the user of this machine by default.")] = "",
) -> None:
    """Queue dead letters again; `voicebot jobs` or `voicebot run` then works on them."""
    if bool(names) == everything:
        raise typer.BadParameter("name what to retry, or say --all", param_hint="ID")
    wanted = None if everything else [parse_letter(name) for name in dict.fromkeys(names or ())]
    queued = asyncio.run(_retry(wanted, by or getpass.getuser()))
    typer.echo(f"queued again: {', '.join(map(str, queued))}" if queued else "nothing was given up")


async def _failed() -> tuple[DeadLetter, ...]:
    from voicebot.application.retry_failed import list_failed
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await list_failed(store.open_unit)


async def _retry(names: Sequence[LetterName] | None, by: str) -> tuple[LetterName, ...]:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.retry_failed import retry_failed
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await retry_failed(store.open_unit, names, by=by, now=SystemClock().now())


def _row(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": str(letter.name),
        "what": letter.what,
        "customer_id": letter.customer_id,
        "state": letter.state,
        "attempts": letter.attempts,
        "error": letter.error,
        "at": letter.at.isoformat(),
    }


def _print(letters: Sequence[DeadLetter]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "what", "customer", "state", "tries", "since", "why")
    for one in letters:
        customer = "" if one.customer_id is None else str(one.customer_id)
        since = f"{one.at.astimezone():%d.%m.%Y %H:%M}"
        table.add_row(str(one.name), one.what, customer, one.state, str(one.attempts), since, one.error)
    Console().print(table)
    typer.echo("voicebot jobs retry ID... (or --all) queues them again")
