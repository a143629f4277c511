"""Tables of the campaigns' part of the desk."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment

campaign_drafts = Table(
    # A campaign as somebody is typing it, right or wrong: nothing typed is lost.
    "campaign_drafts",
    metadata,
    key(),
    Column("author", Text, nullable=False),  # login of who began it
    Column("fields", JSONB, nullable=False),  # of the forms, as they were typed
    moment("created_at"),
    moment("updated_at"),
    belongs_to("campaigns", nullable=True),  # that was made of it
    moment("sent_at", nullable=True),  # its list is being gathered since; NULL: nothing is under way
    Index(None, "updated_at"),
    Index(None, "campaign_id", "id"),
)

release_refusals = Table(
    # What a releaser would not answer for, and why.
    "release_refusals",
    metadata,
    key(),
    belongs_to("campaigns"),
    Column("refused_by", Text, nullable=False),
    moment("refused_at"),
    Column("leads", Integer, nullable=False),  # people it was about
    Column("reason", Text, nullable=False),
    CheckConstraint("leads >= 0", name="leads"),
    Index(None, "campaign_id", "id"),
)

campaign_figures = Table(
    # The figures of a campaign as they were counted last: pages show them at once, and count anew behind the reader.
    "campaign_figures",
    metadata,
    key(),
    belongs_to("campaigns"),
    moment("counted_at"),
    Column("figures", JSONB, nullable=False),
    UniqueConstraint("campaign_id"),
)
