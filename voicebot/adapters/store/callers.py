"""People who ring us, in the tables of customers and leads."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import leads
from voicebot.adapters.store.crm_tables import customer_phones, customers
from voicebot.adapters.store.customers import SqlCustomers
from voicebot.adapters.store.leads import lead_of
from voicebot.domain.customer import Customer
from voicebot.domain.inbound import STRANGER
from voicebot.domain.lead import Lead, LeadState
from voicebot.domain.phone import Phone


class SqlCallers:
    """The callers of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def owners_of(self, phone: Phone) -> tuple[Customer, ...]:
        found = await SqlCustomers(self._connection).with_phone(phone)
        return tuple(one for one in found if not one.external_id.startswith(STRANGER))

    async def stranger(self, external_id: str, phone: Phone | None) -> Customer:
        person = insert(customers).values(external_id=external_id).on_conflict_do_nothing()
        customer_id = await self._connection.scalar(person.returning(customers.c.id))
        if customer_id is not None and phone is not None:
            await self._connection.execute(
                insert(customer_phones).values(customer_id=customer_id, phone=phone.e164, is_primary=True)
            )
        return await SqlCustomers(self._connection).named(external_id)

    async def lock(self, customer_id: int) -> None:
        # The same lock a line takes, and passes over, when it weighs a lead.
        person = select(customers.c.id).where(customers.c.id == customer_id)
        await self._connection.execute(person.with_for_update(key_share=True))

    async def leads_of(self, customer_id: int) -> tuple[Lead, ...]:
        theirs = select(leads).where(leads.c.customer_id == customer_id, leads.c.state != LeadState.UNRELEASED)
        rows = await self._connection.execute(theirs.order_by(leads.c.id.desc()).with_for_update(key_share=True))
        return tuple(lead_of(row) for row in rows)
