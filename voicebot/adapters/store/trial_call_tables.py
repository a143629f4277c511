"""The table of trial calls."""

from sqlalchemy import Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import key, metadata, moment, one_of
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.trial_call import TrialResult

trial_calls = Table(
    # A line rings somebody of the company and speaks a script. No customer, no recording, in no figure.
    "trial_calls",
    metadata,
    key(),
    Column("requested_by", Text, nullable=False),  # login
    Column("address", Text, nullable=False),  # E.164 or SIP
    Column("script", Text, nullable=False),
    Column("dialplan", Text, nullable=False, server_default=""),
    Column("variables", JSONB, nullable=False),
    Column("about", Text, nullable=False, server_default=""),  # what is tried: campaign:7
    moment("requested_at"),
    Column("owner", Text, nullable=False, server_default=""),  # the line that carries it out
    moment("lease_until", nullable=True),
    Column("trunk", Text, nullable=False, server_default=""),
    moment("answered_at", nullable=True),
    moment("ended_at", nullable=True),
    Column("result", Text, nullable=True),
    Column("turns", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("outcome_group", Text, nullable=True),
    Column("disposition", Text, nullable=True),
    one_of("result", TrialResult),
    one_of("outcome_group", Group),
    one_of("disposition", Disposition),
    Index(None, "requested_by", "id"),
)
Index(
    # One at a time for a person; also the queue of the lines.
    "uq_trial_calls_open_requested_by",
    trial_calls.c.requested_by,
    unique=True,
    postgresql_where=trial_calls.c.ended_at.is_(None),
)
