"""`voicebot campaign list | show | leads`: campaigns and the people on their lists."""

import asyncio
import json
from typing import Annotated, Any

import typer

from voicebot.config import read_settings
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignProgress
from voicebot.domain.campaign_plan import Spending, Window
from voicebot.domain.lead import LeadState
from voicebot.domain.release import ListedLead, Release, list_hash

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="Name of the campaign.")]
_SHOWN = 12
"""Letters of a hash that are enough to name it."""


def register(campaign_app: typer.Typer) -> None:
    """Add the commands."""
    campaign_app.command("list")(list_campaigns)
    campaign_app.command("show")(show)
    campaign_app.command("leads")(leads)


def list_campaigns(as_json: AsJson = False) -> None:
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
        Column("when", min_width=10, overflow="fold"),
        Column("dialplan, released by", min_width=10, overflow="fold"),
        *(
            Column(name, justify="right", no_wrap=True, min_width=len(name))
            for name in ("leads", "calls", "interested")
        ),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for campaign, progress in found:
        waiting = sum(progress.by_state.get(state, 0) for state in ("queued", "scheduled", "claimed"))
        unreleased = progress.by_state.get(LeadState.UNRELEASED, 0)
        table.add_row(
            campaign.name,
            f"{campaign.status},\n{campaign.kind}" + (f",\npriority {campaign.priority}" if campaign.priority else ""),
            _when(campaign),
            f"{campaign.dialplan},\n{campaign.released_by}" if campaign.released_by else campaign.dialplan,
            f"{waiting} of {progress.leads} wait" + (f"\n{unreleased} to release" if unreleased else ""),
            str(progress.attempts),
            str(progress.by_group.get("interested", 0)),
        )
    Console().print(table)


def show(name: Name, as_json: AsJson = False) -> None:
    """Show one campaign: its plan, what it has used up, who answered for whom."""
    campaign, progress, spent, releases = asyncio.run(_show(name))
    told = _as_json(campaign, progress) | {
        "spent": {"calls": spent.calls, "money": str(spent.money), "messages": spent.messages, "codes": spent.codes},
        "releases": [_release_json(one) for one in releases],
    }
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for key, value in told.items():
        if key != "releases" and value not in (None, "", [], {}):
            words = ", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, dict) else value
            typer.echo(f"{key.replace('_', ' '):>18}  {words}")
    for one in releases:
        at = f"{one.released_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{f'release {one.id}':>18}  {one.released_by}, {at}: {people(one.leads)}, SHA-256 {one.hash}")


def leads(
    name: Name,
    state: Annotated[LeadState | None, typer.Option(help="Only these, e.g. unreleased: what a release signs.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show so many; 0 for all.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List the people of a campaign, masked; with `--state unreleased` those the next release is about."""
    campaign, found = asyncio.run(_leads(name, state))
    shown = found[:limit] if limit else found
    signed = list_hash(campaign.id, ((one.lead_id, one.external_id) for one in found))
    if as_json:
        told = {"campaign": name, "people": len(found), "hash": signed, "leads": [_lead_json(one) for one in shown]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for lead in shown:
        typer.echo("  ".join(str(value) for value in _lead_json(lead).values() if value))
    more = f", {len(shown)} of them shown (--limit 0 shows all)" if len(shown) < len(found) else ""
    typer.echo(f"{people(len(found))}{more}")
    if found and state is LeadState.UNRELEASED and campaign.kind is CampaignKind.ADVERTISING:
        typer.echo(f"to answer for exactly these: voicebot campaign release '{name}' --hash {signed[:_SHOWN]} --by ...")


def people(number: int) -> str:
    """A number of people in words."""
    return "1 person" if number == 1 else f"{number} people"


async def _list() -> list[tuple[Campaign, CampaignProgress]]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        return [(campaign, await unit.campaigns.progress(campaign.id)) for campaign in await unit.campaigns.all()]


async def _show(name: str) -> tuple[Campaign, CampaignProgress, Spending, tuple[Release, ...]]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        campaign = await unit.campaigns.named(name)
        progress, spent = await unit.campaigns.progress(campaign.id), await unit.campaigns.spending(campaign.id)
        return campaign, progress, spent, await unit.releases.of(campaign.id)


async def _leads(name: str, state: LeadState | None) -> tuple[Campaign, tuple[ListedLead, ...]]:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        campaign = await unit.campaigns.named(name)
        return campaign, await unit.releases.listed(campaign.id, (state,) if state else ())


def _when(campaign: Campaign) -> str:
    said = [str(campaign.schedule)] if campaign.schedule else []
    said += [f"on {', '.join(campaign.triggers)}"] if campaign.triggers else []
    return "\n".join(said + _days(campaign.window)) or "once"


def _days(window: Window) -> list[str]:
    said = [f"from {window.starts_on}"] if window.starts_on else []
    return said + ([f"until {window.ends_on}"] if window.ends_on else [])


def _as_json(campaign: Campaign, progress: CampaignProgress) -> dict[str, Any]:
    return {
        "campaign": campaign.name,
        "kind": campaign.kind,
        "script": campaign.script,
        "dialplan": campaign.dialplan,
        "status": campaign.status,
        "segment": campaign.segment.name if campaign.segment else None,
        "schedule": str(campaign.schedule) if campaign.schedule else None,
        "selected_at": campaign.selected_at.isoformat() if campaign.selected_at else None,
        "starts_on": campaign.window.starts_on.isoformat() if campaign.window.starts_on else None,
        "ends_on": campaign.window.ends_on.isoformat() if campaign.window.ends_on else None,
        "budget": _budget_json(campaign),
        "priority": campaign.priority,
        "weight": campaign.weight,
        "control_share": str(campaign.control_share),
        "quiet_days": campaign.quiet_days,
        "variants": {one.name: str(one.share) for one in campaign.variants},
        "reminder": {"script": campaign.reminder.script, "days": campaign.reminder.days} if campaign.reminder else None,
        "triggers": list(campaign.triggers),
        "season": campaign.season,
        "released_by": campaign.released_by,
        "released_at": campaign.released_at.isoformat() if campaign.released_at else None,
        "unreleased": progress.by_state.get(LeadState.UNRELEASED, 0),
        "leads": progress.leads,
        "by_state": dict(progress.by_state),
        "by_group": dict(progress.by_group),
        "by_disposition": dict(progress.by_disposition),
        "calls": progress.attempts,
    }


def _budget_json(campaign: Campaign) -> dict[str, object]:
    budget = campaign.budget
    money = None if budget.max_money is None else str(budget.max_money)
    bounds: dict[str, object] = {"calls": budget.max_calls, "money": money, "codes": budget.max_codes}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _release_json(release: Release) -> dict[str, object]:
    return {
        "release": release.id,
        "by": release.released_by,
        "at": release.released_at.isoformat(),
        "leads": release.leads,
        "hash": release.hash,
    }


def _lead_json(lead: ListedLead) -> dict[str, object]:
    return {
        "lead": lead.lead_id,
        "customer": lead.external_id,
        "name": lead.name.masked,
        "phone": lead.phone.masked if lead.phone else "no phone",
        "state": lead.state.value,
        "variant": lead.variant,
        "since": f"{lead.created_at:%Y-%m-%d}",
    }
