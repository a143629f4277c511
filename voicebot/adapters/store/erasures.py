"""Forgetting people in the tables, and the acts of it."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store import erasure_sql
from voicebot.adapters.store.campaign_tables import leads, release_leads
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.customer_pages import SqlCustomerPages
from voicebot.adapters.store.customers import SqlCustomers
from voicebot.adapters.store.desk_tables import erasures
from voicebot.domain.customer import Customer
from voicebot.domain.erasure import ERASED, ERASED_PHONE, ErasureAct, ErasureGround, Forgotten
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import LeadEnd, LeadEvent, LeadState, move_lead
from voicebot.domain.stops import ERASURE

_LEAST_LETTERS: Final = 3
"""Of a name that is looked for in texts: shorter ones stand in other words."""
_BETWEEN: Final = r"[ ().‑–-]*"
"""What people write between the digits of a number."""


class SqlErasures:
    """The erasures of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def in_call(self, customer_id: int) -> bool:
        # As everybody who begins a call locks the person.
        person = select(customers.c.id).where(customers.c.id == customer_id).with_for_update()
        await self._connection.execute(person)
        return bool(await self._connection.scalar(text(erasure_sql.BUSY), {"customer": customer_id}))

    async def is_erased(self, customer_id: int) -> bool:
        found = exists().where(customers.c.id == customer_id, customers.c.erased_at.is_not(None))
        return bool(await self._connection.scalar(select(found)))

    async def forget(self, customer_id: int, *, at: datetime) -> Forgotten:
        customer = await SqlCustomers(self._connection).get(customer_id)
        recordings = await SqlCustomerPages(self._connection).recordings(customer_id)
        numbers = await self._numbers(customer_id)
        pattern = naming(customer, [row.phone for row in numbers])
        closed = await self._close(customer_id, at)
        counts = await self._stop(customer_id, numbers, at)
        values = {
            "customer": customer_id,
            "at": at,
            "phone": ERASED_PHONE.e164,
            "pattern": pattern,
            "mark": ERASED,
        }
        for kind, statement in erasure_sql.ERASURES.items():
            done = await self._connection.execute(text(statement), _used(statement, values))
            if done.rowcount:
                counts[kind] = done.rowcount
        external_id = await self._external_id(customer, pattern)
        person = {"customer": customer_id, "at": at, "external_id": external_id}
        await self._connection.execute(text(erasure_sql.PERSON), person)
        return Forgotten(
            counts=counts,
            recordings=tuple(path for _, path in recordings),
            key_replaced=external_id != customer.external_id,
            closed=closed,
        )

    async def draw_up(
        self, customer_id: int, done: Forgotten, ground: ErasureGround, requested: date, *, by: str, at: datetime
    ) -> int:
        counts = {**done.counts, **({"recordings": len(done.recordings)} if done.recordings else {})}
        act = insert(erasures).values(
            customer_id=customer_id,
            ground=ground.value,
            requested_at=requested.isoformat(),
            erased_by=by,
            details={"counts": counts, "files": list(done.recordings)},
            complete=not done.recordings,
            at=at,
        )
        return int((await self._connection.execute(act.returning(erasures.c.id))).scalar_one())

    async def complete(self, act_id: int) -> None:
        await self._connection.execute(text(erasure_sql.COMPLETE), {"act": act_id})

    async def act(self, act_id: int) -> ErasureAct:
        row = (await self._connection.execute(_acts().where(erasures.c.id == act_id))).one_or_none()
        if row is None:
            raise NotFound(f"no act of erasure {act_id}")
        return _act(row)

    async def acts(self, *, before: int | None, limit: int) -> tuple[ErasureAct, ...]:
        query = _acts().order_by(erasures.c.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(erasures.c.id < before)
        return tuple(_act(row) for row in await self._connection.execute(query))

    async def incomplete(self) -> tuple[ErasureAct, ...]:
        query = _acts().where(~erasures.c.complete).order_by(erasures.c.id)
        return tuple(_act(row) for row in await self._connection.execute(query))

    async def _numbers(self, customer_id: int) -> list[Row[*tuple[Any, ...]]]:
        return list(await self._connection.execute(text(erasure_sql.NUMBERS), {"customer": customer_id}))

    async def _close(self, customer_id: int, at: datetime) -> tuple[int, ...]:
        done = move_lead(LeadState.QUEUED, LeadEvent.CLOSE).value
        values = {"customer": customer_id, "at": at, "done": done, "ended_by": LeadEnd.ERASED.value}
        return tuple((await self._connection.scalars(text(erasure_sql.CLOSE), values)).all())

    async def _stop(self, customer_id: int, numbers: Iterable[Row[*tuple[Any, ...]]], at: datetime) -> dict[str, int]:
        """Nobody may call the person's numbers again; one that somebody else has, too, is left to them."""
        await self._connection.execute(text(erasure_sql.SALT))
        await self._connection.execute(text(erasure_sql.STOP), {"customer": customer_id, "at": at, "source": ERASURE})
        kept = 0
        for number in numbers:
            if number.shared or number.phone == ERASED_PHONE.e164:
                continue
            if number.theirs or number.stopped_at:
                since = number.stopped_at or at
                values = {"phone": number.phone, "since": since, "source": ERASURE}
                await self._connection.execute(text(erasure_sql.REMEMBER), values)
                kept += 1
            await self._connection.execute(text(erasure_sql.FREE), {"phone": number.phone})
        return {"numbers_hashed": kept} if kept else {}

    async def _external_id(self, customer: Customer, pattern: str) -> str:
        """The key that stays; another one where it is the person's number or name, and no signed list holds it."""
        if not re.search(_python(pattern), customer.external_id, re.IGNORECASE):
            return customer.external_id
        signed = exists().where(release_leads.c.lead_id == leads.c.id, leads.c.customer_id == customer.id)
        if await self._connection.scalar(select(signed)):
            return customer.external_id
        return f"erased:{customer.id}"


def naming(customer: Customer, numbers: Iterable[str]) -> str:
    """A PostgreSQL pattern of everything that names the person: names in any case ending, e-mail, numbers."""
    names = (customer.name.last, customer.name.first, customer.name.patronymic)
    found = [rf"\m{_stem(name)}\w*" for name in names if len(name) >= _LEAST_LETTERS]
    if customer.email:
        found.append(re.escape(customer.email))
    for number in numbers:
        digits = number.removeprefix("+7") if number.startswith("+7") else number.removeprefix("+")
        found.append(r"(?:\+?7|8)?" + _BETWEEN + _BETWEEN.join(digits))
    return "|".join(found) or r"\m\M"


def _stem(name: str) -> str:
    """The name without the last vowel, which declension changes."""
    stem = re.escape(name[:-1] if name[-1].lower() in "аяйоеыиь" and len(name) > _LEAST_LETTERS else name)
    return re.sub("[её]", "[её]", stem, flags=re.IGNORECASE)


def _python(pattern: str) -> str:
    """The same for Python, whose word edges are written otherwise."""
    return pattern.replace(r"\m\M", r"(?!)").replace(r"\m", r"\b")


def _used(statement: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _acts() -> Select[*tuple[Any, ...]]:
    key = func.coalesce(customers.c.external_id, "").label("external_id")
    return select(erasures, key).select_from(erasures.outerjoin(customers, customers.c.id == erasures.c.customer_id))


def _act(row: Row[*tuple[Any, ...]]) -> ErasureAct:
    return ErasureAct(
        id=row.id,
        customer_id=row.customer_id,
        external_id=row.external_id,
        ground=ErasureGround(row.ground),
        requested=date.fromisoformat(row.requested_at),
        erased_by=row.erased_by,
        at=row.at,
        counts=row.details.get("counts", {}),
        complete=row.complete,
        files=tuple(row.details.get("files", ())),
    )
