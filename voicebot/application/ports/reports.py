"""What reports show, and the sums they are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from voicebot.domain.cohorts import CohortMonth, Comeback
from voicebot.domain.customer import ValueClass
from voicebot.domain.escalation_work import WorkFigures
from voicebot.domain.lift import GroupFigures
from voicebot.domain.measures import Tally
from voicebot.domain.report import Grouping, ReportQuery, SplitKind


@dataclass(frozen=True, kw_only=True, slots=True)
class LineKey:
    """What one line of a table is about."""

    name: str = ""
    """Campaign, script or value class; empty where it is unknown."""
    detail: str = ""
    """Version of the script, name of the variant; empty without."""
    day: date | None = None
    """First day, for lines that are stretches of time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkLines:
    """How managers worked."""

    lines: Mapping[LineKey, WorkFigures]
    total: WorkFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignGroups:
    """The called and the control group of one campaign."""

    campaign: str
    called: GroupFigures
    control: GroupFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorePlace:
    """A score in the order of the page: the newest first."""

    at: datetime
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredCall:
    """A call in which a score was given."""

    id: int
    at: datetime
    campaign: str
    score: int
    words: tuple[str, ...]
    """What the customer said to open questions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What reports can be narrowed to."""

    campaigns: tuple[tuple[int, str], ...]
    """The newest first."""
    scripts: tuple[str, ...]


class Reports(Protocol):
    """Questions of the reports; days are those of the zone's clock."""

    async def tallies(self, query: ReportQuery, by: Grouping | None, *, zone: ZoneInfo) -> Mapping[LineKey, Tally]:
        """What happened, by line; lines without anything are left out. One line with an empty key without `by`."""

    async def splits(self, query: ReportQuery, *, zone: ZoneInfo) -> Mapping[SplitKind, Mapping[str, int]]:
        """Calls by reason, stage of hang-up, end, cause and score."""

    async def work(self, query: ReportQuery, by: Grouping | None, *, zone: ZoneInfo) -> WorkLines:
        """Escalations taken and resolved in these days, by line as above."""

    async def scored(
        self, query: ReportQuery, *, zone: ZoneInfo, detractors: bool, limit: int, behind: ScorePlace | None = None
    ) -> tuple[ScoredCall, ...]:
        """Calls with a score, the newest first; `detractors`: of 0 to 6 alone; `behind`: the older ones."""

    async def choices(self) -> Choices:
        """Campaigns and scripts that were ever called with."""

    async def fresh_at(self, part: "Part") -> datetime | None:
        """When that part was added up last; None: never."""


class ReportGroups(Protocol):
    """Cohorts, and what calls were worth against people left alone."""

    async def groups(self, campaign_id: int | None = None) -> tuple[CampaignGroups, ...]:
        """Campaigns with people whose 30 days are over, the newest first; as `CampaignOutcomes.figures` counts."""

    async def comebacks(self, campaign_id: int | None = None) -> Mapping[str, tuple[Comeback, ...]]:
        """By side (`lift.CALLED`, `lift.CONTROL`), the newest month first; orders of 90 days count."""

    async def cohorts(self, value_class: ValueClass | None = None) -> tuple[CohortMonth, ...]:
        """Months of all cohorts."""


class Part(StrEnum):
    """Sums that are kept."""

    DAYS = "days"
    COHORTS = "cohorts"
    GROUPS = "groups"


@dataclass(frozen=True, kw_only=True, slots=True)
class PartState:
    """How far a part is."""

    at: datetime | None = None
    """When it was worked on last; None: never."""
    took_ms: int = 0
    zone: str = ""
    """Whose days they are."""
    before: date | None = None
    """Days before this one are added up."""


class ReportSums(Protocol):
    """Where the sums are kept; who works on a part locks it first."""

    async def lock(self, part: Part) -> PartState | None:
        """How far it is; None while somebody else works on it."""

    async def save(self, part: Part, state: PartState) -> None: ...

    async def first_day(self, zone: ZoneInfo) -> date | None:
        """Of all calls; None without any."""

    async def changed_days(self, since: datetime, until: datetime, *, zone: ZoneInfo) -> frozenset[date]:
        """Days whose sums may have changed."""

    async def forget_days(self) -> None:
        """Delete the sums of all days."""

    async def add_up(self, first: date, last: date, *, zone: ZoneInfo) -> None:
        """The sums of these days, anew."""

    async def add_up_cohorts(self, zone: ZoneInfo) -> None:
        """All cohorts, anew."""

    async def add_up_groups(self, at: datetime, zone: ZoneInfo) -> None:
        """All campaigns' groups, anew."""
