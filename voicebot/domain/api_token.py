"""Tokens of programs that talk to us, and what each may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One thing a token can be allowed.

    To release a list is not among them: a named person answers for it (38-FZ art. 18 p. 2).
    """

    CAMPAIGNS_READ = "campaigns:read"  # campaigns, their lists and results
    CAMPAIGNS_WRITE = "campaigns:write"  # start again, pause
    CAMPAIGNS_EDIT = "campaigns:edit"  # put together, change, send for release, withdraw, end
    CALLS_READ = "calls:read"  # calls without what was said
    CALLS_WRITE = "calls:write"  # tags; with transcripts:read corrections of what was heard
    TRANSCRIPTS_READ = "transcripts:read"  # what was said, and the search in it
    RECORDINGS_READ = "recordings:read"  # the sound; every download is written into the audit log
    CUSTOMERS_READ = "customers:read"  # customers, and why they were called
    CUSTOMERS_WRITE = "customers:write"  # the stop-list, tags
    CUSTOMERS_EXPORT = "customers:export"  # everything we hold of a person (152-FZ); needs personal:read too
    PERSONAL_READ = "personal:read"  # names, telephones, e-mail unmasked
    ESCALATIONS_READ = "escalations:read"  # the managers' queue
    ESCALATIONS_WRITE = "escalations:write"  # take, note, give back, resolve
    REPORTS_READ = "reports:read"  # measures, today's figures
    REPORTS_WRITE = "reports:write"  # who gets the summary by e-mail
    SCRIPTS_READ = "scripts:read"  # scripts and dialplans; check and try a script
    SCRIPTS_WRITE = "scripts:write"  # what the bot says and how it is understood, for every line from the next call on
    DIALPLANS_WRITE = "dialplans:write"  # how it is dialled; needs scripts:write too
    AUDIT_READ = "audit:read"  # who did what, the chain of it, acts of erasure
    EVENTS_WRITE = "events:write"  # tell what happened to a customer
    ORDERS_WRITE = "orders:write"  # tell of orders
    METRICS_READ = "metrics:read"  # /metrics


PREFIX: Final = "vbt_"
"""Every token begins with it: searches for leaked secrets know it by that."""
LONGEST_NAME: Final = 60
"""Characters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """One token, without what must be shown: only its hash is kept."""

    id: int
    name: str
    """What it is for, as somebody called it."""
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    """None: until it is revoked."""
    used_at: datetime | None = None
    """When it was shown last, to the minute."""
    revoked_at: datetime | None = None

    def good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def actor(self) -> str:
        """As the audit log names it."""
        return f"token {self.id} ({self.name})"
