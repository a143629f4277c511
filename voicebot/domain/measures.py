"""The measures managers look at, each with what is counted over what (DOMAIN.md, Measures managers look at).

Everything starts from a `Tally`: sums that can be added up over days, campaigns, scripts and value classes. A person
belongs to the day on which a campaign dialled them first, a promo code to the day it was issued: a share over a stretch
of time is a true share of those people or codes, and grows as the late ones come in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from typing import Final, Self

from voicebot.domain.alarms import FEWEST_TALKS, STOP_ALARM
from voicebot.domain.confidence import Interval, newcombe

STOP_NORMAL: Final = 0.02
"""A stop-list rate below it is normal; above STOP_ALARM it is an alarm (DOMAIN.md)."""
USUAL_SAVING: Final = (4.0, 5.0)
"""How many times cheaper than an operator's a robot's contact usually is (DOMAIN.md)."""
_SURE: Final = 1.96
"""Standard deviations that chance alone exceeds once in twenty times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What happened, counted; every field can be added up."""

    dialled: int = 0
    """Attempts of ours to reach somebody."""
    answered: int = 0
    """Attempts that somebody or some machine picked up."""
    machines: int = 0
    """Of the answered: answering machines."""
    rang_back: int = 0
    """Calls of customers to us."""
    talks: int = 0
    """Calls, theirs included, in which a person picked up."""
    interested: int = 0
    neutral: int = 0
    negative: int = 0
    """Talks by group."""
    stops: int = 0
    """Talks in which the person asked never to be called again."""
    hang_ups: int = 0
    """Talks the customer ended before anything was settled."""
    people_dialled: int = 0
    """People whom a campaign dialled for the first time."""
    people_reached: int = 0
    """Of those people: talked to, then or later."""
    talk_seconds: int = 0
    call_cost: Decimal = Decimal(0)
    """RUB, as the trunks charge."""
    messages: int = 0
    """Short messages the gateway took."""
    codes: int = 0
    """Promo codes issued."""
    redeemed: int = 0
    """Of those codes: used in an order; as many orders are attributed to the calls."""
    revenue: Decimal = Decimal(0)
    """RUB, of those orders."""
    reminded: int = 0
    """Codes still unused whose owner a reminder call reached."""
    reminded_redeemed: int = 0
    """Of those codes: used after the reminder."""
    missed: int = 0
    """Codes still unused whose owner a reminder call dialled and did not reach."""
    missed_redeemed: int = 0
    """Of those codes: used after the vain reminder."""
    scores: int = 0
    """Scores 0-10 given."""
    promoters: int = 0
    """Scores of 9 and 10."""
    detractors: int = 0
    """Scores of 0 to 6."""

    def __add__(self, other: Self) -> Self:
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


class Shown(StrEnum):
    """How the value of a measure is written."""

    COUNT = "count"
    SHARE = "share"  # 0-1
    MONEY = "money"  # RUB
    POINTS = "points"  # of the NPS, -100 to 100


Value = float | Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One measure; its value is None where there is nothing to divide by."""

    key: str
    shown: Shown
    numerator: str
    """Field of the Tally, or what is computed."""
    denominator: str = ""
    """Field of the Tally; empty for a plain count."""
    value: Callable[[Tally], Value]


def _count(key: str, shown: Shown = Shown.COUNT) -> Measure:
    def value(tally: Tally) -> Value:
        found: int | Decimal = getattr(tally, key)
        return found

    return Measure(key=key, shown=shown, numerator=key, value=value)


def _share(key: str, numerator: str, denominator: str) -> Measure:
    def value(tally: Tally) -> Value:
        return share(getattr(tally, numerator), getattr(tally, denominator))

    return Measure(key=key, shown=Shown.SHARE, numerator=numerator, denominator=denominator, value=value)


def share(part: int, whole: int) -> float | None:
    """The part of a whole, 0-1; None of nothing."""
    return part / whole if whole else None


def nps(tally: Tally) -> float | None:
    """Net promoter score: percent of promoters less percent of detractors, -100 to 100 (Reichheld 2003)."""
    return (tally.promoters - tally.detractors) / tally.scores * 100 if tally.scores else None


MEASURES: Final = (
    _count("people_dialled"),
    _share("reached_share", "people_reached", "people_dialled"),
    _count("dialled"),
    _share("answered_share", "answered", "dialled"),
    _count("rang_back"),
    _count("talks"),
    _share("interested_share", "interested", "talks"),
    _share("neutral_share", "neutral", "talks"),
    _share("negative_share", "negative", "talks"),
    _share("hang_up_share", "hang_ups", "talks"),
    _share("stop_share", "stops", "talks"),
    _count("codes"),
    _count("redeemed"),
    _share("redeemed_share", "redeemed", "codes"),
    _count("revenue", Shown.MONEY),
    Measure(key="nps", shown=Shown.POINTS, numerator="promoters - detractors", denominator="scores", value=nps),
)
"""Those a tally alone gives, in the order they are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactCost:
    """What a talk with a customer costs, against a person who would have called."""

    total: Decimal
    """RUB: calls and messages."""
    per_talk: Decimal | None
    """RUB; None without talks."""
    operator: Decimal | None
    """RUB that a talk costs when a person calls, as the settings say; None when they do not."""

    @property
    def times_cheaper(self) -> float | None:
        """How many times; None where one of the two is unknown or nothing."""
        if not self.per_talk or self.operator is None:
            return None
        return float(self.operator / self.per_talk)


def contact_cost(tally: Tally, *, sms_price: Decimal, operator: Decimal) -> ContactCost:
    """Numerator: what trunks and messages cost. Denominator: talks. `operator` 0: not known."""
    total = tally.call_cost + tally.messages * sms_price
    per_talk = (total / tally.talks).quantize(Decimal("0.01")) if tally.talks else None
    return ContactCost(total=total, per_talk=per_talk, operator=operator or None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderEffect:
    """Codes used after a reminder that was heard, against one that was not.

    Both groups held an unused code when they were called, so they can be compared; who picks up is a little likelier to
    buy anyway, so the difference is the most the reminder can be worth.
    """

    reached: float
    """Part of the codes used, 0-1."""
    missed: float
    interval: Interval | None
    """Of the difference; None where it cannot be told."""

    @property
    def difference(self) -> float:
        return self.reached - self.missed


def reminder_effect(tally: Tally) -> ReminderEffect | None:
    """None unless somebody was reached and somebody was not."""
    if not tally.reminded or not tally.missed:
        return None
    one, other = (tally.reminded_redeemed, tally.reminded), (tally.missed_redeemed, tally.missed)
    return ReminderEffect(reached=one[0] / one[1], missed=other[0] / other[1], interval=newcombe(one, other))


class StopLevel(StrEnum):
    """What a stop-list rate says."""

    NORMAL = "normal"  # below 2 %
    RAISED = "raised"  # 2 to 5 %
    ALARM = "alarm"  # above 5 %


def stop_level(stops: int, talks: int) -> StopLevel | None:
    """None of too few talks."""
    if talks < FEWEST_TALKS:
        return None
    rate = stops / talks
    if rate > STOP_ALARM:
        return StopLevel.ALARM
    return StopLevel.RAISED if rate > STOP_NORMAL else StopLevel.NORMAL


def burns_out(conversions: Sequence[tuple[int, int]]) -> bool | None:
    """Whether conversion falls over time more than chance explains; None for too little to tell.

    `conversions`: (successes, trials) of stretches of equal length, the oldest first. Cochran's and Armitage's test for
    a trend in proportions (Armitage 1955, Biometrics 11), one line for all stretches. Falling conversion means that the
    base is burning out (DOMAIN.md).
    """
    trials = sum(count for _, count in conversions)
    successes = sum(good for good, _ in conversions)
    if len(conversions) < 3 or not 0 < successes < trials:
        return None
    part = successes / trials
    middle = sum(at * count for at, (_, count) in enumerate(conversions)) / trials
    trend = sum((at - middle) * (good - count * part) for at, (good, count) in enumerate(conversions))
    spread = part * (1 - part) * sum(count * (at - middle) ** 2 for at, (_, count) in enumerate(conversions))
    return trend / sqrt(spread) < -_SURE if spread else None
