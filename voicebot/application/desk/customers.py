"""Finding a customer, looking at their card, stopping calls to them and allowing them again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.desk.tags import read_tag
from voicebot.application.explain_contact import Explanation, explain
from voicebot.application.ports.customer_pages import CustomerFile, CustomerQuery
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.stop_contact import Stop, stop_contact
from voicebot.domain.audit import ChainedEntry
from voicebot.domain.errors import BadInput
from voicebot.domain.phone import parse_phone
from voicebot.domain.stops import ASKED, COMPANY, may_lift
from voicebot.domain.user import User

VIEWED: Final = "customer.viewed"
_ONE_VIEW: Final = timedelta(hours=1)
"""Looking at the same card again within this is the same view."""
_ORDERS: Final = 50
"""The newest ones, on a card."""
_WORD: Final = re.compile(r"[^\W_]+")
_LEAST_DIGITS: Final = 7
"""Of a telephone that is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """Everything the page of one customer shows."""

    told: Explanation
    file: CustomerFile
    may_lift: bool
    """Whether the stop may be taken off."""


def read_query(written: str, *, before: int | None = None, after: int | None = None) -> CustomerQuery:
    """What somebody typed into the one field: an e-mail, a telephone in any spelling, names, an external id."""
    wanted = " ".join(written.split())
    query = CustomerQuery(external_id=wanted, before=before, after=after)
    if "@" in wanted:
        return replace(query, email=wanted)
    if any(letter.isalpha() for letter in wanted):
        return replace(query, words=tuple(_WORD.findall(wanted.lower().replace("ё", "е"))))
    try:
        return replace(query, phone=parse_phone(wanted)) if len(re.sub(r"\D", "", wanted)) >= _LEAST_DIGITS else query
    except ValueError:
        return query


async def view_card(open_unit: OpenDeskUnit, customer_id: int, *, by: User, now: datetime) -> Card:
    """The card; that `by` looked at it is written down, once an hour. Raises NotFound."""
    async with open_unit() as unit:
        told = await explain(unit, await unit.customers.get(customer_id), now)
        file = await unit.customer_pages.file(customer_id, orders=_ORDERS)
        if not _viewed(told.log, customer_id, by, now):
            await _record(unit, VIEWED, customer_id, by, now, {})
        await unit.commit()
    return Card(told=told, file=file, may_lift=may_lift(told.history.stops, told.consents, now))


async def stop_customer(open_unit: OpenDeskUnit, customer_id: int, *, asked: bool, by: User, now: datetime) -> None:
    """No campaign and no channel reaches the person any more. `asked`: they said so, it is not our decision.

    Raises NotFound.
    """
    async with open_unit() as unit:
        customer = await unit.customers.get(customer_id)
        await unit.callers.lock(customer_id)
        blocked = await stop_contact(unit, Stop(customer=customer, at=now, source=ASKED if asked else COMPANY))
        await _record(unit, "customer.stopped", customer_id, by, now, {"asked": asked, "leads_blocked": blocked})
        await unit.commit()


async def lift_stop(open_unit: OpenDeskUnit, customer_id: int, *, reason: str, by: User, now: datetime) -> None:
    """The person may be contacted again; their leads stay closed. Raises NotFound, and BadInput when that is not ours
    to decide or no reason is given.

    The reason is kept beside the stop, not in the audit log: it is free text, which an erasure must reach.
    """
    written = " ".join(reason.split())
    if not written:
        raise BadInput.one("reason", "is empty", repair="say why the person may be contacted again")
    async with open_unit() as unit:
        await unit.customers.get(customer_id)
        await unit.callers.lock(customer_id)
        history = await unit.contact_history.of(customer_id)
        if not may_lift(history.stops, await unit.customers.consents(customer_id), now):
            raise BadInput.one(
                "stop-list",
                "the person has said so themselves",
                repair="record a newer consent to calls first: it outweighs the stop",
            )
        gone = await unit.customer_pages.lift_stop(customer_id, by=by.name, reason=written, at=now)
        if gone:
            sources = sorted({one.source for one in history.stops})
            await _record(unit, "customer.stop_lifted", customer_id, by, now, {"sources": sources})
        await unit.commit()


async def tag_customer(open_unit: OpenDeskUnit, customer_id: int, tag: str, *, by: User, now: datetime) -> None:
    """Put a tag on a person; raises NotFound, and BadInput for what is no tag."""
    written = read_tag(tag)
    async with open_unit() as unit:
        await unit.customers.get(customer_id)
        await unit.customer_pages.add_tag(customer_id, written, at=now)
        await _record(unit, "customer.tagged", customer_id, by, now, {})
        await unit.commit()


async def untag_customer(open_unit: OpenDeskUnit, customer_id: int, tag: str, *, by: User, now: datetime) -> None:
    """Take a tag off a person again."""
    async with open_unit() as unit:
        if await unit.customer_pages.remove_tag(customer_id, tag):
            await _record(unit, "customer.untagged", customer_id, by, now, {})
        await unit.commit()


async def _record(
    unit: DeskUnit, action: str, customer_id: int, by: User, now: datetime, details: Mapping[str, object]
) -> None:
    await unit.audit.record(at=now, actor=by.name, action=action, subject=f"customer:{customer_id}", details=details)


def _viewed(log: Iterable[ChainedEntry], customer_id: int, by: User, now: datetime) -> bool:
    view = (VIEWED, f"customer:{customer_id}", by.name)
    known = (one.entry for one in log if one.entry.at >= now - _ONE_VIEW)
    return any((entry.action, entry.subject, entry.actor) == view for entry in known)
