"""Inviting, changing and disabling users of the desk."""

import asyncio
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.desk.sign_in import Doorkeeper, SignedIn, key_of, open_session
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.click_call import phone_or_address
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.phone import Phone
from voicebot.domain.user import LEAST_PASSWORD, Permission, Role, User

_VALID: Final = timedelta(hours=24)
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUser:
    """What somebody fills in who follows an invitation."""

    login: str
    name: str
    password: str


async def invite_first_user(open_unit: OpenDeskUnit, now: datetime) -> str | None:
    """Token of a one-time link for whoever starts the program first; None when there are users already.

    There is no default password: the link is shown on the console of the machine and works once, for a day.
    """
    async with open_unit() as unit:
        if await unit.users.all():
            return None
        token = secrets.token_urlsafe(24)
        await unit.invitations.add(key_of(token), Role, invited_by="setup", at=now, until=now + _VALID)
        await unit.audit.record(at=now, actor="setup", action="user.invited", details={"roles": sorted(Role)})
        await unit.commit()
    return token


async def invite_user(open_unit: OpenDeskUnit, roles: Iterable[Role], *, by: str, now: datetime) -> str:
    """Token of a one-time link for a new user with these roles, good for a day."""
    wanted = sorted(set(roles))
    if not wanted:
        raise BadInput.one("roles", "none is named", repair=f"choose among {', '.join(Role)}")
    token = secrets.token_urlsafe(24)
    async with open_unit() as unit:
        await unit.invitations.add(key_of(token), wanted, invited_by=by, at=now, until=now + _VALID)
        await unit.audit.record(at=now, actor=by, action="user.invited", details={"roles": [*wanted]})
        await unit.commit()
    return token


async def accept_invitation(keeper: Doorkeeper, token: str, wanted: NewUser, now: datetime) -> SignedIn | None:
    """Create the user and sign them in; None when the link is used up, expired or wrong.

    Raises BadInput with everything that is wrong with the form; the link stays good then.
    """
    _check(wanted)
    password_hash = await asyncio.to_thread(keeper.passwords.hash, wanted.password)
    async with keeper.open_unit() as unit:
        invitation = await unit.invitations.lock(key_of(token), now=now)
        if invitation is None:
            return None
        new = User(
            id=0, login=wanted.login.strip().lower(), name=wanted.name.strip(), roles=invitation.roles, created_at=now
        )
        user = await unit.users.add(new, password_hash=password_hash)
        await unit.invitations.use(invitation.id, at=now)
        session = await open_session(unit, user, now)
        await unit.audit.record(
            at=now,
            actor=user.name,
            action="user.created",
            subject=f"user:{user.id}",
            details={"roles": sorted(user.roles), "invited_by": invitation.invited_by},
        )
        await unit.commit()
    return SignedIn(token=session, user=user)


async def change_user(
    open_unit: OpenDeskUnit,
    user_id: int,
    *,
    roles: Iterable[Role] | None = None,
    disabled: bool | None = None,
    by: User,
    now: datetime,
) -> User:
    """Give other roles, or shut out or let in again; the user's sessions end.

    Raises BadInput when nobody would be left who can manage users.
    """
    async with open_unit() as unit:
        user = await unit.users.get(user_id)
        if roles is not None:
            user = replace(user, roles=frozenset(roles))
        if disabled is not None:
            user = replace(user, disabled_at=now if disabled else None)
        others = [one for one in await unit.users.all() if one.id != user.id]
        if not any(one.may(Permission.MANAGE_USERS) and not one.disabled_at for one in (*others, user)):
            raise BadInput.one(
                "users", "nobody would be left to manage users", repair="make somebody else an admin first"
            )
        await unit.users.save(user)
        await unit.sessions.close_all(user.id)
        await unit.audit.record(
            at=now,
            actor=by.name,
            action="user.changed",
            subject=f"user:{user.id}",
            details={"roles": sorted(user.roles), "disabled": user.disabled_at is not None},
        )
        await unit.commit()
    return user


async def change_own_phone(open_unit: OpenDeskUnit, written: str, *, by: User, now: datetime) -> User:
    """Where click-to-call rings this user: a number as people write it, or a SIP address; empty for nowhere.

    Raises BadInput for what is neither.
    """
    try:
        phone = phone_or_address(written) if written.strip() else ""
    except ValueError as error:
        repair = "+7 916 123-45-67, or sip:anna@office.example.ru"
        raise BadInput.one("phone", str(error), repair=repair) from error
    user = replace(by, phone=phone.e164 if isinstance(phone, Phone) else phone)
    async with open_unit() as unit:
        await unit.users.save(user)
        await unit.audit.record(at=now, actor=by.name, action="user.phone_changed", subject=f"user:{by.id}")
        await unit.commit()
    return user


def _check(wanted: NewUser) -> None:
    problems = []
    if not _LOGIN.fullmatch(wanted.login.strip().lower()):
        problems.append(Problem(source="login", where="", message="needs 2 to 64 of a-z, 0-9, . _ @ -"))
    if not wanted.name.strip():
        problems.append(Problem(source="name", where="", message="is empty", repair="it stands in the audit log"))
    if len(wanted.password) < LEAST_PASSWORD:
        problems.append(Problem(source="password", where="", message=f"is shorter than {LEAST_PASSWORD} characters"))
    if wanted.password and wanted.login.strip().lower() in wanted.password.lower():
        problems.append(Problem(source="password", where="", message="holds the login"))
    if problems:
        raise BadInput(problems)
