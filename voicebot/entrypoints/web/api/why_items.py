"""Why a person was called, as the API tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from voicebot.application.explain_contact import Explanation
from voicebot.domain.call import Cause, Direction
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_history import CampaignPart, ContactCall, Signature
from voicebot.domain.lead import LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.web.api.customer_items import ConsentItem, StopItem, consent_item, stop_item
from voicebot.entrypoints.web.api.masks import phone_for
from voicebot.entrypoints.web.api.routes import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseItem:
    """A list somebody answered for with their name."""

    id: int
    by: str
    at: datetime
    people: int
    hash: Annotated[str, "SHA-256 of the list."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyCampaign:
    """The person's part in one campaign, and who answers for it."""

    lead_id: int
    campaign: str
    kind: CampaignKind
    state: LeadState
    listed_at: datetime
    releases: tuple[ReleaseItem, ...]
    refusals: Annotated[tuple[str, ...], "Why the gate's last word was no; empty when it was yes."]
    ended_by: LeadEnd | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyCall:
    """One call, and what allowed it."""

    id: int
    lead_id: int
    direction: Direction
    phone: Annotated[str | None, "Masked without personal:read."]
    attempt: int
    errand: LeadErrand
    asked_for: bool
    trunk: str
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: Cause | None
    group: Group | None
    disposition: Disposition | None
    verdict: Annotated[Mapping[str, object], "The gate's word, as stored."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyMessage:
    """One message."""

    campaign: str
    channel: str
    template: str
    state: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyReport:
    """Everything a person, their lawyer or an inspector may ask about our calls to them."""

    external_id: str
    at: datetime
    consents: tuple[ConsentItem, ...]
    stop_list: tuple[StopItem, ...]
    campaigns: tuple[WhyCampaign, ...]
    control_group_of: Annotated[tuple[str, ...], "Campaigns that leave the person alone on purpose."]
    calls: tuple[WhyCall, ...]
    messages: tuple[WhyMessage, ...]


def why_report(asked: Asked, told: Explanation) -> WhyReport:
    """As the caller may see it."""
    history = told.history
    return WhyReport(
        external_id=told.customer.external_id,
        at=told.at,
        consents=tuple(map(consent_item, told.consents)),
        stop_list=tuple(stop_item(asked, one) for one in history.stops),
        campaigns=tuple(map(_part, history.parts)),
        control_group_of=history.left_alone_by,
        calls=tuple(_call(asked, one) for one in history.calls),
        messages=tuple(
            WhyMessage(
                campaign=one.campaign,
                channel=one.channel,
                template=one.template,
                state=one.state,
                created_at=one.created_at,
                sent_at=one.sent_at,
            )
            for one in history.messages
        ),
    )


def _part(one: CampaignPart) -> WhyCampaign:
    return WhyCampaign(
        lead_id=one.lead_id,
        campaign=one.campaign,
        kind=one.kind,
        state=one.state,
        listed_at=one.listed_at,
        releases=tuple(map(_release, one.releases)),
        refusals=one.refusals,
        ended_by=one.ended_by,
    )


def _release(one: Signature) -> ReleaseItem:
    return ReleaseItem(id=one.id, by=one.released_by, at=one.released_at, people=one.leads, hash=one.hash)


def _call(asked: Asked, one: ContactCall) -> WhyCall:
    return WhyCall(
        id=one.id,
        lead_id=one.lead_id,
        direction=one.direction,
        phone=phone_for(asked, one.phone),
        attempt=one.attempt,
        errand=one.errand,
        asked_for=one.wanted,
        trunk=one.trunk,
        dialled_at=one.dialled_at,
        answered_at=one.answered_at,
        ended_at=one.ended_at,
        cause=one.cause,
        group=one.group,
        disposition=one.disposition,
        verdict=one.verdict,
    )
