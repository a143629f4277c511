"""Look at conversation scripts: check, draw, talk."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.domain.script import Entrance, Script
from voicebot.entrypoints.cli.in_force import InForceOption, look_in_force, script_of

if TYPE_CHECKING:
    from voicebot.application.prepare_conversation import ConversationFacts
    from voicebot.config import Settings

script_app = typer.Typer(no_args_is_help=True, help=__doc__)

_FORMATS = ("mermaid", "svg")


def register(app: typer.Typer) -> None:
    """Add `voicebot script ...` and its short form `voicebot talk`."""
    app.add_typer(script_app, name="script")
    app.command("talk")(talk)


@script_app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Script files; all of VOICEBOT_SCRIPTS by default.")
    ] = None,
) -> None:
    """Report every problem of the scripts at once; exit code 2 when there is any."""
    from voicebot.adapters.yaml_scripts import examine_script, script_files
    from voicebot.config import read_settings
    from voicebot.domain.errors import BadInput, Problem

    problems: list[Problem] = []
    for path in files or script_files(read_settings().scripts):
        script, found = examine_script(path)
        problems.extend(found)
        if script and not found:
            prompts = sum(1 for state in script.states.values() for _ in state.lines())
            typer.echo(f"{path}: ok: {len(script.states)} states, {prompts} prompts")
    if problems:
        raise BadInput(dict.fromkeys(problems))


@script_app.command()
def graph(
    script: Annotated[str, typer.Argument(help="Name or file of a script.")],
    format: Annotated[str, typer.Option(help="mermaid or svg; svg for a FILE.svg, otherwise mermaid.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; the screen by default.")] = None,
    in_force: InForceOption = False,
) -> None:
    """Draw a script's states and what leads from one to another."""
    from voicebot.domain.errors import BadInput
    from voicebot.domain.script_graph import mermaid, svg

    format = format or ("svg" if out is not None and out.suffix.lower() == ".svg" else "mermaid")
    if format not in _FORMATS:
        raise BadInput.one("--format", f"no format '{format}'", repair=f"use {' or '.join(_FORMATS)}")
    loaded = script_of(look_in_force(), script) if in_force else _of_files(script)
    drawing = svg(loaded) if format == "svg" else mermaid(loaded)
    if out is None:
        typer.echo(drawing, nl=False)
        return
    try:
        out.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise BadInput.one(str(out), f"cannot be written: {error.strerror}") from error
    typer.echo(str(out))


@script_app.command()
def talk(
    script: Annotated[str, typer.Argument(help="Name or file of a script.")],
    customer: Annotated[str, typer.Option(help="External id of a customer in the database; a sample without.")] = "",
    company: Annotated[str, typer.Option(help="The advertiser; VOICEBOT_COMPANY by default.")] = "",
    now: Annotated[str, typer.Option(help="Local time of the customer, ISO 8601; the clock's by default.")] = "",
    no_manager: Annotated[bool, typer.Option("--no-manager", help="Nobody takes a transferred call.")] = False,
    leave_message: Annotated[
        bool, typer.Option("--leave-message", help="An answering machine is left a message, not hung up on.")
    ] = False,
    entrance: Annotated[
        Entrance | None, typer.Option(help="You have rung the bot: begin where the script meets callers.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when it is over.")] = False,
    in_force: InForceOption = False,
) -> None:
    """Talk to a script: one line of input per turn; empty (or no more) = silence, <hangup>, <beep>, <dtmf:1>."""
    from voicebot.application.prepare_conversation import prepare_conversation
    from voicebot.application.text_conversation import Writing, converse_in_writing
    from voicebot.bootstrap import load_understanding
    from voicebot.config import read_settings
    from voicebot.domain.contact_hours import DEFAULT_HOURS
    from voicebot.entrypoints.cli.written_dialogue import (
        as_object,
        in_short,
        keep_quiet,
        read_reply,
        read_reply_aloud,
        say_aloud,
    )

    settings = read_settings()
    now_in_force = look_in_force() if in_force else None
    loaded = script_of(now_in_force, script) if now_in_force else _of_files(script)
    if entrance is not None:
        loaded = loaded.begun_at(entrance)
    facts, local_now = _facts(settings, customer, company or settings.company, now)
    writing = Writing(
        understanding=now_in_force.understanding if now_in_force else load_understanding(settings),
        hours=DEFAULT_HOURS,
        now=local_now,
        manager_answers=not no_manager,
        reply=read_reply if as_json else read_reply_aloud,
        told=keep_quiet if as_json else say_aloud,
        leave_message=leave_message,
    )
    conversation = converse_in_writing(loaded, prepare_conversation(facts), writing)
    typer.echo(json.dumps(as_object(conversation), ensure_ascii=False) if as_json else in_short(conversation.outcome))


def _of_files(script: str) -> Script:
    from voicebot.adapters.yaml_scripts import find_script, load_script
    from voicebot.config import read_settings

    return load_script(find_script(script, read_settings().scripts))


def _facts(settings: "Settings", customer: str, company: str, now: str) -> tuple["ConversationFacts", datetime]:
    from voicebot.entrypoints.cli.talk_partner import sample_partner, stored_partner

    if not customer:
        return sample_partner(company, now)
    return asyncio.run(stored_partner(settings, customer, company, now))
