"""Whether a person may be sent an SMS: a consent of its own (126-FZ art. 44.1)."""

from datetime import datetime
from typing import Final

from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.phone import Phone

NO_SMS_CONSENT: Final = "no_sms_consent"
"""Why a message is blocked: the person may be called, not written to."""


async def sms_refusal(unit: UnitOfWork, customer_id: int, phone: Phone, kind: CampaignKind, at: datetime) -> str:
    """Why not: `stop_list` or `no_sms_consent`; empty when nothing forbids it."""
    if await unit.stop_list.since(customer_id) or await unit.stop_list.phone_since(phone):
        return "stop_list"
    wanted = ConsentKind(kind.value)
    given = await unit.customers.consents(customer_id)
    return "" if any(one.allows(ConsentScope.SMS, wanted, at) for one in given) else NO_SMS_CONSENT
