"""The CRM is told, once, in the order things happened to a customer."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from voicebot.application.ports.crm_gateway import CrmGateway, CrmNews
from voicebot.application.ports.jobs import Task
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.domain.attempt import Attempt
from voicebot.domain.call import Cause
from voicebot.domain.crm_news import call_news, lead_closed_news
from voicebot.domain.crm_update import CrmUpdate, UpdateState
from voicebot.domain.errors import GatewayError
from voicebot.domain.lead import LeadState

_CLOSED = (LeadState.DONE, LeadState.BLOCKED)


async def tell_crm(unit: UnitOfWork, news: CrmUpdate) -> None:
    """Store a piece of news with its job; both exist once the unit is committed. The same key twice is one."""
    update_id = await unit.crm_updates.add(news)
    if update_id is not None:
        await queue_update(unit, update_id, news.customer_id)


async def queue_update(unit: UnitOfWork, update_id: int, customer_id: int) -> None:
    """A job for stored news; of one customer's jobs one runs at a time, the older first, retries included."""
    await unit.jobs.defer(Task.UPDATE_CRM, {"update_id": update_id}, lock=_lock(customer_id))


async def tell_of_closed_leads(unit: UnitOfWork, lead_ids: Collection[int], now: datetime) -> None:
    """Leads that something other than a call has closed, as many as there are."""
    told = await unit.crm_updates.add_closed(lead_ids, at=now)
    jobs = (({"update_id": update_id}, _lock(customer_id)) for update_id, customer_id in told)
    await unit.jobs.defer_all(Task.UPDATE_CRM, jobs)


async def tell_of_call(unit: UnitOfWork, call: Attempt) -> None:
    """What a call just recorded tells the CRM: the call, and the end of its lead where it was the last.

    `call`: as it stood before it was recorded.
    """
    lead = await unit.leads.lock(call.lead_id)
    record = await unit.call_log.show(call.id)
    corrects = call.cause is Cause.INTERRUPTED
    news = call_news(record, errand=call.errand, corrects=corrects, next_attempt_at=lead.next_attempt_at)
    await tell_crm(unit, news)
    if lead.state in _CLOSED:
        customer, at = await unit.customers.get(call.customer_id), record.summary.ended_at or call.dialled_at
        await tell_crm(unit, lead_closed_news(lead, customer=customer, campaign=record.summary.campaign, at=at))


async def update_crm(
    open_unit: OpenUnit, update_id: int, gateway: CrmGateway, now: datetime, *, last_try: bool
) -> UpdateState:
    """Tell the CRM one piece of news and store what came of it.

    The row stays locked meanwhile: a doubled job finds it sent and does nothing. Should we die between the CRM's word
    and our commit, it is told again with the same key. Raises GatewayError when it is worth another try; after the
    last one the news is a dead letter.
    """
    async with open_unit() as unit:
        update = await unit.crm_updates.lock(update_id)
        if update.state is not UpdateState.QUEUED:
            return update.state
        update = replace(update, attempts=update.attempts + 1)
        failure: GatewayError | None = None
        try:
            await gateway.tell(CrmNews(key=update.key, payload={**update.payload, "number": update.id}))
        except GatewayError as error:
            failure = error if error.retryable and not last_try else None
            state = UpdateState.QUEUED if failure else UpdateState.FAILED
            update = replace(update, state=state, error=str(error))
        else:
            update = replace(update, state=UpdateState.SENT, error="", sent_at=now)
        await unit.crm_updates.save(update)
        await unit.commit()
    if failure is not None:
        raise failure
    return update.state


def _lock(customer_id: int) -> str:
    return f"crm:{customer_id}"
