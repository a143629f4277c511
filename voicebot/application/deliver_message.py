"""A message of the outbox goes to its gateway, once."""

from dataclasses import replace
from datetime import datetime

from voicebot.application.ports.messages import DeliveryReport, DeliveryState, ShortMessage, SmsGateway
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.sms_permission import sms_refusal
from voicebot.domain.errors import GatewayError


async def deliver_message(
    open_unit: OpenUnit, message_id: int, gateway: SmsGateway, now: datetime, *, last_try: bool
) -> DeliveryState:
    """Send one message and store what the gateway said.

    The row stays locked while it is sent and its state is looked at first: a doubled job finds it sent and does
    nothing. Consent and stop-list are looked at again: they may have changed since the call. Raises GatewayError when
    it is worth another try; after the last try the message has failed.
    """
    async with open_unit() as unit:
        message = await unit.outbox.lock(message_id)
        if message.state is not DeliveryState.QUEUED:
            return message.state
        campaign = await unit.campaigns.get(message.campaign_id)
        failure: GatewayError | None = None
        if refusal := await sms_refusal(unit, message.customer_id, message.phone, campaign.kind, now):
            message = replace(message, state=DeliveryState.BLOCKED, error=refusal)
        else:
            message = replace(message, attempts=message.attempts + 1)
            try:
                receipt = await gateway.send(ShortMessage(key=message.key, to=message.phone, text=message.text))
            except GatewayError as error:
                failure = error if error.retryable and not last_try else None
                state = DeliveryState.QUEUED if failure else DeliveryState.FAILED
                message = replace(message, state=state, error=str(error))
            else:
                message = replace(message, state=receipt.state, error="", gateway_id=receipt.gateway_id, sent_at=now)
        await unit.outbox.save(message)
        await unit.commit()
    if failure is not None:
        raise failure
    return message.state


async def record_delivery(open_unit: OpenUnit, report: DeliveryReport, now: datetime) -> bool:
    """Store what the network says of a sent message; False when the message is not known (yet)."""
    async with open_unit() as unit:
        known = await unit.outbox.report(report, at=now)
        await unit.commit()
    return known
