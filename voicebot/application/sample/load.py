"""Puts a drawn CRM into the store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.crm_import import CrmRecord, LoadCounts
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.sample.crm import SampleCrm
from voicebot.domain.attempt import AttemptEnding, NewAttempt
from voicebot.domain.call import CallReport, Cause
from voicebot.domain.campaign import CampaignEvent, CampaignKind, NewCampaign, move_campaign
from voicebot.domain.contact_rules import Verdict
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import Lead, LeadState
from voicebot.domain.offer import OfferPolicy, personal_offers
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.outcome import unanswered
from voicebot.domain.phone import Phone

_BATCH: Final = 2_000
_PAST_CAMPAIGN: Final = "Прошлый обзвон"
"""The finished campaign in which the sample's recently contacted customers were called."""
_AGO: Final = timedelta(days=5)
_NOTHING_BOUGHT: Final = PurchaseHistory(orders=0, total=Decimal(0), margin=None, last_at=None)
_RANG: Final = timedelta(seconds=30)


async def load_sample(
    sample: SampleCrm,
    *,
    open_unit: OpenUnit,
    clock: Clock,
    progress: Callable[[int], None] = lambda records: None,
) -> LoadCounts:
    """Load everything in one transaction, the same way an import goes; loading it again changes nothing.

    Returns the counts of customers. `progress` is told how many customers, orders and consents were taken.
    """
    now = clock.now()
    async with open_unit() as unit:
        counts = await _load(unit, sample.customers, progress)
        for records in (sample.orders, sample.consents, sample.events):
            await _load(unit, records, progress)
        for external_id in sample.stopped:
            customer = await unit.customers.named(external_id)
            await unit.stop_list.add(customer.id, at=now, reason="asked not to be called", source="sample")
        await _call_recently(unit, sample.contacted, now - _AGO)
        await unit.audit.record(
            at=now, actor="sample", action="sample.loaded", details={"customers": len(sample.customers)}
        )
        await unit.commit()
    return counts


async def _load(unit: UnitOfWork, records: Sequence[CrmRecord], progress: Callable[[int], None]) -> LoadCounts:
    for start in range(0, len(records), _BATCH):
        batch = records[start : start + _BATCH]
        await unit.loader.stage(batch)
        progress(len(batch))
    return await unit.loader.apply()


async def _call_recently(unit: UnitOfWork, external_ids: Sequence[str], at: datetime) -> None:
    """A campaign that is over, in which nobody of them answered."""
    if not external_ids:
        return
    try:
        await unit.campaigns.named(_PAST_CAMPAIGN)
        return  # the sample was loaded before
    except NotFound:
        wanted = NewCampaign(name=_PAST_CAMPAIGN, kind=CampaignKind.SERVICE, script="winback")
        campaign = await unit.campaigns.create(wanted, at=at)
    people = [await unit.customers.named(external_id) for external_id in external_ids]
    called = {customer.id: phone for customer in people if (phone := customer.dialable)}
    await unit.leads.add(campaign.id, called, at=at)
    for customer_id, phone in called.items():
        lead = await unit.leads.lock(await unit.leads.named(campaign.id, customer_id))
        await _ring_out(unit, lead, phone, campaign.offer, at)
    await unit.campaigns.change(replace(campaign, status=move_campaign(campaign.status, CampaignEvent.FINISH)))


async def _ring_out(unit: UnitOfWork, lead: Lead, phone: Phone, offer: OfferPolicy, at: datetime) -> None:
    outcome = unanswered(Cause.NO_ANSWER)
    attempt = await unit.calls.begin(
        NewAttempt(
            lead_id=lead.id,
            customer_id=lead.customer_id,
            phone=phone,
            attempt=1,
            owner="sample",
            verdict=Verdict(refusals=(), checked_at=at),
            offers=personal_offers(offer, _NOTHING_BOUGHT, at),
            dialled_at=at,
        )
    )
    report = CallReport(
        cause=Cause.NO_ANSWER, sip_code=408, dialled_at=at, answered_at=None, ended_at=at + _RANG, hung_up_by=None
    )
    await unit.calls.end(attempt.id, AttemptEnding(report=report, outcome=outcome))
    over = replace(lead, state=LeadState.DONE, attempts=1, next_attempt_at=None, disposition=outcome.disposition)
    await unit.leads.save(over, at=at)
