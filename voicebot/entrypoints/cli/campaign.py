"""`voicebot campaign ...`: put together, release, watch and stop campaigns."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, CampaignProgress, NewCampaign
from voicebot.domain.consent import ConsentKind
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.segment import SelectionRules

campaign_app = typer.Typer(no_args_is_help=True, help="Campaigns: who is called, about what, under whose name.")
Name = Annotated[str, typer.Argument(help="Name of the campaign.")]
By = Annotated[str, typer.Option("--by", help="Your name: it is written into the audit log.")]
_DEFAULTS = OfferPolicy()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(campaign_app, name="campaign")


@campaign_app.command()
def create(  # one parameter per option
    name: Name,
    segment: Annotated[Path, typer.Option(help="Segment file: whom to call.")],
    by: By,
    script: Annotated[str, typer.Option(help="Conversation script.")] = "winback",
    kind: Annotated[CampaignKind, typer.Option(help="What the law takes the calls for.")] = CampaignKind.ADVERTISING,
    percent: Annotated[int, typer.Option(help="Standard discount.")] = int(_DEFAULTS.standard_percent),
    days: Annotated[int, typer.Option(help="Days the discount holds.")] = _DEFAULTS.days,
    floor: Annotated[int, typer.Option(help="Smallest discount, percent.")] = int(_DEFAULTS.floor_percent),
    ceiling: Annotated[int, typer.Option(help="Greatest discount, percent.")] = int(_DEFAULTS.ceiling_percent),
    margin: Annotated[int, typer.Option(help="Margin that must be left, percent.")] = int(_DEFAULTS.min_margin_percent),
    acquisition_cost: Annotated[int, typer.Option(help="Cost of winning a new customer, RUB.")] = int(
        _DEFAULTS.acquisition_cost
    ),
) -> None:
    """Select the customers of a segment and put them on a list that awaits its release."""
    wanted = NewCampaign(
        name=name,
        kind=kind,
        script=script,
        dialplan=read_settings().dialplan.stem,
        offer=OfferPolicy(
            standard_percent=Decimal(percent),
            days=days,
            floor_percent=Decimal(floor),
            ceiling_percent=Decimal(ceiling),
            min_margin_percent=Decimal(margin),
            acquisition_cost=Decimal(acquisition_cost),
        ),
    )
    added = asyncio.run(_create(wanted, segment, by))
    typer.echo(
        f"campaign '{name}': {added} customers await their release (voicebot campaign release '{name}' --by ...);"
        f" whom it leaves out, and why: voicebot segment preview {segment}"
    )


@campaign_app.command()
def release(name: Name, by: By) -> None:
    """Answer for the list with your name and let the campaign dial."""
    campaign = asyncio.run(_release(name, by))
    typer.echo(f"campaign '{name}' released by {campaign.released_by}: {campaign.status}")
    for warning in _what_keeps_it(campaign):
        typer.echo(f"warning: {warning}", err=True)


@campaign_app.command()
def pause(name: Name, by: By) -> None:
    """Stop dialling; calls under way go on."""
    _change(name, CampaignEvent.PAUSE, by)


@campaign_app.command()
def resume(name: Name, by: By) -> None:
    """Dial again."""
    _change(name, CampaignEvent.RESUME, by)


@campaign_app.command()
def finish(name: Name, by: By) -> None:
    """End a campaign for good."""
    _change(name, CampaignEvent.FINISH, by)


@campaign_app.command("list")
def list_campaigns(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List campaigns with their progress, newest first."""
    found = asyncio.run(_list())
    if as_json:
        typer.echo(json.dumps([_as_json(*one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("no campaigns yet (voicebot campaign create)")
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(
        Column("campaign", min_width=8, overflow="fold"),
        Column("status, kind", no_wrap=True),
        *(Column(name, min_width=8, overflow="fold") for name in ("dialplan", "released by")),
        *(Column(name, justify="right", no_wrap=True) for name in ("waiting", "calls", "interested")),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for campaign, progress in found:
        waiting = sum(progress.by_state.get(state, 0) for state in ("queued", "scheduled", "claimed"))
        table.add_row(
            campaign.name,
            f"{campaign.status},\n{campaign.kind}",
            campaign.dialplan,
            campaign.released_by,
            f"{waiting} of {progress.leads}",
            str(progress.attempts),
            str(progress.by_group.get("interested", 0)),
        )
    Console().print(table)


async def _create(wanted: NewCampaign, segment_file: Path, by: str) -> int:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.adapters.yaml_segments import load_segment
    from voicebot.application.release_campaign import prepare_campaign
    from voicebot.application.select_customers import select_customers
    from voicebot.bootstrap import load_scripts, open_store

    settings, clock, segment = read_settings(), SystemClock(), load_segment(segment_file)
    scripts = load_scripts(settings)
    if wanted.script not in scripts:
        raise BadInput.one("--script", f"no script '{wanted.script}'", repair=f"known: {', '.join(sorted(scripts))}")
    if not by.strip():
        raise BadInput.one("--by", "is empty", repair="give your name: it is written into the audit log")
    rules = SelectionRules(purpose=ConsentKind(wanted.kind.value))
    async with open_store(settings) as store:
        chosen = await select_customers(segment, rules, open_unit=store.open_unit, clock=clock)
        if not chosen:
            raise BadInput.one(
                str(segment_file), "nobody of this segment may be called now", repair="segment preview says why"
            )
        _, added = await prepare_campaign(store.open_unit, wanted, chosen, by=by, now=clock.now())
    return added


async def _release(name: str, by: str) -> Campaign:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.release_campaign import release_campaign
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        async with store.open_unit() as unit:
            campaign = await unit.campaigns.named(name)
        return await release_campaign(store.open_unit, campaign.id, by=by, now=SystemClock().now())


def _what_keeps_it(campaign: Campaign) -> list[str]:
    """Why a released campaign would dial nobody from this machine, as far as its dialplan shows."""
    from voicebot.bootstrap import load_dialplan

    settings = read_settings()
    if campaign.dialplan != settings.dialplan.stem:
        return [
            f"it was made for the dialplan '{campaign.dialplan}': machines whose VOICEBOT_DIALPLAN is"
            f" '{settings.dialplan.stem}', as here, leave it alone"
        ]
    if campaign.kind is CampaignKind.ADVERTISING and not load_dialplan(settings).labelled:
        return [
            f"{settings.dialplan}: a trunk has no contract and label of mass calls (126-FZ art. 44.1):"
            " nobody is dialled until it has (`label:` of the trunk)"
        ]
    return []


def _change(name: str, event: CampaignEvent, by: str) -> None:
    campaign = asyncio.run(_changed(name, event, by))
    typer.echo(f"campaign '{name}': {campaign.status}")


async def _changed(name: str, event: CampaignEvent, by: str) -> Campaign:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.release_campaign import change_campaign
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        async with store.open_unit() as unit:
            campaign = await unit.campaigns.named(name)
        return await change_campaign(store.open_unit, campaign.id, event, by=by, now=SystemClock().now())


async def _list() -> list[tuple[Campaign, CampaignProgress]]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        return [(campaign, await unit.campaigns.progress(campaign.id)) for campaign in await unit.campaigns.all()]


def _as_json(campaign: Campaign, progress: CampaignProgress) -> dict[str, object]:
    return {
        "campaign": campaign.name,
        "kind": campaign.kind,
        "script": campaign.script,
        "dialplan": campaign.dialplan,
        "status": campaign.status,
        "released_by": campaign.released_by,
        "released_at": campaign.released_at.isoformat() if campaign.released_at else None,
        "leads": progress.leads,
        "by_state": dict(progress.by_state),
        "by_group": dict(progress.by_group),
        "by_disposition": dict(progress.by_disposition),
        "calls": progress.attempts,
    }
