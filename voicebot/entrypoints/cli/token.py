"""`voicebot token ...`: tokens of the API for programs."""

import asyncio
import getpass
import json
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.api_token import ApiToken, Scope

token_app = typer.Typer(no_args_is_help=True, help="Tokens of the API: what other programs may ask and do.")
By = Annotated[str, typer.Option(help="Your name, for the audit log; the user of this machine by default.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(token_app, name="token")


@token_app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help=f"May be repeated: {', '.join(Scope)}.")],
    days: Annotated[int | None, typer.Option(help="How long it is good; without it until it is revoked.")] = None,
    by: By = "",
) -> None:
    """Make a token and show it, this once."""
    shown, token = asyncio.run(_create(name, scope, days, by or getpass.getuser()))
    typer.echo(f"token {token.id} ({token.name}): {', '.join(sorted(token.scopes))}", err=True)
    typer.echo("it is shown this once; keep it as you keep a password", err=True)
    typer.echo(shown)


@token_app.command("list")
def list_tokens(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """Every token, with its last use."""
    tokens = asyncio.run(_all())
    if as_json:
        typer.echo(json.dumps([_row(one) for one in tokens], ensure_ascii=False, indent=2))
    elif not tokens:
        typer.echo("there are no tokens: voicebot token create NAME --scope events:write")
    else:
        _print(tokens)


@token_app.command()
def revoke(number: Annotated[int, typer.Argument(metavar="ID", help="As `token list` shows it.")], by: By = "") -> None:
    """From now on it opens nothing, on every machine."""
    asyncio.run(_revoke(number, by or getpass.getuser()))
    typer.echo(f"token {number} opens nothing any more")


async def _create(name: str, scopes: list[str], days: int | None, by: str) -> tuple[str, ApiToken]:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.api_tokens import make_token
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await make_token(store.open_desk, name, scopes, days=days, by=by, now=SystemClock().now())


async def _all() -> tuple[ApiToken, ...]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_desk() as unit:
        return await unit.api_tokens.all()


async def _revoke(number: int, by: str) -> None:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.api_tokens import revoke_token
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        await revoke_token(store.open_desk, number, by=by, now=SystemClock().now())


def _row(token: ApiToken) -> dict[str, object]:
    moments = {"created_at": token.created_at, "used_at": token.used_at}
    moments |= {"expires_at": token.expires_at, "revoked_at": token.revoked_at}
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_by": token.created_by,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }


def _print(tokens: tuple[ApiToken, ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    from voicebot.adapters.system_clock import SystemClock

    now = SystemClock().now()
    table = Table("id", "for", "may", "made by", "last use", "good until")
    for one in tokens:
        used = f"{one.used_at.astimezone():%d.%m.%Y %H:%M}" if one.used_at else "never"
        ended = "revoked" if one.revoked_at else "expired"
        if one.good(now):
            ended = f"{one.expires_at.astimezone():%d.%m.%Y}" if one.expires_at else "it is revoked"
        table.add_row(str(one.id), one.name, ", ".join(sorted(one.scopes)), one.created_by, used, ended)
    Console().print(table)
