"""`voicebot season ...`: those lost for now, and a reason to call them again."""

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.offer import OfferPolicy

if TYPE_CHECKING:
    from voicebot.application.start_season import Season

season_app = typer.Typer(no_args_is_help=True, help="Those lost for now, and a reason to call them again.")
_DEFAULTS = OfferPolicy()
_REASONS = {
    "declined": "said no to an offer",
    "no_need": "do not need such goods any more",
    "competitor": "buy elsewhere",
    "negatives": "two conversations ended badly",
    "hang_ups": "hung up twice",
    "unanswered": "two campaigns in a row reached nobody",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(season_app, name="season")


@season_app.command("list")
def list_season(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """How many people are on the seasonal list, and why."""
    counts = asyncio.run(_counts())
    if as_json:
        typer.echo(json.dumps({"people": sum(counts.values()), "by_reason": dict(counts)}))
        return
    if not counts:
        typer.echo("nobody is on the seasonal list")
        return
    for reason, people in counts.items():
        typer.echo(f"{people:>8}  {_REASONS.get(reason, reason)}")
    typer.echo(f"{sum(counts.values()):>8}  together (voicebot season start NAME --by ... calls them)")


@season_app.command()
def start(
    name: Annotated[str, typer.Argument(help="Name of the campaign, e.g. 'Spring 2027'.")],
    by: Annotated[str, typer.Option("--by", help="Your name: it is written into the audit log.")],
    script: Annotated[str, typer.Option(help="Conversation script.")] = "winback",
    why: Annotated[str, typer.Option(help="The reason to call them; the campaign's name without one.")] = "",
    dialplan: Annotated[str, typer.Option(help="Dialplan; that of VOICEBOT_DIALPLAN without one.")] = "",
    percent: Annotated[int, typer.Option(help="Standard discount.")] = int(_DEFAULTS.standard_percent),
    days: Annotated[int, typer.Option(help="Days the discount holds.")] = _DEFAULTS.days,
) -> None:
    """Put those of the seasonal list who may be called on the list of a new campaign; it awaits its release."""
    offer = OfferPolicy(
        standard_percent=Decimal(percent),
        days=days,
        ceiling_percent=max(_DEFAULTS.ceiling_percent, Decimal(percent)),
        floor_percent=min(_DEFAULTS.floor_percent, Decimal(percent)),
    )
    wanted = NewCampaign(
        name=name,
        kind=CampaignKind.ADVERTISING,
        script=script,
        dialplan=dialplan or read_settings().dialplan.stem,
        offer=offer,
        season=why or name,
    )
    season = asyncio.run(_start(wanted, by))
    spared = f"; {season.controls} more are its control group" if season.controls else ""
    typer.echo(
        f"campaign '{name}': {season.added} customers of the seasonal list await their release"
        f" (voicebot campaign release '{name}' --by ...){spared}"
    )


async def _counts() -> Mapping[str, int]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        return await unit.seasonal_list.counts()


async def _start(wanted: NewCampaign, by: str) -> "Season":
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.start_season import start_season
    from voicebot.bootstrap import open_store
    from voicebot.entrypoints.cli.campaign_files import check_options

    settings = read_settings()
    async with open_store(settings) as store:
        for warning in await check_options(store.open_unit, settings, wanted):
            typer.echo(f"warning: {warning}", err=True)
        return await start_season(store.open_unit, wanted, by=by, now=SystemClock().now())
