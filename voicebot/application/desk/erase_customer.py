"""Forgetting a person on request, with the act of it (152-FZ)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from voicebot.application.ports.audit import AuditFilter
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.erasures import CallFiles
from voicebot.application.update_crm import tell_of_closed_leads
from voicebot.domain.audit import ChainedEntry
from voicebot.domain.erasure import ErasureAct, ErasureGround
from voicebot.domain.errors import BadInput

_ENTRIES = 1000
"""Of the audit log about one person, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureRequest:
    """Who is to be forgotten, why, and who answers for it."""

    customer_id: int
    ground: ErasureGround
    requested: date
    """The day on which the request came."""
    confirmed: str
    """The person's external id, as whoever asks for the erasure has typed it."""
    by: str
    """Their name."""


async def erase_customer(open_unit: OpenDeskUnit, files: CallFiles, wanted: ErasureRequest, now: datetime) -> int:
    """Forget the person; returns the number of the act. Raises NotFound, and BadInput for what forbids it.

    The files are deleted after the commit; should we die between the two, the act stays incomplete and
    `finish_erasures` deletes them.
    """
    customer_id = wanted.customer_id
    async with open_unit() as unit:
        customer = await unit.customers.get(customer_id)
        _check(wanted, customer.external_id, now)
        if await unit.erasures.in_call(customer_id):
            raise BadInput.one("customer", "is in a call", repair="erase them when it is over")
        if await unit.erasures.is_erased(customer_id):
            raise BadInput.one("customer", "was erased already", repair="the act of it is at the desk: /erasures")
        done = await unit.erasures.forget(customer_id, at=now)
        act = await unit.erasures.draw_up(customer_id, done, wanted.ground, wanted.requested, by=wanted.by, at=now)
        await tell_of_closed_leads(unit, done.closed, now)
        details = {"act": act, "ground": wanted.ground.value, "requested": wanted.requested.isoformat()}
        await unit.audit.record(
            at=now,
            actor=wanted.by,
            action="customer.erased",
            subject=f"customer:{customer_id}",
            details={**details, "counts": dict(done.counts)},
        )
        await unit.commit()
    await finish_erasures(open_unit, files, now)
    return act


async def finish_erasures(open_unit: OpenDeskUnit, files: CallFiles, now: datetime) -> int:
    """Delete the files of erasures that are incomplete; returns how many acts became complete."""
    async with open_unit() as unit:
        waiting = await unit.erasures.incomplete()
    for act in waiting:
        await files.remove(act.files)
        async with open_unit() as unit:
            await unit.erasures.complete(act.id)
            await unit.audit.record(
                at=now,
                actor="erasure",
                action="recordings.deleted",
                subject=f"customer:{act.customer_id}",
                details={"act": act.id, "files": len(act.files)},
            )
            await unit.commit()
    return len(waiting)


async def show_act(open_unit: OpenDeskUnit, act_id: int) -> tuple[ErasureAct, tuple[ChainedEntry, ...]]:
    """The act with what the audit log says of the person, their leads and their calls, oldest first.

    Raises NotFound.
    """
    async with open_unit() as unit:
        act = await unit.erasures.act(act_id)
        history = await unit.contact_history.of(act.customer_id)
        subjects = (
            f"customer:{act.customer_id}",
            *(f"lead:{part.lead_id}" for part in history.parts),
            *(f"call:{call.id}" for call in history.calls),
        )
        log = await unit.audit.find(AuditFilter(subjects=subjects, limit=_ENTRIES))
    return act, log[::-1]


def _check(wanted: ErasureRequest, external_id: str, now: datetime) -> None:
    if wanted.confirmed.strip() != external_id:
        raise BadInput.one("confirmed", "is not this customer's external id", repair="type it as the card shows it")
    if wanted.requested > now.date() + timedelta(days=1):  # it may be tomorrow already where they are
        raise BadInput.one("requested", "lies in the future", repair="name the day on which the request came")
    if not wanted.by.strip():
        raise BadInput.one("--by", "is missing", repair="an erasure is answered for by a named person")
