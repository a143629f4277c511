"""Everything we hold of a person, for the person (152-FZ art. 14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.application.explain_contact import Explanation, explain_contact
from voicebot.application.ports.customer_pages import CustomerFile
from voicebot.application.ports.desk_unit import OpenDeskUnit

_ALL = 100_000
"""Orders of one person, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalData:
    """What is handed out."""

    told: Explanation
    file: CustomerFile
    talks: tuple[tuple[int, str, str, datetime], ...]
    """Every sentence of their calls: call, speaker, text, moment of the call."""
    recordings: Mapping[int, str]
    """Call -> path below the recordings folder."""


async def export_customer(open_unit: OpenDeskUnit, customer_id: int, *, by: str, now: datetime) -> PersonalData:
    """Gather it, and write down who asked; raises NotFound."""
    async with open_unit() as unit:
        customer = await unit.customers.get(customer_id)
        file = await unit.customer_pages.file(customer_id, orders=_ALL)
        talks = tuple(await unit.customer_pages.turns(customer_id))
        recordings = dict(await unit.customer_pages.recordings(customer_id))
        await unit.audit.record(at=now, actor=by, action="customer.exported", subject=f"customer:{customer_id}")
        await unit.commit()
    told = await explain_contact(open_unit, customer.external_id, now=now)
    return PersonalData(told=told, file=file, talks=talks, recordings=recordings)
