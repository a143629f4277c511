"""What the desk's pages of campaigns read and keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from voicebot.application.ports.results import Funnel
from voicebot.domain.campaign import Campaign, CampaignProgress, CampaignStatus
from voicebot.domain.campaign_plan import Spending


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignDraft:
    """A campaign as somebody is typing it."""

    id: int
    author: str
    """Login."""
    fields: Mapping[str, str] = field(repr=False)
    """As they were typed, right or wrong."""
    updated_at: datetime
    campaign_id: int | None = None
    """That was made of it; None while it is being typed."""
    sent_at: datetime | None = None
    """Its list is being gathered since; None when nothing is under way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFigures:
    """The calls of one day, in the company's zone."""

    day: date
    dialled: int
    answered: int
    by_group: Mapping[str, int]
    """Answered calls by outcome group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFigures:
    """How far a campaign has come, as it was counted at one moment."""

    counted_at: datetime
    progress: CampaignProgress
    spent: Spending
    funnels: tuple[Funnel, ...]
    """One for each variant."""
    days: tuple[DayFigures, ...]
    """Days with calls, ascending, the last 60."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignLine:
    """One line of the list."""

    campaign: Campaign
    figures: CampaignFigures | None
    """As counted last; None when nobody has looked yet."""
    unreleased: int
    """People who wait for a signature."""
    gathering: bool
    """Whether its list is being put together just now."""


class CampaignPages(Protocol):
    """Lists, drafts and figures of campaigns."""

    async def page(
        self, statuses: Iterable[CampaignStatus] = (), *, before: int | None = None, limit: int
    ) -> tuple[CampaignLine, ...]:
        """Campaigns, the newest first, with numbers below `before`; of these statuses unless that is empty."""

    async def one(self, campaign_id: int) -> CampaignLine:
        """One of them; raises NotFound."""

    async def replan(self, campaign: Campaign) -> None:
        """Write the whole plan of a campaign."""

    async def count(self, campaign_id: int, zone: ZoneInfo, *, at: datetime) -> CampaignFigures:
        """Count its figures now, and keep them; days are those of `zone`."""

    async def categories(self) -> tuple[str, ...]:
        """Categories of what was bought, the most frequent ones first, at most a hundred."""

    async def drafts(self) -> tuple[CampaignDraft, ...]:
        """Drafts nothing was made of yet, the last touched first."""

    async def draft(self, draft_id: int, *, lock: bool = False) -> CampaignDraft:
        """One draft; raises NotFound."""

    async def draft_of(self, campaign_id: int) -> CampaignDraft | None:
        """What a campaign was made of; None when it was made elsewhere."""

    async def add_draft(self, fields: Mapping[str, str], *, author: str, at: datetime) -> int:
        """Begin a draft; returns its number."""

    async def save_draft(self, draft: CampaignDraft) -> None:
        """Write fields, campaign and moments."""

    async def remove_draft(self, draft_id: int) -> bool:
        """Throw away one nothing was made of; False when there is none."""
