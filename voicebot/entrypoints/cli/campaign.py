"""`voicebot campaign ...`: put together, check, release, pause and end campaigns."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.config import Settings, read_settings
from voicebot.domain.campaign import (
    Campaign,
    CampaignEvent,
    CampaignKind,
    CampaignPlan,
    NewCampaign,
)
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.offer import OfferPolicy
from voicebot.entrypoints.cli import campaign_lists, campaign_returns
from voicebot.entrypoints.cli.campaign_files import check_file, check_options, refuse_other_options
from voicebot.entrypoints.cli.campaign_returns import told_clearly

campaign_app = typer.Typer(no_args_is_help=True, help="Campaigns: who is called, about what, under whose name.")
campaign_lists.register(campaign_app)
campaign_returns.register(campaign_app)
Name = Annotated[str, typer.Argument(help="Name of the campaign.")]
By = Annotated[str, typer.Option("--by", help="Your name: it is written into the audit log.")]
_DEFAULTS = OfferPolicy()
_WRITTEN_IN_FILES = {
    "script": "--script",
    "kind": "--kind",
    "percent": "--percent",
    "days": "--days",
    "floor": "--floor",
    "ceiling": "--ceiling",
    "margin": "--margin",
    "acquisition_cost": "--acquisition-cost",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(campaign_app, name="campaign")


@campaign_app.command()
def create(  # one parameter per option
    context: typer.Context,
    name: Name,
    by: By,
    file: Annotated[Path | None, typer.Option(help="Campaign file; see campaigns/README.md.")] = None,
    segment: Annotated[Path | None, typer.Option(help="Segment file: whom to call, once; instead of --file.")] = None,
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
    """Check a campaign, put its customers on a list and let it await its release."""
    if (file is None) == (segment is None):
        raise BadInput.one("campaign create", "takes --file or --segment", repair="give exactly one of them")
    if not by.strip():
        raise BadInput.one("--by", "is empty", repair="give your name: it is written into the audit log")
    if file is not None:

        def given(parameter: str) -> bool:
            source = context.get_parameter_source(parameter)
            return source is not None and source.name == "COMMANDLINE"

        refuse_other_options(given, _WRITTEN_IN_FILES)
        asyncio.run(_create_from(file, name, by))
        return
    assert segment is not None
    offer = OfferPolicy(
        standard_percent=Decimal(percent),
        days=days,
        floor_percent=Decimal(floor),
        ceiling_percent=Decimal(ceiling),
        min_margin_percent=Decimal(margin),
        acquisition_cost=Decimal(acquisition_cost),
    )
    asyncio.run(_create_once(segment, name, by, kind=kind, script=script, offer=offer))
    typer.echo(f"whom it leaves out, and why: voicebot segment preview {segment}")


@campaign_app.command()
def check(file: Annotated[Path, typer.Argument(help="Campaign file.")]) -> None:
    """Say everything wrong with a campaign file, before anybody is called."""
    plan = asyncio.run(_check(file))
    when = f", {plan.schedule}" if plan.schedule else ""
    typer.echo(f"{file}: a campaign of kind {plan.kind} with script '{plan.script}'{when}: nothing is wrong")


@campaign_app.command()
def release(
    name: Name,
    by: By,
    customer: Annotated[list[str] | None, typer.Option(help="External id: only this person; may be repeated.")] = None,
    seen: Annotated[str, typer.Option("--hash", help="Beginning of the hash `campaign leads` showed you.")] = "",
) -> None:
    """Answer with your name for everybody on the list who is new; the campaign dials them."""
    signed = asyncio.run(_release(name, by, tuple(customer or ()), seen))
    campaign, release = signed.campaign, signed.release
    if release is None:
        typer.echo(f"campaign '{name}': {campaign.status}; nobody is on its list yet")
    else:
        typer.echo(
            f"campaign '{name}' released by {release.released_by}: {campaign.status};"
            f" release {release.id}, {campaign_lists.people(release.leads)}, SHA-256 {release.hash}"
        )
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
    """End a campaign for good; whoever still waits on its list is not called."""
    _change(name, CampaignEvent.FINISH, by)


async def _check(path: Path) -> CampaignPlan:
    from voicebot.adapters.yaml_campaigns import read_campaign
    from voicebot.bootstrap import open_store

    settings = read_settings()
    file = read_campaign(path, dialplan=settings.dialplan.stem)
    async with open_store(settings) as store:
        _warn(await check_file(store.open_unit, settings, file))
    return file.plan


async def _create_from(path: Path, name: str, by: str) -> None:
    from voicebot.adapters.yaml_campaigns import read_campaign

    settings = read_settings()
    file = read_campaign(path, dialplan=settings.dialplan.stem)
    values = {one.name: getattr(file.plan, one.name) for one in fields(CampaignPlan)}
    wanted = NewCampaign(name=name, **values)
    await _begin(settings, wanted, by, lambda open_unit: check_file(open_unit, settings, file))


async def _create_once(
    segment: Path, name: str, by: str, *, kind: CampaignKind, script: str, offer: OfferPolicy
) -> None:
    from voicebot.adapters.yaml_segments import load_segment

    settings = read_settings()
    wanted = NewCampaign(
        name=name,
        kind=kind,
        script=script,
        dialplan=settings.dialplan.stem,
        offer=offer,
        segment=load_segment(segment),
    )
    await _begin(settings, wanted, by, lambda open_unit: check_options(open_unit, settings, wanted))


async def _begin(
    settings: Settings, wanted: NewCampaign, by: str, check: Callable[[Any], Awaitable[tuple[Problem, ...]]]
) -> None:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.select_leads import begin_campaign
    from voicebot.bootstrap import open_store

    async with open_store(settings) as store:
        _warn(await check(store.open_unit))
        begun = await begin_campaign(store.open_unit, wanted, by=by, now=SystemClock().now())
    spared = f"; {begun.controls} more are its control group" if begun.controls else ""
    typer.echo(
        f"campaign '{wanted.name}': {begun.added} customers await their release"
        f" (voicebot campaign release '{wanted.name}' --by ...){spared}"
    )
    if wanted.schedule:
        typer.echo(f"new ones are looked for {wanted.schedule}, {settings.time_zone}")


def _warn(warnings: tuple[Problem, ...]) -> None:
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


async def _release(name: str, by: str, only: tuple[str, ...], seen: str) -> Any:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.release_campaign import sign_list
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        async with store.open_unit() as unit:
            campaign = await unit.campaigns.named(name)
        with told_clearly(campaign, CampaignEvent.RELEASE):
            return await sign_list(store.open_unit, campaign.id, by=by, now=SystemClock().now(), only=only, seen=seen)


def _what_keeps_it(campaign: Campaign) -> list[str]:
    """Why a released campaign would dial nobody from this machine, as far as its dialplan shows."""
    from voicebot.bootstrap import dialplan_in_force

    settings = read_settings()
    if campaign.dialplan != settings.dialplan.stem:
        return [
            f"it was made for the dialplan '{campaign.dialplan}': machines whose VOICEBOT_DIALPLAN is"
            f" '{settings.dialplan.stem}', as here, leave it alone"
        ]
    if campaign.kind is CampaignKind.ADVERTISING and not asyncio.run(dialplan_in_force(settings)).labelled:
        return [
            f"dialplan '{settings.dialplan.stem}': a trunk has no contract and label of mass calls (126-FZ art. 44.1):"
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
        with told_clearly(campaign, event):
            return await change_campaign(store.open_unit, campaign.id, event, by=by, now=SystemClock().now())
