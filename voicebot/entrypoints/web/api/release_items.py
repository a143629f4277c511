"""Lists that wait for a signature, and signed ones, as the API tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from voicebot.application.desk.releases import LONGEST_REASON
from voicebot.application.ports.release_pages import WaitingPerson
from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.customer import ValueClass
from voicebot.entrypoints.web.api.masks import name_for, phone_for
from voicebot.entrypoints.web.api.paging import Paged
from voicebot.entrypoints.web.api.plan_problems import PlanProblem
from voicebot.entrypoints.web.api.routes import Asked
from voicebot.entrypoints.web.api.schema import Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasesAsked(Paged):
    """Which signed lists."""

    campaign: Annotated[int | None, Range(), "Number of the campaign."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedListItem:
    """One signature under one list (38-FZ art. 18 p. 2)."""

    id: int
    campaign: int
    name: Annotated[str, "Of the campaign."]
    released_by: Annotated[str, "The person who answers for it."]
    released_at: datetime
    people: int
    hash: Annotated[str, "SHA-256 of the list as it was signed."]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedLists:
    """Signed lists, the newest first."""

    items: tuple[SignedListItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingItem:
    """One list nobody has answered for."""

    campaign: int
    name: str
    kind: CampaignKind
    status: CampaignStatus
    people: int
    since: Annotated[datetime, "When the first of them came onto it."]
    hash: Annotated[str, "SHA-256 that a signature under it would carry now."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLists:
    """All of them, the longest waiting first."""

    items: tuple[WaitingItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingConsent:
    """Consents of one source and wording among the people who wait."""

    source: str
    wording: str
    people: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalItem:
    """Somebody would not answer for people, or the list was withdrawn."""

    by: str
    at: datetime
    people: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingDetails:
    """What whoever signs is shown of a list."""

    campaign: int
    name: str
    kind: CampaignKind
    status: CampaignStatus
    people: int
    hash: str
    script: str
    percent: Annotated[Decimal, "The first discount."]
    says: Annotated[Mapping[str, tuple[str, ...]], "The first lines of each script, to somebody made up."]
    problems: Annotated[tuple[PlanProblem, ...], "Of the campaign as of now, warnings too."]
    consented: Annotated[int, "People whose consent to such calls holds now."]
    consents: tuple[WaitingConsent, ...]
    refusals: Annotated[tuple[RefusalItem, ...], "Of lists of this campaign, the newest first."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPersonItem:
    """One person somebody would answer for."""

    lead: int
    customer_id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "That would be dialled; masked without personal:read."]
    value_class: ValueClass | None
    variant: str
    consent_at: Annotated[datetime | None, "Of the newest consent to such calls; null: none holds now."]
    consent_source: str
    stopped: Annotated[bool, "On the stop-list by now: not called, whatever is signed."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPage:
    """People of a list in the order it is signed in."""

    items: tuple[WaitingPersonItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawing:
    """Why nobody shall sign it."""

    reason: Annotated[str, Text(most=LONGEST_REASON), "Those who put it together and those who sign read it."]


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawnList:
    """A campaign that is a draft again."""

    campaign: int
    status: CampaignStatus
    people: Annotated[int, "Were on the list."]


def person_item(asked: Asked, person: WaitingPerson) -> WaitingPersonItem:
    """As the caller may see them."""
    return WaitingPersonItem(
        lead=person.lead_id,
        customer_id=person.customer_id,
        external_id=person.external_id,
        name=name_for(asked, person.name),
        phone=phone_for(asked, person.phone),
        value_class=person.value_class,
        variant=person.variant,
        consent_at=person.consent_at,
        consent_source=person.consent_source,
        stopped=person.stopped,
    )
