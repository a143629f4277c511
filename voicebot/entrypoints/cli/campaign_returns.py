"""`voicebot campaign refuse | submit`: a list nobody answers for, and one put together anew."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.campaign import Campaign, CampaignEvent, legal_events, move_campaign
from voicebot.domain.errors import BadInput, IllegalMove
from voicebot.entrypoints.cli import campaign_lists

Name = Annotated[str, typer.Argument(help="Name of the campaign.")]
By = Annotated[str, typer.Option("--by", help="Your name: it is written into the audit log.")]


def register(campaign_app: typer.Typer) -> None:
    """Add the commands."""
    campaign_app.command("refuse")(refuse)
    campaign_app.command("submit")(submit)


def refuse(
    name: Name,
    by: By,
    reason: Annotated[str, typer.Option(help="What is to be mended; those who put it together read it.")],
    customer: Annotated[list[str] | None, typer.Option(help="External id: only this person; may be repeated.")] = None,
) -> None:
    """Do not answer for the list: a campaign nobody was released of is a draft again, else these people are closed."""
    people = asyncio.run(_refuse(name, by, reason, tuple(customer or ())))
    typer.echo(f"campaign '{name}': {campaign_lists.people(people)} not released")


def submit(name: Name, by: By) -> None:
    """Put the list of a draft together, e.g. of a campaign that was refused; it awaits its release then."""
    gathered = asyncio.run(_submit(name, by))
    typer.echo(f"campaign '{name}': {campaign_lists.people(gathered)} await their release")


@contextmanager
def told_clearly(campaign: Campaign, event: CampaignEvent) -> Iterator[None]:
    """A move the table forbids is the user's mistake here: raises BadInput with what can be done instead."""
    try:
        yield
    except IllegalMove as error:
        possible = [one.value for one in legal_events(campaign.status)]
        repair = f"possible: {', '.join(possible)}" if possible else "create a new one"
        status = campaign.status.replace("_", " ")
        raise BadInput.one(
            f"campaign '{campaign.name}'", f"it is {status}: no {event} is possible", repair=repair
        ) from error


async def _refuse(name: str, by: str, reason: str, only: tuple[str, ...]) -> int:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.releases import refuse_list
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        async with store.open_unit() as unit:
            campaign = await unit.campaigns.named(name)
        with told_clearly(campaign, CampaignEvent.REFUSE):
            return await refuse_list(store.open_desk, campaign.id, reason, by=by, now=SystemClock().now(), only=only)


async def _submit(name: str, by: str) -> int:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.gather_list import gather_list
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        async with store.open_unit() as unit:
            campaign = await unit.campaigns.named(name)
        with told_clearly(campaign, CampaignEvent.SUBMIT):
            move_campaign(campaign.status, CampaignEvent.SUBMIT)
            gathered = await gather_list(store.open_unit, campaign.id, by=by, now=SystemClock().now())
    return gathered.added if gathered is not None else 0
