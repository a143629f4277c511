"""Campaigns and the people on their lists, as the API tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from voicebot.application.ports.api_pages import ListedPerson
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignPlan, CampaignStatus
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.web.api.masks import name_for
from voicebot.entrypoints.web.api.routes import Asked, etag_of


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignItem:
    """One campaign."""

    id: int
    name: str
    kind: CampaignKind
    status: CampaignStatus
    script: str
    dialplan: str
    standard_percent: Annotated[Decimal, "The first discount."]
    offer_days: Annotated[int, "How long a code holds."]
    schedule: Annotated[str, "Cron of the search for new people; empty: once."]
    starts_on: date | None
    ends_on: date | None
    max_calls: int | None
    max_money: Annotated[Decimal | None, "RUB."]
    max_codes: int | None
    priority: int
    weight: int
    control_share: Annotated[Decimal, "Part of the people who are left alone, 0 to 0.5."]
    quiet_days: int
    variants: Annotated[tuple[str, ...], "Names of the split test; empty without one."]
    triggers: Annotated[tuple[str, ...], "Kinds of events that put a person on the list."]
    season: str
    released_by: Annotated[str, "Who answered for the first list; empty: nobody yet."]
    released_at: datetime | None
    selected_at: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPage:
    """Campaigns, the newest first."""

    items: tuple[CampaignItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignDetails:
    """One campaign with how far it has come and what it has used up."""

    campaign: CampaignItem
    people: Annotated[int, "On the list."]
    unreleased: Annotated[int, "Of them nobody has answered for yet."]
    gathering: Annotated[bool, "Its list is being put together just now; it awaits its release then."]
    by_state: Mapping[str, int]
    by_group: Mapping[str, int]
    by_disposition: Mapping[str, int]
    calls: Annotated[int, "Dialled by us."]
    money: Annotated[Decimal, "RUB the trunks charged."]
    messages: int
    codes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignState:
    """How a campaign stands after a change."""

    id: int
    status: CampaignStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadItem:
    """One person on a list."""

    id: int
    customer_id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]
    state: LeadState
    attempts: int
    next_attempt_at: datetime | None
    callback: Annotated[bool, "The customer asked for the next attempt."]
    disposition: Disposition | None
    group: Group | None
    variant: str
    errand: LeadErrand
    release: Annotated[int | None, "The release that answers for the person."]
    ended_by: LeadEnd | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadPage:
    """People of a list, by customer."""

    items: tuple[LeadItem, ...]
    next: str | None


def campaign_etag(campaign: Campaign) -> str:
    """Changes with where the campaign stands and with its plan."""
    plan = (getattr(campaign, one.name) for one in fields(CampaignPlan))
    return etag_of("campaign", campaign.id, campaign.status, campaign.released_at, *plan)


def campaign_item(campaign: Campaign) -> CampaignItem:
    """As the API tells it."""
    return CampaignItem(
        id=campaign.id,
        name=campaign.name,
        kind=campaign.kind,
        status=campaign.status,
        script=campaign.script,
        dialplan=campaign.dialplan,
        standard_percent=campaign.offer.standard_percent,
        offer_days=campaign.offer.days,
        schedule=campaign.schedule.cron if campaign.schedule else "",
        starts_on=campaign.window.starts_on,
        ends_on=campaign.window.ends_on,
        max_calls=campaign.budget.max_calls,
        max_money=campaign.budget.max_money,
        max_codes=campaign.budget.max_codes,
        priority=campaign.priority,
        weight=campaign.weight,
        control_share=campaign.control_share,
        quiet_days=campaign.quiet_days,
        variants=tuple(one.name for one in campaign.variants),
        triggers=campaign.triggers,
        season=campaign.season,
        released_by=campaign.released_by,
        released_at=campaign.released_at,
        selected_at=campaign.selected_at,
        created_at=campaign.created_at,
    )


def lead_item(asked: Asked, person: ListedPerson) -> LeadItem:
    """As the caller may see it."""
    return LeadItem(
        id=person.id,
        customer_id=person.customer_id,
        external_id=person.external_id,
        name=name_for(asked, person.name),
        state=person.state,
        attempts=person.attempts,
        next_attempt_at=person.next_attempt_at,
        callback=person.callback,
        disposition=person.disposition,
        group=person.group,
        variant=person.variant,
        errand=person.errand,
        release=person.release_id,
        ended_by=person.ended_by,
        updated_at=person.updated_at,
    )
