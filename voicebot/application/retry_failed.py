"""Dead letters get another life."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from voicebot.application.ports.jobs import Task
from voicebot.application.ports.messages import DeliveryState
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.update_crm import queue_update
from voicebot.domain.crm_update import UpdateState
from voicebot.domain.dead_letter import DeadLetter, LetterKind, LetterName
from voicebot.domain.errors import NotFound


async def list_failed(open_unit: OpenUnit) -> tuple[DeadLetter, ...]:
    """Everything that was given up, the oldest first."""
    async with open_unit() as unit:
        return await unit.dead_letters.all()


async def retry_failed(
    open_unit: OpenUnit, names: Collection[LetterName] | None, *, by: str, now: datetime
) -> tuple[LetterName, ...]:
    """Queue these again, or with None all that were certainly not sent; returns which.

    A message of which nobody knows whether it was sent has to be named: sending it again may double it. Raises
    NotFound for a name that is no dead letter, and nothing is queued.
    """
    async with open_unit() as unit:
        letters = {one.name: one for one in await unit.dead_letters.all()}
        if names is None:
            names = [name for name, one in letters.items() if one.state != DeliveryState.UNKNOWN]
        if missing := [str(name) for name in names if name not in letters]:
            raise NotFound(f"no dead letter {', '.join(missing)}: `voicebot jobs failed` lists them")
        for name in names:
            await _revive(unit, name)
            details = {"what": letters[name].what, "error": letters[name].error}
            await unit.audit.record(at=now, actor=by, action="jobs.retried", subject=str(name), details=details)
        await unit.commit()
    return tuple(names)


async def _revive(unit: UnitOfWork, name: LetterName) -> None:
    match name.kind:
        case LetterKind.CRM:
            update = await unit.crm_updates.lock(name.number)
            await unit.crm_updates.save(replace(update, state=UpdateState.QUEUED, attempts=0))
            await queue_update(unit, update.id, update.customer_id)
        case LetterKind.SMS:
            message = await unit.outbox.lock(name.number)
            await unit.outbox.save(replace(message, state=DeliveryState.QUEUED, attempts=0, handed_at=None))
            await unit.jobs.defer(Task.DELIVER_MESSAGE, {"message_id": message.id}, lock=f"message:{message.id}")
        case LetterKind.JOB:
            await unit.dead_letters.revive_job(name.number)
