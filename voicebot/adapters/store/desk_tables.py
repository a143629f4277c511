"""Tables of the desk: users, sessions, invitations, tokens, corrections, versions of documents."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from voicebot.adapters.store.metadata import belongs_to, key, metadata, moment

users = Table(
    "users",
    metadata,
    key(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", JSONB, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("locale", Text, nullable=False, server_default="ru"),
    Column("password_hash", Text, nullable=False),  # argon2id with its parameters
    Column("code_secret", Text, nullable=False, server_default=""),  # of the one-time codes; empty before set-up
    Column("code_step", BigInteger, nullable=False, server_default="0"),  # the last one used: a code is good once
    moment("created_at"),
    moment("disabled_at", nullable=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of what the cookie holds
    Column("former_hash", Text, nullable=False, server_default=""),  # before the last rotation: pages under way use it
    belongs_to("users"),
    Column("csrf", Text, nullable=False),
    moment("created_at"),
    moment("rotated_at"),
    moment("seen_at"),
    Index(None, "user_id"),
    Index(None, "former_hash"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    key(),
    Column("login", Text, nullable=False),
    Column("address", Text, nullable=False),
    moment("at"),
    Index(None, "login", "at"),
    Index(None, "address", "at"),
)

invitations = Table(
    "invitations",
    metadata,
    key(),
    Column("hash", Text, nullable=False, unique=True),  # SHA-256 of the link's token
    Column("roles", JSONB, nullable=False),
    Column("invited_by", Text, nullable=False),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("scopes", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    moment("created_at"),
    moment("used_at", nullable=True),
    moment("revoked_at", nullable=True),
    moment("expires_at", nullable=True),  # NULL: good until it is revoked
)

api_rates = Table(
    # How much each caller of the API has asked: unlogged, for a crash may well forget a minute.
    "api_rates",
    metadata,
    Column("caller", Text, primary_key=True),
    moment("full_at"),  # when the allowance is whole again
    prefixes=["UNLOGGED"],
)

idempotency_keys = Table(
    # What a request with an Idempotency-Key was answered: the same key gets the same answer, the work is done once.
    "idempotency_keys",
    metadata,
    key(),
    Column("key", Text, nullable=False),
    Column("caller", Text, nullable=False),  # the token it came with
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", JSONB, nullable=False),
    moment("at"),
    UniqueConstraint("caller", "key"),
    Index(None, "at"),
)

corrections = Table(
    # What a person says the customer said and meant: they become test cases of the phrase books.
    "corrections",
    metadata,
    key(),
    belongs_to("turns"),
    Column("state", Text, nullable=False),
    Column("heard", Text, nullable=False),  # as the recogniser wrote it
    Column("words", Text, nullable=False),  # as it was said
    Column("was", Text, nullable=False, server_default=""),  # the intent it was taken for
    Column("intent", Text, nullable=False),  # the right one
    Column("corrected_by", Text, nullable=False),
    moment("at"),
    moment("exported_at", nullable=True),
    UniqueConstraint("turn_id"),
)

document_versions = Table(
    # Every version of a script, a phrase book or a dialplan that was saved at the desk; the newest is in force.
    "document_versions",
    metadata,
    key(),
    Column("kind", Text, nullable=False),  # script, dialplan, phrases
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    moment("at"),
    UniqueConstraint("kind", "name", "version"),
)

escalation_notes = Table(
    "escalation_notes",
    metadata,
    key(),
    belongs_to("escalations"),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    moment("at"),
    Index(None, "escalation_id"),
)

erasures = Table(
    # The act of forgetting a person (152-FZ): what was erased, when, on what ground; nothing of the person.
    "erasures",
    metadata,
    key(),
    Column("customer_id", BigInteger, nullable=False),
    Column("ground", Text, nullable=False),
    Column("requested_at", Text, nullable=False, server_default=""),
    Column("erased_by", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("complete", Boolean, nullable=False, server_default=text("true")),
    moment("at"),
)
