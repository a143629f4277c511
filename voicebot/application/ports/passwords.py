"""Secrets people know or hold: passwords and one-time codes."""

from datetime import datetime
from typing import Protocol


class PasswordHasher(Protocol):
    """Slow on purpose: call it off the event loop."""

    def hash(self, password: str) -> str:
        """What is stored of a password."""

    def verify(self, password_hash: str, password: str) -> bool:
        """Whether it is the password."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with weaker parameters than today's."""


class OneTimeCodes(Protocol):
    """Six digits that change every 30 seconds (TOTP, RFC 6238)."""

    def new_secret(self) -> str:
        """Base32, for one user."""

    def is_secret(self, text: str) -> bool:
        """Whether `new_secret` could have made it."""

    def uri(self, secret: str, login: str) -> str:
        """otpauth:// address an authenticator application reads."""

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """The time step the code belongs to, one step of clock difference allowed; None for a wrong code."""
