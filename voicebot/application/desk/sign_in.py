"""Signing in to the desk, staying signed in, signing out."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.passwords import OneTimeCodes, PasswordHasher
from voicebot.application.ports.users import Credentials, Session
from voicebot.domain.user import User

IDLE: Final = timedelta(hours=2)
"""A session nobody used for so long is over."""
LONGEST: Final = timedelta(hours=12)
"""A session ends then in any case: one working day."""
ROTATE_AFTER: Final = timedelta(minutes=15)
"""The key in the cookie changes; a stolen one is good for no longer."""
_OVERLAP: Final = timedelta(seconds=60)
"""Requests under way may still show the former key."""
_WINDOW: Final = timedelta(minutes=15)
_FAILURES_OF_LOGIN: Final = 5
_FAILURES_OF_ADDRESS: Final = 30
"""Wrong tries within the window; then nobody is let in until it has passed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Doorkeeper:
    """What signing in needs."""

    open_unit: OpenDeskUnit
    passwords: PasswordHasher
    codes: OneTimeCodes
    nobody: str
    """Hash of a password nobody has: an unknown login takes as long as a known one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """It worked."""

    token: str
    """For the cookie; only its hash is stored."""
    user: User


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """It did not; nothing tells whether login, password or code was wrong."""

    wait: timedelta | None = None
    """How long to wait after too many tries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCode:
    """What somebody fills in who sets up one-time codes."""

    secret: str
    code: str
    """The first one the authenticator showed."""
    password: str = ""
    """Asked for when other codes are replaced."""


async def sign_in(
    keeper: Doorkeeper, login: str, password: str, code: str, *, address: str, now: datetime
) -> SignedIn | Refused:
    """A session for whoever proves to be the user; `address` is the client's, for throttling."""
    login = login.strip().lower()
    async with keeper.open_unit() as unit:
        known = await unit.users.credentials(login)  # locked: who tries many at once is counted one by one
        of_login, of_address = await unit.sign_in_failures.count(login, address, since=now - _WINDOW)
        if of_login >= _FAILURES_OF_LOGIN or of_address >= _FAILURES_OF_ADDRESS:
            return Refused(wait=_WINDOW)
        step = await _proven(keeper, known, password, code, now)
        if known is None or step is None:
            await unit.sign_in_failures.add(login, address, at=now)
            await unit.audit.record(at=now, actor="desk", action="user.sign_in_failed", details={"address": address})
            await unit.commit()
            return Refused()
        await unit.sign_in_failures.forget(login)
        outdated = keeper.passwords.is_outdated(known.password_hash)
        renewed = await asyncio.to_thread(keeper.passwords.hash, password) if outdated else ""
        await unit.users.save(known.user, password_hash=renewed, code_step=step)
        token = await open_session(unit, known.user, now)
        await unit.audit.record(at=now, actor=known.user.name, action="user.signed_in", subject=f"user:{known.user.id}")
        await unit.commit()
    return SignedIn(token=token, user=known.user)


async def open_session(unit: DeskUnit, user: User, now: datetime) -> str:
    """A new session as part of a larger unit; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    await unit.sessions.open(key_of(token), user.id, csrf=secrets.token_urlsafe(32), at=now)
    return token


async def resume_session(open_unit: OpenDeskUnit, token: str, now: datetime) -> tuple[Session, str] | None:
    """The session of a cookie and the token the cookie should hold from now on; None when it is over."""
    key = key_of(token)
    async with open_unit() as unit:
        session = await unit.sessions.find(key, rotated_after=now - _OVERLAP)
        if session is None:
            return None
        if session.user.disabled_at or now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            await unit.sessions.close(key)
            await unit.commit()
            return None
        if now - session.rotated_at > ROTATE_AFTER:
            fresh = secrets.token_urlsafe(32)
            # Of two requests at once one changes the key; the other's cookie is good for a moment more.
            if await unit.sessions.touch(key, at=now, new_key=key_of(fresh)):
                token = fresh
            await unit.commit()
        elif now - session.seen_at > _OVERLAP:
            await unit.sessions.touch(key, at=now)
            await unit.commit()
    return session, token


async def sign_out(open_unit: OpenDeskUnit, token: str, *, by: User, now: datetime) -> None:
    """End the session of a cookie."""
    async with open_unit() as unit:
        await unit.sessions.close(key_of(token))
        await unit.audit.record(at=now, actor=by.name, action="user.signed_out", subject=f"user:{by.id}")
        await unit.commit()


async def set_up_code(keeper: Doorkeeper, user: User, new: NewCode, now: datetime) -> bool:
    """Keep the secret of the user's authenticator once it has shown a right code; False for a wrong one.

    Who has codes already proves with their password that they are not somebody at an unwatched desk.
    """
    step = keeper.codes.step_of(new.secret, new.code, now)
    if step is None:
        return False
    async with keeper.open_unit() as unit:
        if user.has_code and not await _knows_password(keeper, unit, user, new.password):
            return False
        await unit.users.save(replace(user, has_code=True), code_secret=new.secret, code_step=step)
        await unit.audit.record(at=now, actor=user.name, action="user.code_set_up", subject=f"user:{user.id}")
        await unit.commit()
    return True


def key_of(token: str) -> str:
    """What the store knows of a random token; no slow hash is needed for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _knows_password(keeper: Doorkeeper, unit: DeskUnit, user: User, password: str) -> bool:
    known = await unit.users.credentials(user.login)
    return known is not None and await asyncio.to_thread(keeper.passwords.verify, known.password_hash, password)


async def _proven(keeper: Doorkeeper, known: Credentials | None, password: str, code: str, now: datetime) -> int | None:
    """The step of the code that was used (0 without codes); None when something is wrong."""
    stored = known.password_hash if known else keeper.nobody
    right = await asyncio.to_thread(keeper.passwords.verify, stored, password)
    if not right or known is None or known.user.disabled_at:
        return None
    if not known.code_secret:
        return known.code_step
    step = keeper.codes.step_of(known.code_secret, code, now)
    return step if step is not None and step > known.code_step else None
