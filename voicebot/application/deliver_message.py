"""A message of the outbox goes to its gateway, once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.messages import DeliveryReport, DeliveryState, ShortMessage, SmsGateway
from voicebot.application.ports.outbox import OutgoingMessage
from voicebot.application.ports.unit_of_work import OpenUnit, UnitOfWork
from voicebot.application.sms_permission import sms_refusal
from voicebot.application.update_crm import tell_crm
from voicebot.domain.crm_news import escalation_news
from voicebot.domain.errors import GatewayError
from voicebot.domain.escalation import Escalation, EscalationKind

_LONGEST_SENDING: Final = timedelta(seconds=60)
"""No gateway keeps us waiting longer; who is still sending after this has died."""
_NOBODY_KNOWS: Final = "it is not known whether the gateway took it"


async def deliver_message(
    open_unit: OpenUnit, message_id: int, gateway: SmsGateway, now: datetime, *, last_try: bool
) -> DeliveryState:
    """Send one message and store what the gateway said.

    Its state is looked at first: a doubled job finds it sent and does nothing. Consent and stop-list are looked at
    again: they may have changed since the call. Raises GatewayError when it is worth another try; after the last try
    the message has failed.

    A gateway that knows no idempotency key is told at most once: that it is being told is committed before, and a
    message found so after a crash, or whose answer was lost, becomes `unknown` and a manager is asked.
    """
    if not gateway.idempotent:
        state = await _announce(open_unit, message_id, now)
        if state is not DeliveryState.QUEUED:
            return state
    async with open_unit() as unit:
        message = await unit.outbox.lock(message_id)
        if message.state is not DeliveryState.QUEUED:
            return message.state
        message, failure = await _hand_over(unit, message, gateway, now)
        if failure is not None and failure.uncertain and not gateway.idempotent:
            message, failure = await _lost_sight(unit, message, now), None
        elif failure is not None and (last_try or not failure.retryable):
            message, failure = replace(message, state=DeliveryState.FAILED), None
        await unit.outbox.save(replace(message, handed_at=None))
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


async def _hand_over(
    unit: UnitOfWork, message: OutgoingMessage, gateway: SmsGateway, now: datetime
) -> tuple[OutgoingMessage, GatewayError | None]:
    """The message as it stands after the attempt; still queued when the gateway's failure comes with it."""
    campaign = await unit.campaigns.get(message.campaign_id)
    if refusal := await sms_refusal(unit, message.customer_id, message.phone, campaign.kind, now):
        return replace(message, state=DeliveryState.BLOCKED, error=refusal), None
    message = replace(message, attempts=message.attempts + 1)
    try:
        receipt = await gateway.send(ShortMessage(key=message.key, to=message.phone, text=message.text))
    except GatewayError as error:
        return replace(message, error=str(error)), error
    return replace(message, state=receipt.state, error="", gateway_id=receipt.gateway_id, sent_at=now), None


async def _announce(open_unit: OpenUnit, message_id: int, now: datetime) -> DeliveryState:
    """Commit that the message is about to be handed over; QUEUED when it may be.

    Raises GatewayError while somebody else may be handing it over.
    """
    async with open_unit() as unit:
        message = await unit.outbox.lock(message_id)
        if message.state is not DeliveryState.QUEUED:
            return message.state
        if message.handed_at is not None and now - message.handed_at < _LONGEST_SENDING:
            raise GatewayError("the message is being sent already", retryable=True)
        if message.handed_at is not None:
            message = await _lost_sight(unit, message, now)
        await unit.outbox.save(replace(message, handed_at=now))
        await unit.commit()
    return message.state


async def _lost_sight(unit: UnitOfWork, message: OutgoingMessage, now: datetime) -> OutgoingMessage:
    """Nobody knows whether it was sent: better none than two, and a manager sees to it."""
    if message.call_id is not None:
        escalation = Escalation(
            call_id=message.call_id,
            customer_id=message.customer_id,
            campaign_id=message.campaign_id,
            kind=EscalationKind.MANAGER,
            urgent=False,
            reason="Обещанное СМС могло не дойти: связь с оператором оборвалась при отправке. Спросить клиента",
            created_at=now,
        )
        await unit.escalations.add(escalation)
        customer, campaign = (
            await unit.customers.get(message.customer_id),
            await unit.campaigns.get(message.campaign_id),
        )
        await tell_crm(unit, escalation_news(escalation, customer=customer, campaign=campaign.name))
    error = f"{_NOBODY_KNOWS}: {message.error}" if message.error else _NOBODY_KNOWS
    return replace(message, state=DeliveryState.UNKNOWN, error=error)
