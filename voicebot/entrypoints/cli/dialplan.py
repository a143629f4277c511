"""Commands for telephony admins: check a dialplan, explain a route."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.entrypoints.cli.in_force import InForceOption, look_in_force, tell_version

if TYPE_CHECKING:
    from voicebot.domain.dialplan import Dialplan

dialplan_app = typer.Typer(no_args_is_help=True, help="How customers are dialled: check dialplans, explain routes.")

DialplanFile = Annotated[Path | None, typer.Argument(help="Dialplan file; VOICEBOT_DIALPLAN when left out.")]


def register(app: typer.Typer) -> None:
    """Add `voicebot dialplan ...`."""
    app.add_typer(dialplan_app, name="dialplan")


@dialplan_app.command()
def check(file: DialplanFile = None) -> None:
    """Report every problem of a dialplan at once."""
    from voicebot.adapters.yaml_dialplans import load_dialplan

    path = file or read_settings().dialplan
    dialplan = load_dialplan(path)
    trunks = ", ".join(trunk.name for trunk in dialplan.trunks)
    typer.echo(f"{path}: in order; trunks: {trunks}; routes: {len(dialplan.routes)}")
    for trunk in dialplan.trunks:
        if trunk.label is None:
            typer.echo(f"note: trunk '{trunk.name}' has no label: no advertising campaign starts on it")


@dialplan_app.command()
def route(
    number: Annotated[str, typer.Argument(help="A phone number, as people write it.")],
    file: Annotated[Path | None, typer.Option("--file", help="Dialplan file; VOICEBOT_DIALPLAN when left out.")] = None,
    in_force: InForceOption = False,
) -> None:
    """Explain which way a number is dialled."""
    from voicebot.adapters.yaml_dialplans import load_dialplan
    from voicebot.domain.dialplan import NoRoute, route_call
    from voicebot.domain.errors import BadInput
    from voicebot.domain.phone import parse_phone

    try:
        phone = parse_phone(number)
    except ValueError as error:
        raise BadInput.one("NUMBER", str(error), repair="write it as +79161234567") from error
    if in_force and file is not None:
        raise BadInput.one("--in-force", "a file is not what was saved at the desk", repair="leave out one of the two")
    found = route_call(_in_force() if in_force else load_dialplan(file or read_settings().dialplan), phone)
    for step in found.explanation:
        typer.echo(f"- {step}")
    if isinstance(found, NoRoute):
        raise typer.Exit(1)
    typer.echo(f"dials {found.uri} showing {found.caller_id}, rings up to {found.ring_timeout_s:g} s")


def _in_force() -> "Dialplan":
    now = look_in_force()
    tell_version(now, DocumentId(kind=DocumentKind.DIALPLAN, name=now.dialplan.name))
    return now.dialplan
