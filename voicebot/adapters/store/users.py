"""Users, sessions and invitations in their tables."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.desk_tables import invitations, sessions, sign_in_failures, users
from voicebot.application.ports.users import Credentials, Invitation, Session
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.user import Role, User


class SqlUsers:
    """The users of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user: User, *, password_hash: str) -> User:
        row = await self._connection.execute(
            insert(users)
            .values(
                login=user.login,
                name=user.name,
                roles=sorted(user.roles),
                phone=user.phone,
                locale=user.locale,
                password_hash=password_hash,
                created_at=user.created_at,
            )
            .on_conflict_do_nothing()
            .returning(users)
        )
        added = row.one_or_none()
        if added is None:
            raise BadInput.one("login", "is taken", repair="choose another one")
        return _user(added)

    async def all(self) -> tuple[User, ...]:
        return tuple(_user(row) for row in await self._connection.execute(select(users).order_by(users.c.name)))

    async def credentials(self, login: str) -> Credentials | None:
        query = select(users).where(users.c.login == login).with_for_update(key_share=True)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Credentials(
            user=_user(row), password_hash=row.password_hash, code_secret=row.code_secret, code_step=row.code_step
        )

    async def get(self, user_id: int) -> User:
        row = (await self._connection.execute(select(users).where(users.c.id == user_id))).one_or_none()
        if row is None:
            raise NotFound(f"no user {user_id}")
        return _user(row)

    async def save(
        self, user: User, *, password_hash: str = "", code_secret: str | None = None, code_step: int | None = None
    ) -> None:
        values: dict[str, object] = {
            "name": user.name,
            "roles": sorted(user.roles),
            "phone": user.phone,
            "locale": user.locale,
            "disabled_at": user.disabled_at,
        }
        if password_hash:
            values["password_hash"] = password_hash
        if code_secret is not None:
            values["code_secret"] = code_secret
        if code_step is not None:
            values["code_step"] = code_step
        await self._connection.execute(update(users).where(users.c.id == user.id).values(values))


class SqlSessions:
    """The sessions of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, key: str, user_id: int, *, csrf: str, at: datetime) -> None:
        await self._connection.execute(
            insert(sessions).values(hash=key, user_id=user_id, csrf=csrf, created_at=at, rotated_at=at, seen_at=at)
        )

    async def find(self, key: str, *, rotated_after: datetime) -> Session | None:
        is_former = (sessions.c.former_hash == key) & (sessions.c.rotated_at > rotated_after)
        session = sessions.c
        query = (
            select(users, session.csrf, session.created_at.label("opened_at"), session.rotated_at, session.seen_at)
            .join(sessions)
            .where(or_(session.hash == key, is_former))
        )
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Session(
            user=_user(row),
            csrf=row.csrf,
            created_at=row.opened_at,
            # A former key is never rotated once more.
            rotated_at=row.rotated_at,
            seen_at=row.seen_at,
        )

    async def goes_on(self, csrf: str) -> bool:
        found = select(sessions.c.user_id).join(users).where(sessions.c.csrf == csrf, users.c.disabled_at.is_(None))
        return (await self._connection.execute(found)).first() is not None

    async def touch(self, key: str, *, at: datetime, new_key: str = "") -> bool:
        values: dict[str, object] = {"seen_at": at}
        if new_key:
            values |= {"hash": new_key, "former_hash": key, "rotated_at": at}
        done = await self._connection.execute(update(sessions).where(sessions.c.hash == key).values(values))
        return done.rowcount > 0

    async def close(self, key: str) -> None:
        await self._connection.execute(
            delete(sessions).where(or_(sessions.c.hash == key, sessions.c.former_hash == key))
        )

    async def close_all(self, user_id: int) -> None:
        await self._connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


class SqlInvitations:
    """The invitations of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, key: str, roles: Iterable[Role], *, invited_by: str, at: datetime, until: datetime) -> None:
        await self._connection.execute(
            insert(invitations).values(
                hash=key, roles=sorted(roles), invited_by=invited_by, created_at=at, expires_at=until
            )
        )

    async def lock(self, key: str, *, now: datetime) -> Invitation | None:
        query = (
            select(invitations)
            .where(invitations.c.hash == key, invitations.c.used_at.is_(None), invitations.c.expires_at > now)
            .with_for_update()
        )
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Invitation(
            id=row.id,
            roles=frozenset(Role(role) for role in row.roles),
            invited_by=row.invited_by,
            expires_at=row.expires_at,
        )

    async def use(self, invitation_id: int, *, at: datetime) -> None:
        await self._connection.execute(update(invitations).where(invitations.c.id == invitation_id).values(used_at=at))


class SqlSignInFailures:
    """The failed tries of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, login: str, address: str, *, at: datetime) -> None:
        await self._connection.execute(insert(sign_in_failures).values(login=login[:64], address=address, at=at))

    async def count(self, login: str, address: str, *, since: datetime) -> tuple[int, int]:
        lately = sign_in_failures.c.at > since
        of_login = select(func.count()).where(sign_in_failures.c.login == login[:64], lately).scalar_subquery()
        of_address = select(func.count()).where(sign_in_failures.c.address == address, lately).scalar_subquery()
        row = (await self._connection.execute(select(of_login.label("login"), of_address.label("address")))).one()
        return row.login, row.address

    async def forget(self, login: str) -> None:
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.login == login[:64]))


def _user(row: Row[*tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        phone=row.phone,
        locale=row.locale,
        has_code=bool(row.code_secret),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
