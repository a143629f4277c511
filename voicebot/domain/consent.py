"""Permission a customer gave, and its proof."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConsentScope(StrEnum):
    """What is allowed; every channel needs its own consent (38-FZ art. 18, 126-FZ art. 44.1)."""

    PROCESSING = "processing"  # to process personal data (152-FZ): separate from all others
    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    MESSENGER = "messenger"


class ConsentKind(StrEnum):
    """What for."""

    ADVERTISING = "advertising"  # advertising, and service messages too
    SERVICE = "service"  # order status, quality control, appointments: no advertising content


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """One consent with everything an advertiser must prove (38-FZ art. 18 p.1: prior, provable)."""

    scope: ConsentScope
    kind: ConsentKind
    source: str
    """Where it was given: a form, a contract, a till."""
    wording: str
    """Version of the text that was agreed to."""
    given_at: datetime
    proof: str = ""
    """Where the proof lies: a form number, a log entry, a scan."""
    withdrawn_at: datetime | None = None
    """None while it holds."""

    @property
    def in_order(self) -> bool:
        """Whether it was given before it was withdrawn."""
        return self.withdrawn_at is None or self.given_at <= self.withdrawn_at

    def allows(self, scope: ConsentScope, kind: ConsentKind, at: datetime) -> bool:
        """Whether it permits a contact of `kind` through `scope` at that moment."""
        return (
            self.scope is scope
            and (self.kind is kind or self.kind is ConsentKind.ADVERTISING)
            and self.given_at <= at
            and (self.withdrawn_at is None or at < self.withdrawn_at)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConsent:
    """A consent of one customer: what an import brings."""

    customer: str
    """External id of the customer."""
    consent: Consent
