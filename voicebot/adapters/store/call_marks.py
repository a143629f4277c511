"""What people write on calls, in the tables."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.call_search_tables import call_reviews
from voicebot.adapters.store.campaign_tables import call_tags, calls, customer_tags


class SqlCallMarks:
    """The marks of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def reviewed(self, call_id: int, *, by: str, at: datetime) -> None:
        first = upsert(call_reviews).values(call_id=call_id, reviewed_by=by, at=at)
        await self._connection.execute(first.on_conflict_do_nothing())

    async def tag(self, call_id: int, tag: str, *, at: datetime) -> bool:
        given = await self._connection.execute(
            upsert(call_tags).values(call_id=call_id, tag=tag).on_conflict_do_nothing()
        )
        if not given.rowcount:
            return False
        customer_id = select(calls.c.customer_id).where(calls.c.id == call_id).scalar_subquery()
        earned = upsert(customer_tags).values(customer_id=customer_id, tag=tag, call_id=call_id, at=at)
        await self._connection.execute(
            earned.on_conflict_do_update(index_elements=["customer_id", "tag"], set_={"call_id": call_id, "at": at})
        )
        return True

    async def untag(self, call_id: int, tag: str) -> bool:
        taken = await self._connection.execute(
            delete(call_tags).where(call_tags.c.call_id == call_id, call_tags.c.tag == tag)
        )
        await self._connection.execute(
            delete(customer_tags).where(customer_tags.c.call_id == call_id, customer_tags.c.tag == tag)
        )
        return taken.rowcount > 0
