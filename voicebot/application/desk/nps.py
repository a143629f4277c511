"""NPS: how often each score was given, by campaign, and what people said with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voicebot.application.ports.desk_unit import DeskUnit
from voicebot.application.ports.reports import ScoredCall, ScorePlace
from voicebot.domain.measures import Tally, nps
from voicebot.domain.report import Grouping, ReportQuery, SplitKind


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignScore:
    """The score of one campaign."""

    name: str
    tally: Tally
    score: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NpsReport:
    """Everything that is known of the scores of a stretch of time."""

    total: Tally
    score: float | None
    """-100 to 100; None without a score."""
    lines: tuple[CampaignScore, ...]
    """The worst first."""
    given: Mapping[str, int]
    """Calls by score, `0` to `10`."""
    scored: tuple[ScoredCall, ...]
    """The newest first."""
    older: bool
    """Whether there are more behind them."""


async def read_nps(
    unit: DeskUnit, query: ReportQuery, *, zone: ZoneInfo, detractors: bool, behind: ScorePlace | None, limit: int
) -> NpsReport:
    """The scores with at most `limit` calls behind that place; nothing in it tells who a customer is."""
    tallies = await unit.reports.tallies(query, Grouping.CAMPAIGN, zone=zone)
    splits = await unit.reports.splits(query, zone=zone)
    scored = await unit.reports.scored(query, zone=zone, detractors=detractors, limit=limit + 1, behind=behind)
    total = sum(tallies.values(), Tally())
    lines = [
        CampaignScore(name=key.name, tally=tally, score=nps(tally)) for key, tally in tallies.items() if tally.scores
    ]
    return NpsReport(
        total=total,
        score=nps(total),
        lines=tuple(sorted(lines, key=lambda line: (line.score or 0.0, line.name))),
        given=splits[SplitKind.SCORE],
        scored=scored[:limit],
        older=len(scored) > limit,
    )
