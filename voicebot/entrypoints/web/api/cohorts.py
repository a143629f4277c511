"""Cohorts, the won back, and the NPS, for other programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from voicebot.application.desk.nps import read_nps
from voicebot.application.desk.reports import CohortReport, read_cohorts
from voicebot.application.ports.reports import ScorePlace
from voicebot.domain.api_token import Scope
from voicebot.domain.cohorts import Comeback
from voicebot.domain.customer import ValueClass
from voicebot.entrypoints.web.api.paging import moment, number, pack, unpack
from voicebot.entrypoints.web.api.report_asked import LONG, CallsCounted, query_of, today_of, zone_of
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.api.schema import Range, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortsAsked:
    """Which customers."""

    value_class: Annotated[ValueClass | None, "Narrows the cohorts."] = None
    campaign: Annotated[int | None, Range(), "Its number; narrows the won back."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortItem:
    """Everybody who bought for the first time in one month."""

    month: Annotated[date, "Its first day."]
    buyers: int
    repeat_rates: Annotated[tuple[float, ...], "By age in months: the part with a second order so far, 0-1."]
    values: Annotated[tuple[Decimal, ...], "By age in months: LTV so far, RUB of all orders a customer."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComebackItem:
    """People of one month's lists, or of its control groups, in the 90 days that count after that."""

    month: date
    people: Annotated[int, "Whose days are over."]
    waiting: Annotated[int, "Whose days are not: in none of the other figures."]
    returned: Annotated[int, "Ordered at least once."]
    repeated: Annotated[int, "Ordered at least twice."]
    revenue: Annotated[Decimal, "RUB."]
    return_rate: float | None
    repeat_rate: float | None
    value: Annotated[Decimal | None, "RUB a person, everybody counted."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortReportItem:
    """Customers by the month of their first order, and the won back against those left alone."""

    buyers: int
    repeat_rate: float | None
    value: Annotated[Decimal | None, "LTV, RUB a customer."]
    cohorts: Annotated[tuple[CohortItem, ...], "The newest first."]
    called: Annotated[tuple[ComebackItem, ...], "The newest month first."]
    control: tuple[ComebackItem, ...]
    fresh_at: Annotated[datetime | None, "When they were added up last; null: never."]


@dataclass(frozen=True, kw_only=True, slots=True)
class NpsAsked(CallsCounted):
    """Which scores; the pages are those of the comments."""

    detractors: Annotated[bool, "Only comments with scores of 0 to 6."] = False
    cursor: Annotated[str | None, Text(pattern=r"^[A-Za-z0-9_-]+$"), "`next` of the page before; none: the first."] = (
        None
    )
    limit: Annotated[int, Range(most=200), "Comments of a page, at most."] = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignScoreItem:
    """The score of one campaign."""

    campaign: str
    scores: int
    nps: Annotated[float | None, "-100 to 100."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentItem:
    """A call in which a score was given."""

    call_id: int
    at: datetime
    campaign: str
    score: int
    words: Annotated[tuple[str, ...] | None, "What was said to open questions; null without transcripts:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class NpsItem:
    """The scores of a stretch of time."""

    nps: Annotated[float | None, "-100 to 100; null: nobody gave a score."]
    scores: int
    promoters: Annotated[int, "9 and 10."]
    detractors: Annotated[int, "0 to 6."]
    given: Annotated[Mapping[str, int], "Calls by score."]
    campaigns: Annotated[tuple[CampaignScoreItem, ...], "The worst first."]
    items: Annotated[tuple[CommentItem, ...], "The newest first."]
    next: str | None


async def get_cohorts(asked: Asked) -> Reply:
    """The tables."""
    found = await read_asked_cohorts(asked)
    item = CohortReportItem(
        buyers=found.buyers,
        repeat_rate=found.repeat_rate,
        value=found.value,
        cohorts=tuple(
            CohortItem(month=one.month, buyers=one.buyers, repeat_rates=one.repeat_rates, values=one.values)
            for one in found.cohorts
        ),
        called=tuple(map(_comeback, found.called)),
        control=tuple(map(_comeback, found.control)),
        fresh_at=found.fresh_at,
    )
    return Reply(body=item)


async def read_asked_cohorts(asked: Asked) -> CohortReport:
    """What the address asks for."""
    wanted = asked.of(CohortsAsked)
    async with asked.open_unit() as unit:
        return await read_cohorts(
            unit, value_class=wanted.value_class, campaign_id=wanted.campaign, today=today_of(asked)
        )


async def get_nps(asked: Asked) -> Reply:
    """Scores, and what people said with them."""
    wanted, query = asked.of(NpsAsked), query_of(asked)
    place = unpack(wanted.cursor, moment, number)
    behind = ScorePlace(at=place[0], id=place[1]) if place else None
    async with asked.open_unit() as unit:
        found = await read_nps(
            unit, query, zone=zone_of(asked), detractors=wanted.detractors, behind=behind, limit=wanted.limit
        )
    reads = asked.may(Scope.TRANSCRIPTS_READ)
    last = found.scored[-1] if found.older else None
    item = NpsItem(
        nps=found.score,
        scores=found.total.scores,
        promoters=found.total.promoters,
        detractors=found.total.detractors,
        given=found.given,
        campaigns=tuple(
            CampaignScoreItem(campaign=one.name, scores=one.tally.scores, nps=one.score) for one in found.lines
        ),
        items=tuple(
            CommentItem(
                call_id=one.id,
                at=one.at,
                campaign=one.campaign,
                score=one.score,
                words=one.words if reads else None,
            )
            for one in found.scored
        ),
        next=pack(last.at, last.id) if last else None,
    )
    return Reply(body=item)


def _comeback(one: Comeback) -> ComebackItem:
    return ComebackItem(
        month=one.month,
        people=one.people,
        waiting=one.waiting,
        returned=one.returned,
        repeated=one.repeated,
        revenue=one.revenue,
        return_rate=one.return_rate,
        repeat_rate=one.repeat_rate,
        value=one.value,
    )


ROUTES: Final = (
    get(
        "/api/v1/reports/cohorts",
        get_cohorts,
        Scope.REPORTS_READ,
        name="getCohorts",
        summary="Repeat rate and LTV by the month of the first order; the won back against the control groups",
        tag="Reports",
        query=CohortsAsked,
        answer=CohortReportItem,
    ),
    get(
        "/api/v1/reports/nps",
        get_nps,
        Scope.REPORTS_READ,
        name="getNps",
        summary="The NPS, by campaign, with what people said",
        tag="Reports",
        query=NpsAsked,
        answer=NpsItem,
        errors=LONG,
    ),
)
