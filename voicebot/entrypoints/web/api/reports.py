"""The measures managers look at, for other programs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from voicebot.application.desk.reports import ReportLine
from voicebot.domain.api_token import Scope
from voicebot.domain.measures import MEASURES
from voicebot.domain.report import Grouping
from voicebot.entrypoints.web.api.report_asked import LONG, ReportAsked, read_asked
from voicebot.entrypoints.web.api.routes import Asked, Reply, get


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkItem:
    """How managers worked their queue."""

    taken: int
    median_seconds: Annotated[float | None, "From an escalation to a manager who took it."]
    p90_seconds: float | None
    resolved: int
    first_contact: Annotated[float | None, "Settled in the first talk, 0-1."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLineItem:
    """Everything that is known of one line."""

    name: Annotated[str, "Campaign, script or class; empty for a stretch of time and for the total."]
    detail: Annotated[str, "Version of the script, name of the variant; empty without."]
    day: Annotated[date | None, "First day of a stretch of time."]
    counts: Annotated[Mapping[str, int], "What happened; can be added up."]
    revenue: Annotated[Decimal, "RUB of the orders with our codes."]
    call_cost: Annotated[Decimal, "RUB, as the trunks charge."]
    measures: Annotated[Mapping[str, float | None], "Shares 0-1, sums and the NPS; null: nothing to divide by."]
    cost_per_talk: Annotated[Decimal | None, "RUB."]
    work: WorkItem


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportItem:
    """One report."""

    since: date
    until: date
    by: Grouping
    lines: tuple[ReportLineItem, ...]
    total: ReportLineItem
    before: Annotated[ReportLineItem, "The total of the stretch before, as long as this one."]
    splits: Annotated[Mapping[str, Mapping[str, int]], "Calls by reason, stage, disposition, cause and score."]
    fresh_at: Annotated[datetime | None, "When late news of earlier days were counted last."]


async def get_report(asked: Asked) -> Reply:
    """The report; nothing of a person is in it."""
    found = await read_asked(asked)
    item = ReportItem(
        since=found.query.since,
        until=found.query.until,
        by=found.by,
        lines=tuple(map(_line, found.lines)),
        total=_line(found.total),
        before=_line(found.before),
        splits={kind.value: dict(counts) for kind, counts in found.splits.items()},
        fresh_at=found.fresh_at,
    )
    return Reply(body=item)


def _line(line: ReportLine) -> ReportLineItem:
    counts = {name: value for name, value in asdict(line.tally).items() if isinstance(value, int)}
    values = {one.key: one.value(line.tally) for one in MEASURES}
    work = line.work
    return ReportLineItem(
        name=line.key.name,
        detail=line.key.detail,
        day=line.key.day,
        counts=counts,
        revenue=line.tally.revenue,
        call_cost=line.tally.call_cost,
        measures={key: None if value is None else float(value) for key, value in values.items()},
        cost_per_talk=line.cost.per_talk,
        work=WorkItem(
            taken=work.taken,
            median_seconds=work.median.total_seconds() if work.median else None,
            p90_seconds=work.p90.total_seconds() if work.p90 else None,
            resolved=work.resolved,
            first_contact=work.first_contact,
        ),
    )


ROUTES: Final = (
    get(
        "/api/v1/reports/measures",
        get_report,
        Scope.REPORTS_READ,
        name="getMeasures",
        summary="The measures of a stretch of time, by campaign, script, variant, class, day, week or month",
        tag="Reports",
        query=ReportAsked,
        answer=ReportItem,
        errors=LONG,
    ),
)
