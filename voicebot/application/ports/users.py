"""Who may sign in to the desk, and who has, as the use cases ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain.user import Role, User


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a user proves themselves with; never shown, logged or compared outside `sign_in`."""

    user: User
    password_hash: str
    code_secret: str
    """Base32 secret of the one-time codes; empty before set-up."""
    code_step: int
    """The last 30-second step a code was taken of: a code is good once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Somebody signed in, on one device."""

    user: User
    csrf: str
    """What a form of this session carries."""
    created_at: datetime
    rotated_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A link with which one person creates their user."""

    id: int
    roles: frozenset[Role]
    invited_by: str
    expires_at: datetime


class Users(Protocol):
    """The users."""

    async def add(self, user: User, *, password_hash: str) -> User:
        """Store a new user, whose id is 0 before; raises BadInput when the login is taken."""

    async def all(self) -> tuple[User, ...]:
        """Every user by name, the disabled ones too."""

    async def credentials(self, login: str) -> Credentials | None:
        """What somebody who says this login must prove; locked until the end of the unit."""

    async def get(self, user_id: int) -> User:
        """The user; raises NotFound."""

    async def save(
        self, user: User, *, password_hash: str = "", code_secret: str | None = None, code_step: int | None = None
    ) -> None:
        """Write name, roles, phone, locale and whether they are disabled; the secrets only where given."""


class Sessions(Protocol):
    """Who is signed in. Keys are SHA-256 of what the cookie holds: the table opens no door."""

    async def open(self, key: str, user_id: int, *, csrf: str, at: datetime) -> None:
        """A new session."""

    async def find(self, key: str, *, rotated_after: datetime) -> Session | None:
        """The session with this key, or with this former key when it was rotated after that moment."""

    async def goes_on(self, csrf: str) -> bool:
        """Whether the session with this token for forms is still there, whatever its key is by now."""

    async def touch(self, key: str, *, at: datetime, new_key: str = "") -> bool:
        """Remember that it was used; `new_key` takes the place of the old one.

        False when that has another key by now.
        """

    async def close(self, key: str) -> None:
        """Sign out."""

    async def close_all(self, user_id: int) -> None:
        """Sign the user out everywhere."""


class Invitations(Protocol):
    """Links that make users; keys are hashed likewise."""

    async def add(self, key: str, roles: Iterable[Role], *, invited_by: str, at: datetime, until: datetime) -> None:
        """A new one."""

    async def lock(self, key: str, *, now: datetime) -> Invitation | None:
        """The unused one that has not expired, kept from others until the end of the unit."""

    async def use(self, invitation_id: int, *, at: datetime) -> None:
        """It works once."""


class SignInFailures(Protocol):
    """Wrong passwords and codes of late."""

    async def add(self, login: str, address: str, *, at: datetime) -> None:
        """One more."""

    async def count(self, login: str, address: str, *, since: datetime) -> tuple[int, int]:
        """How many for the login, and how many from the address."""

    async def forget(self, login: str) -> None:
        """The right one was given."""
