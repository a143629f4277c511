"""Mass loading: COPY into temporary tables, then a few statements for everything."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.crm_loading_sql import CONSENTS, CUSTOMERS, EVENTS, ORDERS, Stage
from voicebot.adapters.store.crm_tables import customers
from voicebot.application.ports.crm_import import CrmRecord, LoadCounts
from voicebot.domain.consent import NewConsent
from voicebot.domain.customer import NewCustomer, NewInterest
from voicebot.domain.order import NewOrder


class SqlCrmLoader:
    """The loader of one transaction; what it stages vanishes with the transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._staged: set[type[CrmRecord]] = set()

    async def known_customers(self, external_ids: Collection[str]) -> frozenset[str]:
        wanted = bindparam("ids", list(external_ids), type_=ARRAY(TEXT))
        query = select(customers.c.external_id).where(customers.c.external_id == any_(wanted))
        return frozenset((await self._connection.scalars(query)).all())

    async def stage(self, records: Sequence[CrmRecord]) -> None:
        if not records:
            return
        kind = type(records[0])
        stage = _STAGES[kind]
        if kind not in self._staged:
            await self._connection.execute(text(f"DROP TABLE IF EXISTS {stage.table}"))
            await self._connection.execute(text(stage.create))
            self._staged.add(kind)
        buffer = io.StringIO()
        csv.writer(buffer).writerows(cells for record in records for cells in _ENCODERS[kind](record))
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        async with driver.cursor() as cursor, cursor.copy(stage.copy) as copy:
            await copy.write(buffer.getvalue())

    async def apply(self, *, without: Collection[str] = (), keep: Collection[str] = ()) -> LoadCounts:
        added = updated = 0
        for stage in (stage for kind, stage in _STAGES.items() if kind in self._staged):
            if without and "external_id" in stage.columns:
                leave_out = text(f"DELETE FROM {stage.table} WHERE external_id = ANY (:without)")  # ours
                await self._connection.execute(leave_out, {"without": list(without)})
            await self._connection.execute(text(f"ANALYZE {stage.table}"))
            counts = (await self._connection.execute(text(stage.upsert(keep)))).one()
            for statement in stage.following(keep):
                await self._connection.execute(text(statement))
            added, updated = added + counts.added, updated + counts.updated
        self._staged.clear()
        return LoadCounts(added=added, updated=updated)


def _customer(record: NewCustomer) -> Iterator[Sequence[object]]:
    yield (
        record.external_id,
        record.name.last,
        record.name.first,
        record.name.patronymic,
        record.email,
        record.time_zone,
        record.value_class,
        record.preferred_channel,
        "{" + ",".join(phone.e164 for phone in record.phones) + "}",
    )


def _order(record: NewOrder) -> Iterator[Sequence[object]]:
    head = (record.external_id, record.customer, record.placed_at.isoformat(), record.currency, record.promo_code)
    for line in record.lines:
        yield (*head, line.what, line.category, line.quantity, line.price, line.margin)


def _consent(record: NewConsent) -> Iterator[Sequence[object]]:
    consent = record.consent
    yield (
        record.customer,
        consent.scope,
        consent.kind,
        consent.source,
        consent.wording,
        consent.given_at.isoformat(),
        consent.proof,
        consent.withdrawn_at.isoformat() if consent.withdrawn_at else None,
    )


def _interest(record: NewInterest) -> Iterator[Sequence[object]]:
    yield record.customer, record.kind, record.at.isoformat()


_STAGES: Final[Mapping[type[CrmRecord], Stage]] = {
    NewCustomer: CUSTOMERS,  # first: the others belong to them
    NewOrder: ORDERS,
    NewConsent: CONSENTS,
    NewInterest: EVENTS,
}
_ENCODERS: Final[Mapping[type[CrmRecord], Callable[[Any], Iterator[Sequence[object]]]]] = {
    NewCustomer: _customer,
    NewOrder: _order,
    NewConsent: _consent,
    NewInterest: _interest,
}
