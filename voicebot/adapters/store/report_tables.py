"""What reports read: sums by day that the periodic job keeps, subscriptions and their mails."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from voicebot.adapters.store.campaign_tables import calls, messages, promo_codes
from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment, one_of
from voicebot.domain.report import MailState, Span

COUNTS: Final = (
    "dialled",
    "answered",
    "machines",
    "rang_back",
    "talks",
    "interested",
    "neutral",
    "negative",
    "stops",
    "hang_ups",
    "people_dialled",
    "people_reached",
    "talk_seconds",
    "call_cost",
    "messages",
    "codes",
    "redeemed",
    "revenue",
    "reminded",
    "reminded_redeemed",
    "missed",
    "missed_redeemed",
    "scores",
    "promoters",
    "detractors",
)
"""Columns that are added up: the fields of `domain.measures.Tally`."""
MONEY: Final = frozenset({"call_cost", "revenue"})


def _grain() -> tuple[Column[object], ...]:
    """What sums are kept by."""
    return (
        Column("day", Date, nullable=False),  # of the company's clock
        Column("campaign_id", BigInteger, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
        Column("script", Text, nullable=False),
        Column("script_version", Integer, nullable=False),  # 0: as it lies in the folder
        Column("variant", Text, nullable=False),
        Column("value_class", Text, nullable=False),  # empty: unknown
    )


GRAIN: Final = tuple(column.name for column in _grain())

report_days = Table(
    "report_days",
    metadata,
    *_grain(),
    *(Column(name, Numeric(16, 2) if name in MONEY else BigInteger, nullable=False) for name in COUNTS),
    PrimaryKeyConstraint(*GRAIN),
    Index(None, "campaign_id", "day"),
)

report_splits = Table(
    # How many calls had which reason, stage of hang-up, end, score.
    "report_splits",
    metadata,
    *_grain(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint(*GRAIN, "kind", "value"),
    Index(None, "campaign_id", "day"),
)

report_cohorts = Table(
    # Customers by the month of their first order: what they did in each month since then.
    "report_cohorts",
    metadata,
    Column("month", Date, nullable=False),
    Column("value_class", Text, nullable=False),
    Column("age", Integer, nullable=False),  # months since the first order
    Column("buyers", BigInteger, nullable=False),  # at age 0 alone
    Column("repeaters", BigInteger, nullable=False),  # whose second order falls into this month
    Column("orders", BigInteger, nullable=False),
    Column("revenue", Numeric(16, 2), nullable=False),
    PrimaryKeyConstraint("month", "value_class", "age"),
)

report_groups = Table(
    # The called and the control group of each campaign, by the month in which they came onto it.
    "report_groups",
    metadata,
    belongs_to("campaigns"),
    Column("month", Date, nullable=False),
    Column("side", Text, nullable=False),
    Column("days", Integer, nullable=False),  # in which orders count
    Column("people", BigInteger, nullable=False),  # whose days are over
    Column("waiting", BigInteger, nullable=False),  # whose days are not
    Column("buyers", BigInteger, nullable=False),
    Column("repeaters", BigInteger, nullable=False),
    Column("orders", BigInteger, nullable=False),
    Column("orders_squared", BigInteger, nullable=False),
    Column("revenue", Numeric(18, 2), nullable=False),
    Column("revenue_squared", Numeric(30, 4), nullable=False),
    PrimaryKeyConstraint("campaign_id", "month", "side", "days"),
)

report_state = Table(
    # How far each of the tables above is; locked by whoever works on it.
    "report_state",
    metadata,
    Column("part", Text, primary_key=True),
    moment("at", nullable=True),  # of the last work; NULL: never
    Column("took_ms", Integer, nullable=False, server_default="0"),
    Column("zone", Text, nullable=False, server_default=""),  # whose days they are
    Column("before", Date, nullable=True),  # days before this one are added up
)

report_subscriptions = Table(
    "report_subscriptions",
    metadata,
    key(),
    Column("email", Text, nullable=False),
    Column("span", Text, nullable=False),  # of the days it tells of
    belongs_to("campaigns", nullable=True),  # NULL: all of them
    Column("cron", Text, nullable=False),  # by the company's clock
    Column("language", Text, nullable=False),
    Column("workbook", Boolean, nullable=False, server_default=text("true")),  # with the figures as XLSX
    Column("created_by", Text, nullable=False),
    moment("created_at"),
    moment("looked_at"),  # firings until then have their mails
    one_of("span", Span),
)

report_mails = Table(
    # One for each firing of a subscription, whatever happens: that is why none is sent twice.
    "report_mails",
    metadata,
    key(),
    Column("subscription_id", BigInteger, ForeignKey("report_subscriptions.id", ondelete="CASCADE"), nullable=False),
    moment("due_at"),
    Column("state", Text, nullable=False),
    moment("handed_at", nullable=True),  # is being handed to the mail server since
    moment("sent_at", nullable=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("subscription_id", "due_at"),
    one_of("state", MailState),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
)

Index("ix_promo_codes_issued_at", promo_codes.c.issued_at)
Index(
    "ix_promo_codes_redeemed_at",
    promo_codes.c.redeemed_at,
    postgresql_where=promo_codes.c.redeemed_at.is_not(None),
)
Index("ix_messages_created_at", messages.c.created_at)
Index("ix_calls_scored", calls.c.dialled_at, postgresql_where=calls.c.nps.is_not(None))
