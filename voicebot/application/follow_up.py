"""Everything an outcome sets going, in the transaction that records it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.ports.jobs import Task
from voicebot.application.ports.messages import DeliveryState
from voicebot.application.ports.outbox import OutgoingMessage
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.sms_permission import NO_SMS_CONSENT, sms_refusal
from voicebot.application.stop_contact import Stop, stop_contact
from voicebot.application.update_crm import tell_crm
from voicebot.domain.attempt import Attempt
from voicebot.domain.campaign import Campaign
from voicebot.domain.contact_rules import OPERATOR, Refusal
from voicebot.domain.crm_news import escalation_news, wrong_number_news
from voicebot.domain.customer import Customer
from voicebot.domain.dead_numbers import is_dead
from voicebot.domain.errors import StoreError
from voicebot.domain.escalation import Escalation, EscalationKind
from voicebot.domain.lead import Lead
from voicebot.domain.message import MessageTemplate, Sender, message_values
from voicebot.domain.offer import PROMO_CODES, PromoCode, spell_code, valid_until
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp

_DRAWS: Final = 20
"""Letters drawn before we believe that something other than chance is wrong."""
_DEFAULT_TEMPLATE: Final = "promo"
SENT_ALREADY: Final = "the same message went out with another call meanwhile"
"""Why a message is kept back that an outcome told late asks for once more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Aftermath:
    """A call that is over, with all that its consequences depend on."""

    unit: UnitOfWork
    call: Attempt
    lead: Lead
    campaign: Campaign
    customer: Customer
    zone: ZoneInfo
    """The customer's."""
    at: datetime
    """When the call ended."""
    told_at: datetime
    """When its line told: long after the end when the database was away."""
    templates: Mapping[str, MessageTemplate]
    sender: Sender
    draw: Callable[[int], int]
    """A number from 0 up to, not including, its argument."""


async def follow_up(aftermath: Aftermath, actions: Sequence[FollowUp]) -> None:
    """Do everything the actions ask for; a stop comes first, a code before the message that carries it."""
    for action in sorted(actions, key=lambda action: _ORDER.index(action.kind)):
        await _DO[action.kind](aftermath, action)
    refused = [one for one in actions if one.kind is ActionKind.TRANSFER and not one.connected]
    if refused and not any(one.kind is ActionKind.ESCALATE for one in actions):
        await _escalate(aftermath, refused[0])


async def heed_cause(aftermath: Aftermath, disposition: Disposition) -> None:
    """What the network itself said: an operator that refuses calls like ours, a number that does not exist."""
    if disposition is Disposition.REFUSED:
        await _refused_by_operator(aftermath)
    elif disposition is Disposition.UNALLOCATED and await _said_before(aftermath):
        await _mark_dead(aftermath)


async def promise_by_a_person(aftermath: Aftermath, moment: datetime | None) -> None:
    """The robot may not call again, the customer was told it would: a manager keeps the promise."""
    when = f" {moment.astimezone(aftermath.zone):%d.%m в %H:%M} (время клиента)" if moment else ""
    await _put_in_queue(
        aftermath, EscalationKind.CALLBACK, urgent=False, reason=f"Просил перезвонить{when}; попытки робота исчерпаны"
    )


async def _issue_promo(aftermath: Aftermath, action: FollowUp) -> None:
    discount = aftermath.call.offers.named(action.offer)
    for _ in range(_DRAWS):
        wanted = PromoCode(
            code=spell_code(aftermath.draw(PROMO_CODES)),
            customer_id=aftermath.customer.id,
            campaign_id=aftermath.campaign.id,
            discount=discount,
            issued_at=aftermath.at,
            # Days count from the moment the bot named them.
            valid_until=valid_until(aftermath.call.dialled_at, discount.days, aftermath.zone),
        )
        if await aftermath.unit.promo_codes.issue(wanted) is not None:
            return
    raise StoreError("no free promo code was found: the table must be nearly full, or the draw is broken")


async def _send_sms(aftermath: Aftermath, action: FollowUp) -> None:
    unit, customer, campaign = aftermath.unit, aftermath.customer, aftermath.campaign
    name = action.template or _DEFAULT_TEMPLATE
    template = aftermath.templates.get(name)
    promo = await unit.promo_codes.of(customer.id, campaign.id)
    state, error, text = DeliveryState.QUEUED, "", ""
    if template is None:
        state, error = DeliveryState.FAILED, f"no message template '{name}'"
    elif template.needs_promo and promo is None:
        state, error = DeliveryState.FAILED, f"template '{name}' needs a promo code and none was issued"
    else:
        # First name alone: 70 Cyrillic letters are one SMS, and every further one costs.
        addressed = customer.name.first or "Здравствуйте"
        text = template.render(message_values(addressed, aftermath.sender, promo, aftermath.zone))
        if refusal := await sms_refusal(unit, customer.id, aftermath.call.phone, campaign.kind, aftermath.at):
            state, error = DeliveryState.BLOCKED, refusal
        elif await unit.outbox.sent_since(customer.id, campaign.id, name, since=aftermath.call.dialled_at):
            # Another call of this person ran while the outcome of one of them could not be told.
            state, error = DeliveryState.BLOCKED, SENT_ALREADY
    message_id = await unit.outbox.add(
        OutgoingMessage(
            key=f"call:{aftermath.call.id}:{name}",
            customer_id=customer.id,
            campaign_id=campaign.id,
            call_id=aftermath.call.id,
            template=name,
            phone=aftermath.call.phone,
            text=text,
            state=state,
            error=error,
            created_at=aftermath.told_at,
        )
    )
    if message_id is not None and state is DeliveryState.QUEUED:
        await unit.jobs.defer(Task.DELIVER_MESSAGE, {"message_id": message_id}, lock=f"message:{message_id}")
    if message_id is not None and error == NO_SMS_CONSENT:
        # The bot has promised it, and a consent asked in the call does not count (38-FZ art. 18).
        await _put_in_queue(
            aftermath, EscalationKind.MANAGER, urgent=False, reason="Обещано СМС, а согласия на СМС нет: сообщить лично"
        )


async def _stop(aftermath: Aftermath, action: FollowUp) -> None:
    call = aftermath.call
    stop = Stop(customer=aftermath.customer, at=aftermath.at, source=f"call:{call.id}", reason=action.reason, call=call)
    await _stop_and_record(aftermath, stop, actor="customer", action="customer.stopped")


async def _refused_by_operator(aftermath: Aftermath) -> None:
    """No campaign calls them any more; messages they have consented to go on (126-FZ art. 44.1 is about calls)."""
    stop = Stop(
        customer=aftermath.customer,
        at=aftermath.at,
        source=OPERATOR,
        reason="the operator refuses mass calls",
        call=aftermath.call,
        refusal=Refusal.OPERATOR_REFUSAL,
        calls_only=True,
    )
    await _stop_and_record(aftermath, stop, actor="operator", action="customer.refused_by_operator")


async def _stop_and_record(aftermath: Aftermath, stop: Stop, *, actor: str, action: str) -> None:
    """The lead of this call is moved with its outcome."""
    blocked = await stop_contact(aftermath.unit, stop)
    await aftermath.unit.audit.record(
        at=aftermath.at,
        actor=actor,
        action=action,
        subject=f"customer:{aftermath.call.customer_id}",
        details={"call": aftermath.call.id, "leads_blocked": blocked},
    )


async def _said_before(aftermath: Aftermath) -> bool:
    call = aftermath.call
    earlier = await aftermath.unit.calls.answers_of(call.customer_id, call.phone, before=call.id)
    return is_dead(earlier, call.dialled_at)


async def _mark_dead(aftermath: Aftermath) -> None:
    """A number that does not exist is dialled by no campaign; another one of the person may be."""
    call = aftermath.call
    await aftermath.unit.customers.mark_wrong_number(call.customer_id, call.phone, aftermath.at)
    await _tell_of_number(aftermath, exists=False)
    await aftermath.unit.audit.record(
        at=aftermath.at,
        actor="operator",
        action="phone.does_not_exist",
        subject=f"customer:{call.customer_id}",
        details={"call": call.id},
    )


async def _tell_of_number(aftermath: Aftermath, *, exists: bool) -> None:
    call = aftermath.call
    news = wrong_number_news(aftermath.customer, call.phone, exists=exists, at=aftermath.at, call_id=call.id)
    await tell_crm(aftermath.unit, news)


async def _mark_wrong_number(aftermath: Aftermath, _: FollowUp) -> None:
    call = aftermath.call
    await aftermath.unit.customers.mark_wrong_number(call.customer_id, call.phone, aftermath.at)
    await _tell_of_number(aftermath, exists=True)
    await aftermath.unit.audit.record(
        at=aftermath.at,
        actor="customer",
        action="phone.marked_wrong",
        subject=f"customer:{call.customer_id}",
        details={"call": call.id, "phone": call.phone.masked},
    )


async def _escalate(aftermath: Aftermath, action: FollowUp) -> None:
    await _put_in_queue(aftermath, EscalationKind.MANAGER, urgent=action.urgent, reason=action.reason)


async def _review(aftermath: Aftermath, action: FollowUp) -> None:
    await _put_in_queue(aftermath, EscalationKind.REVIEW, urgent=action.urgent, reason=action.reason)


async def _nothing(_aftermath: Aftermath, _action: FollowUp) -> None:
    """A call-back is scheduled with the lead; a transfer has happened already."""


async def _put_in_queue(aftermath: Aftermath, kind: EscalationKind, *, urgent: bool, reason: str) -> None:
    escalation = Escalation(
        call_id=aftermath.call.id,
        customer_id=aftermath.customer.id,
        campaign_id=aftermath.campaign.id,
        kind=kind,
        urgent=urgent,
        reason=reason,
        created_at=aftermath.at,
    )
    await aftermath.unit.escalations.add(escalation)
    news = escalation_news(escalation, customer=aftermath.customer, campaign=aftermath.campaign.name)
    await tell_crm(aftermath.unit, news)


_DO: Final[Mapping[ActionKind, Callable[[Aftermath, FollowUp], Awaitable[None]]]] = {
    ActionKind.STOP: _stop,
    ActionKind.WRONG_NUMBER: _mark_wrong_number,
    ActionKind.PROMO: _issue_promo,
    ActionKind.SMS: _send_sms,
    ActionKind.ESCALATE: _escalate,
    ActionKind.REVIEW: _review,
    ActionKind.TRANSFER: _nothing,
    ActionKind.CALLBACK: _nothing,
}
_ORDER: Final = tuple(_DO)
"""What is done before what."""
