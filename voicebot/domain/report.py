"""What a report is about: days, groups, and when it is mailed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from voicebot.domain.customer import ValueClass

DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 3 * 366
"""Of one report."""


class Grouping(StrEnum):
    """What the lines of a table are."""

    CAMPAIGN = "campaign"
    SCRIPT = "script"  # and its version
    VARIANT = "variant"  # of the split test of a campaign
    VALUE_CLASS = "class"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


TIMES: Final = frozenset({Grouping.DAY, Grouping.WEEK, Grouping.MONTH})
"""Groupings whose lines are stretches of time."""


class SplitKind(StrEnum):
    """What calls are told apart by."""

    REASON = "reason"  # tags of a talk: why not
    STAGE = "stage"  # script state in which the customer hung up
    DISPOSITION = "disposition"  # how a talk ended
    CAUSE = "cause"  # why an attempt reached nobody
    SCORE = "score"  # 0-10


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportQuery:
    """Which calls, codes and messages are counted."""

    since: date
    until: date
    """The last day, included."""
    campaign_id: int | None = None
    """None: all."""
    script: str = ""
    """Empty: all."""
    value_class: ValueClass | None = None

    @property
    def days(self) -> int:
        """How many, both ends included."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "ReportQuery":
        """The stretch of the same length that ends where this one begins."""
        return ReportQuery(
            since=self.since - timedelta(days=self.days),
            until=self.since - timedelta(days=1),
            campaign_id=self.campaign_id,
            script=self.script,
            value_class=self.value_class,
        )


class Span(StrEnum):
    """Days a mailed report tells of, all over when it is sent."""

    DAY = "day"  # yesterday
    WEEK = "week"  # the seven days until yesterday
    MONTH = "month"  # the thirty days until yesterday


_SPANS: Final = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30}


def days_of(span: Span, today: date) -> tuple[date, date]:
    """First and last day."""
    return today - timedelta(days=_SPANS[span]), today - timedelta(days=1)


class MailState(StrEnum):
    """What became of one mail."""

    QUEUED = "queued"  # a job will send it
    SENT = "sent"  # the mail server took it
    FAILED = "failed"  # given up
    UNKNOWN = "unknown"  # the connection broke after the last word: perhaps it was sent, so it is not sent again


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSubscription:
    """Who gets which report when."""

    email: str
    span: Span
    campaign_id: int | None = None
    """None: all campaigns."""
    cron: str
    """Five fields, by the company's clock."""
    language: str = "ru"
    workbook: bool = True
    """Whether the figures come as XLSX, too."""
    created_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription(NewSubscription):
    """One that is kept."""

    id: int
    created_at: datetime
    looked_at: datetime
    """Firings until then have their mails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportMail:
    """One firing of a subscription."""

    id: int
    subscription_id: int
    due_at: datetime
    state: MailState
    handed_at: datetime | None = None
    """Since when it is being handed over; None while nobody does."""
    sent_at: datetime | None = None
    attempts: int = 0
    error: str = ""
    """Of the last attempt, without addresses."""
