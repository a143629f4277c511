"""What a simulated year came to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from voicebot.rehearsal.year.evidence import Evidence

_HOME = "Europe/Moscow"


@dataclass(frozen=True, kw_only=True, slots=True)
class YearReport:
    """The figures of one run."""

    days: int
    customers: int
    calls: int
    """Attempts of ours."""
    answered: int
    wanted: int
    """Calls the customer asked for."""
    called: int
    """People who were dialled at all."""
    calls_per_person: Mapping[int, int]
    """How many people were dialled so many times."""
    talks_per_person: Mapping[int, int]
    """How many people were talked to so many times."""
    by_hour: Mapping[int, int]
    """Calls by the hour of the customer's day (Moscow's where the zone is unknown)."""
    by_disposition: Mapping[str, int]
    by_group: Mapping[str, int]
    releases: Sequence[tuple[datetime, str, int]]
    """Moment, campaign and count of each signature."""
    orders: Mapping[str, int]
    """Orders by what led to them."""
    seasonal: int
    """People on the seasonal list at the end."""
    broken: Mapping[str, Sequence[str]]
    """Breaches by rule; an empty list where a rule was kept."""

    @property
    def breaches(self) -> int:
        """How many there are in all."""
        return sum(len(found) for found in self.broken.values())

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "days": self.days,
            "customers": self.customers,
            "calls": self.calls,
            "answered": self.answered,
            "wanted": self.wanted,
            "called": self.called,
            "calls_per_person": dict(self.calls_per_person),
            "talks_per_person": dict(self.talks_per_person),
            "by_hour": dict(self.by_hour),
            "by_disposition": dict(self.by_disposition),
            "by_group": dict(self.by_group),
            "releases": [
                {"at": at.isoformat(), "campaign": campaign, "leads": leads} for at, campaign, leads in self.releases
            ],
            "orders": dict(self.orders),
            "seasonal": self.seasonal,
            "broken": {rule: list(found) for rule, found in self.broken.items()},
            "breaches": self.breaches,
        }


def report_on(
    evidence: Evidence,
    broken: Mapping[str, Sequence[str]],
    *,
    days: int,
    customers: int,
    releases: Sequence[tuple[datetime, str, int]],
    orders: Mapping[str, int],
) -> YearReport:
    """Count everything."""
    calls = evidence.calls
    talked = [call for call in calls if call.answered_at is not None]
    hours = Counter(call.dialled_at.astimezone(ZoneInfo(call.time_zone or _HOME)).hour for call in calls)
    return YearReport(
        days=days,
        customers=customers,
        calls=len(calls),
        answered=len(talked),
        wanted=sum(call.wanted for call in calls),
        called=len({call.customer_id for call in calls}),
        calls_per_person=_spread(call.customer_id for call in calls),
        talks_per_person=_spread(call.customer_id for call in talked),
        by_hour=dict(sorted(hours.items())),
        by_disposition=dict(Counter(call.disposition for call in calls).most_common()),
        by_group=dict(Counter(call.group for call in talked).most_common()),
        releases=tuple(releases),
        orders=dict(orders),
        seasonal=evidence.seasonal,
        broken=broken,
    )


def _spread(people: Iterable[int]) -> dict[int, int]:
    return dict(sorted(Counter(Counter(people).values()).items()))
