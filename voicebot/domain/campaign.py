"""Campaigns: who is called, about what, under whose name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.errors import IllegalMove
from voicebot.domain.offer import OfferPolicy


class CampaignKind(StrEnum):
    """What the law takes the calls for (DOMAIN.md, Law 2)."""

    ADVERTISING = "advertising"  # needs consent to advertising and a release by a named person
    SERVICE = "service"  # order status, quality control, appointment: no advertising content


class CampaignStatus(StrEnum):
    """Where a campaign stands; only a running one dials."""

    DRAFT = "draft"  # being put together
    AWAITING_RELEASE = "awaiting_release"  # the list is complete, nobody has answered for it yet
    RUNNING = "running"  # its leads are dialled
    PAUSED = "paused"  # released, nobody is dialled just now
    FINISHED = "finished"  # over for good


class CampaignEvent(StrEnum):
    """What can be done to a campaign."""

    SUBMIT = "submit"  # the list is complete
    RELEASE = "release"  # a named person approved the list
    PAUSE = "pause"  # stop dialling
    RESUME = "resume"  # dial again
    FINISH = "finish"  # no lead is left, or somebody ended it


CAMPAIGN_MOVES: Final[Mapping[tuple[CampaignStatus, CampaignEvent], CampaignStatus]] = MappingProxyType(
    {
        (CampaignStatus.DRAFT, CampaignEvent.SUBMIT): CampaignStatus.AWAITING_RELEASE,
        (CampaignStatus.DRAFT, CampaignEvent.FINISH): CampaignStatus.FINISHED,
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.RELEASE): CampaignStatus.RUNNING,
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.FINISH): CampaignStatus.FINISHED,
        (CampaignStatus.RUNNING, CampaignEvent.PAUSE): CampaignStatus.PAUSED,
        (CampaignStatus.RUNNING, CampaignEvent.FINISH): CampaignStatus.FINISHED,
        (CampaignStatus.PAUSED, CampaignEvent.RESUME): CampaignStatus.RUNNING,
        (CampaignStatus.PAUSED, CampaignEvent.FINISH): CampaignStatus.FINISHED,
    }
)
"""Every legal move of a campaign; whatever is not here is forbidden."""


def move_campaign(status: CampaignStatus, event: CampaignEvent) -> CampaignStatus:
    """The status after `event`; raises IllegalMove when the table has no such move."""
    try:
        return CAMPAIGN_MOVES[status, event]
    except KeyError:
        raise IllegalMove(machine="campaign", state=status, event=event) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """One campaign as it stands."""

    id: int
    name: str
    """Unique; what people call it."""
    kind: CampaignKind
    script: str
    """Name of the conversation script."""
    dialplan: str
    """Name of the dialplan."""
    offer: OfferPolicy = field(default_factory=OfferPolicy)
    status: CampaignStatus = CampaignStatus.DRAFT
    released_by: str = ""
    """Name of the person who answers for the list; empty before the release."""
    released_at: datetime | None = None
    created_at: datetime | None = None

    @property
    def released(self) -> bool:
        """Whether a named person has approved the list."""
        return bool(self.released_by and self.released_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCampaign:
    """What it takes to create one."""

    name: str
    kind: CampaignKind
    script: str
    dialplan: str = "default"
    offer: OfferPolicy = field(default_factory=OfferPolicy)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignProgress:
    """How far a campaign has come: leads by state, finished leads by group and disposition."""

    leads: int
    """All leads of the campaign."""
    by_state: Mapping[str, int]
    by_group: Mapping[str, int]
    by_disposition: Mapping[str, int]
    attempts: int
    """Calls dialled so far."""

    @property
    def finished(self) -> bool:
        """Whether no lead has anything left to happen."""
        return all(self.by_state.get(state, 0) == 0 for state in ("queued", "claimed", "scheduled"))
