"""Customers to rehearse with: look at them, let them answer calls."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.rehearsal.persona import Persona

rehearse_app = typer.Typer(no_args_is_help=True, help=__doc__)

_Folder = Annotated[Path | None, typer.Option("--personas", help="Folder of persona files; the shipped by default.")]


def register(app: typer.Typer) -> None:
    """Add `voicebot rehearse ...`."""
    app.add_typer(rehearse_app, name="rehearse")


@rehearse_app.command("list")
def list_personas(personas: _Folder = None) -> None:
    """Show the personas, what they do and what a call to each must come to."""
    from rich.console import Console
    from rich.table import Column, Table

    from voicebot.rehearsal.persona_files import SHIPPED, read_personas

    table = Table(Column("persona", no_wrap=True), "who", "must come to", "follow-ups")
    for persona in read_personas(personas or SHIPPED):
        table.add_row(persona.name, persona.description, *_outcome(persona))
    Console().print(table)


@rehearse_app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="SIP port on loopback; 0: a free one.")] = 5070,
    personas: _Folder = None,
    persona: Annotated[
        list[str] | None, typer.Option(help="Only this one answers phone numbers (may be repeated); all by default.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where recordings go; VOICEBOT_HOME/rehearsal by default.")
    ] = None,
) -> None:
    """Let every persona answer at sip:<persona>@127.0.0.1:<port> until Ctrl-C; four calls at a time.

    At a phone number (sip:+79161234567@...) one of the customers answers, the same one every time: a dialplan that
    points here rehearses a whole campaign.
    """
    from voicebot.config import read_settings
    from voicebot.rehearsal.persona_files import SHIPPED, read_personas

    settings = read_settings()
    cast = read_personas(personas or SHIPPED)
    answering = _answering(cast, tuple(persona or ()))
    home = settings.home
    folder = folder or home / "rehearsal"
    asyncio.run(_serve(cast, answering, port, folder=folder, cache=home / "cache" / "rehearsal"))


def _answering(cast: "tuple[Persona, ...]", wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Names of those who answer phone numbers; raises BadInput naming every unknown one."""
    from voicebot.domain.errors import BadInput, Problem

    known = tuple(one.name for one in cast if one.expect is not None)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        repair = f"known: {', '.join(known)}"
        raise BadInput(
            Problem(source="--persona", where=name, message="no such customer", repair=repair) for name in unknown
        )
    return wanted or known


async def _serve(
    cast: "tuple[Persona, ...]", answering: tuple[str, ...], port: int, *, folder: Path, cache: Path
) -> None:
    from voicebot.rehearsal.callee_process import CalleePlan, CalleeProcess
    from voicebot.rehearsal.composition import speak_lines

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    actors = await speak_lines(cast, cache=cache)
    anyone = tuple(actors[name] for name in answering)
    plan = CalleePlan(name="served", actors=actors, folder=folder, port=port, anyone=anyone)
    async with CalleeProcess(plan) as process:
        host, actual = process.address
        for persona in cast:
            typer.echo(f"sip:{persona.name}@{host}:{actual}  {persona.description}")
        typer.echo(f"sip:<phone number>@{host}:{actual}  {_who(answering)}")
        typer.echo(f"Recordings and witness-served.jsonl: {folder}. Ctrl-C ends.")
        await stop.wait()


def _who(answering: tuple[str, ...]) -> str:
    """Who answers at a phone number, in short."""
    few = 3
    return " or ".join(answering) if len(answering) <= few else "one of the customers, the same one every time"


def _outcome(persona: "Persona") -> tuple[str, str]:
    expect = persona.expect
    if expect is None:
        return f"({persona.role})", ""
    return " ".join((expect.group, expect.disposition, *expect.tags)), " ".join(expect.actions)
