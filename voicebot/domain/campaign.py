"""Campaigns: who is called, about what, under whose name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.campaign_plan import Budget, Reminder, Variant, Window
from voicebot.domain.errors import IllegalMove
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import Schedule
from voicebot.domain.segment import Segment


class CampaignKind(StrEnum):
    """What the law takes the calls for (DOMAIN.md, Law 2)."""

    ADVERTISING = "advertising"  # needs consent to advertising and a release by a named person
    SERVICE = "service"  # order status, quality control, appointment: no advertising content

    @property
    def born(self) -> LeadState:
        """The state in which a lead comes onto the list: advertising waits for somebody to answer for it."""
        return LeadState.UNRELEASED if self is CampaignKind.ADVERTISING else LeadState.QUEUED


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
    REFUSE = "refuse"  # a named person would not answer for it
    PAUSE = "pause"  # stop dialling
    RESUME = "resume"  # dial again
    FINISH = "finish"  # no lead is left, or somebody ended it


CAMPAIGN_MOVES: Final[Mapping[tuple[CampaignStatus, CampaignEvent], CampaignStatus]] = MappingProxyType(
    {
        (CampaignStatus.DRAFT, CampaignEvent.SUBMIT): CampaignStatus.AWAITING_RELEASE,
        (CampaignStatus.DRAFT, CampaignEvent.FINISH): CampaignStatus.FINISHED,
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.RELEASE): CampaignStatus.RUNNING,
        # Back to whoever put it together: the list is torn up, everything can be changed.
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.REFUSE): CampaignStatus.DRAFT,
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.FINISH): CampaignStatus.FINISHED,
        # New people wait for a release of their own, whatever becomes of those released before.
        (CampaignStatus.RUNNING, CampaignEvent.RELEASE): CampaignStatus.RUNNING,
        (CampaignStatus.PAUSED, CampaignEvent.RELEASE): CampaignStatus.PAUSED,
        (CampaignStatus.RUNNING, CampaignEvent.REFUSE): CampaignStatus.RUNNING,
        (CampaignStatus.PAUSED, CampaignEvent.REFUSE): CampaignStatus.PAUSED,
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


def legal_events(status: CampaignStatus) -> tuple[CampaignEvent, ...]:
    """What can be done to a campaign that stands so; nothing to a finished one."""
    return tuple(event for event in CampaignEvent if (status, event) in CAMPAIGN_MOVES)


OPEN: Final = (CampaignStatus.AWAITING_RELEASE, CampaignStatus.RUNNING)
"""Where the periodic selection adds people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPlan:
    """What a campaign is made of."""

    kind: CampaignKind
    script: str
    """Name of the conversation script."""
    dialplan: str = "default"
    """Name of the dialplan."""
    offer: OfferPolicy = field(default_factory=OfferPolicy)
    segment: Segment | None = None
    """Whom the selection puts on the list; None when people come by other ways only."""
    schedule: Schedule | None = None
    """When the selection looks for new people; None: once, when the campaign is created."""
    window: Window = field(default_factory=Window)
    """The days and hours in which it dials."""
    budget: Budget = field(default_factory=Budget)
    priority: int = 0
    """The higher is dialled first."""
    weight: int = 1
    """Share of the lines among campaigns of equal priority, above 0."""
    control_share: Decimal = Decimal("0.05")
    """Part of the people who are left alone on purpose, 0 to 0.5 (5-7 % is the practice)."""
    quiet_days: int = 14
    """Days after an answered call of another campaign before the first one of this."""
    variants: tuple[Variant, ...] = ()
    """Sides of the split test; empty without one."""
    reminder: Reminder | None = None
    """None: nobody is reminded by telephone."""
    triggers: tuple[str, ...] = ()
    """Kinds of CRM events that put a person on the list."""
    season: str = ""
    """The reason to call people of the seasonal list; empty for an ordinary campaign."""

    def variant(self, name: str) -> Variant | None:
        """The variant of that name; None without one."""
        return next((one for one in self.variants if one.name == name), None)

    def script_for(self, lead: Lead) -> str:
        """Name of the script the next call of the lead speaks."""
        if lead.errand is LeadErrand.REMINDER and self.reminder is not None:
            return self.reminder.script
        variant = self.variant(lead.variant)
        return variant.script if variant and variant.script else self.script

    def offer_for(self, lead: Lead) -> OfferPolicy:
        """What may be given away to the lead's person."""
        variant = self.variant(lead.variant)
        if variant is None or variant.standard_percent is None:
            return self.offer
        return replace(self.offer, standard_percent=variant.standard_percent)


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign(CampaignPlan):
    """One campaign as it stands."""

    id: int
    name: str
    """Unique; what people call it."""
    status: CampaignStatus = CampaignStatus.DRAFT
    released_by: str = ""
    """Name of the person who answered for the first list; empty before the first release."""
    released_at: datetime | None = None
    """When that was."""
    selected_at: datetime | None = None
    """When the selection ran last."""
    created_at: datetime | None = None

    @property
    def released(self) -> bool:
        """Whether a named person has released any part of the list; the gate asks it of each lead."""
        return bool(self.released_by and self.released_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCampaign(CampaignPlan):
    """What it takes to create one."""

    name: str


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
        return all(self.by_state.get(state, 0) == 0 for state in ("unreleased", "queued", "claimed", "scheduled"))
