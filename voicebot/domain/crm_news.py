"""Pieces of news for the CRM, as versioned JSON (adapters/CRM.md is their description)."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from voicebot.domain.attempt import CallRecord
from voicebot.domain.call import Turn
from voicebot.domain.crm_update import CrmUpdate, NewsKind
from voicebot.domain.customer import Customer
from voicebot.domain.escalation import Escalation, EscalationKind
from voicebot.domain.escalation_work import Resolved
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.domain.offer import PromoCode
from voicebot.domain.phone import Phone

VERSION: Final = 1
"""Of the payloads: raised when a field changes its meaning or goes; new fields come without."""
Json = dict[str, object]


def call_news(record: CallRecord, *, errand: LeadErrand, corrects: bool, next_attempt_at: datetime | None) -> CrmUpdate:
    """One attempt with all that was said and all that came of it.

    `corrects`: it was told before as interrupted, and its line has spoken up since: news of its own.
    """
    call = record.summary
    key = f"call:{call.id}:corrected" if corrects else f"call:{call.id}"
    at = call.ended_at or call.dialled_at
    payload: Json = {
        "version": VERSION,
        "kind": NewsKind.CALL.value,
        "key": key,
        "at": _moment(at),
        "customer": call.external_id,
        "campaign": call.campaign,
        "call": {
            "id": call.id,
            "direction": call.direction.value,
            "errand": errand.value,
            "attempt": call.attempt,
            "corrects": corrects,
            "dialled_at": _moment(call.dialled_at),
            "answered_at": _moment(call.answered_at),
            "ended_at": _moment(call.ended_at),
            "cause": call.cause.value if call.cause else None,
            "sip_code": record.sip_code,
            "hung_up_by": record.hung_up_by.value if record.hung_up_by else None,
            "hangup_state": record.hangup_state,
            "recording": record.recording,
        },
        "outcome": {
            "group": call.group.value if call.group else None,
            "disposition": call.disposition.value if call.disposition else None,
            "tags": list(call.tags),
            "answers": dict(record.answers),
            "nps": record.nps,
        },
        "transcript": [_turn(turn) for turn in record.turns],
        "promo": _promo(record.promo) if record.promo else None,
        "next_attempt_at": _moment(next_attempt_at),
    }
    return CrmUpdate(
        key=key, customer_id=call.customer_id, call_id=call.id, kind=NewsKind.CALL, payload=payload, created_at=at
    )


def stop_news(
    customer: Customer,
    *,
    at: datetime,
    source: str,
    reason: str,
    call_id: int | None = None,
    calls_only: bool = False,
) -> CrmUpdate:
    """The person is on the stop-list since `at`; told once per source (`call:7`, `operator`, `desk` ...).

    `calls_only`: an operator refuses mass calls for them; messages they have consented to may go on.
    """
    key = f"stop:{customer.id}:{source}"
    payload: Json = {**_head(NewsKind.STOP, key, customer, "", at), "source": source, "reason": reason}
    payload["scope"] = "calls" if calls_only else "all"
    return _update(NewsKind.STOP, key, customer, at, payload, call_id=call_id)


def escalation_news(escalation: Escalation, *, customer: Customer, campaign: str) -> CrmUpdate:
    """A manager is wanted."""
    key = f"escalation:{escalation.call_id}:{escalation.kind.value}"
    at = escalation.created_at
    payload: Json = {
        **_head(NewsKind.ESCALATION, key, customer, campaign, at),
        "call_id": escalation.call_id,
        "wanted": escalation.kind.value,
        "urgent": escalation.urgent,
        "reason": escalation.reason,
    }
    return _update(NewsKind.ESCALATION, key, customer, at, payload, call_id=escalation.call_id)


def escalation_resolved_news(
    call_id: int,
    kind: EscalationKind,
    *,
    customer: Customer,
    campaign: str,
    resolved: Resolved,
) -> CrmUpdate:
    """A manager has dealt with it."""
    key = f"escalation_resolved:{call_id}:{kind.value}"
    payload: Json = {
        **_head(NewsKind.ESCALATION_RESOLVED, key, customer, campaign, resolved.at),
        "call_id": call_id,
        "wanted": kind.value,
        "resolution": resolved.resolution.value,
        "result": resolved.result,
        "by": resolved.by,
    }
    return _update(NewsKind.ESCALATION_RESOLVED, key, customer, resolved.at, payload, call_id=call_id)


def lead_closed_news(lead: Lead, *, customer: Customer, campaign: str, at: datetime) -> CrmUpdate:
    """Nothing more is tried in this campaign; a lead that a person opened again may be closed again."""
    key = f"lead:{lead.id}:closed:{lead.attempts}"
    payload: Json = {
        **_head(NewsKind.LEAD_CLOSED, key, customer, campaign, at),
        "lead": {
            "state": lead.state.value,
            "ended_by": _what_ended(lead),
            "attempts": lead.attempts,
            "disposition": lead.disposition.value if lead.disposition else None,
            "group": lead.group.value if lead.group else None,
        },
    }
    return _update(NewsKind.LEAD_CLOSED, key, customer, at, payload)


def _what_ended(lead: Lead) -> str:
    if lead.ended_by:
        return lead.ended_by.value
    return "block" if lead.state is LeadState.BLOCKED else "call"


def wrong_number_news(customer: Customer, phone: Phone, *, exists: bool, at: datetime, call_id: int) -> CrmUpdate:
    """Somebody else answers this number, or nobody can: it does not exist."""
    key = f"wrong_number:{call_id}"
    payload: Json = {
        **_head(NewsKind.WRONG_NUMBER, key, customer, "", at),
        "call_id": call_id,
        "why": "somebody_else" if exists else "does_not_exist",
        "phone": phone.e164,  # the CRM has it from us or gave it to us: it cannot mend what it is not told
    }
    return _update(NewsKind.WRONG_NUMBER, key, customer, at, payload, call_id=call_id)


def promo_redeemed_news(
    promo: PromoCode, *, customer: Customer, campaign: str, order: str, total: Decimal, at: datetime
) -> CrmUpdate:
    """An order (its external id, its total) used the code."""
    key = f"promo_redeemed:{promo.code}"
    payload: Json = {
        **_head(NewsKind.PROMO_REDEEMED, key, customer, campaign, at),
        "promo": _promo(promo),
        "order": {"external_id": order, "total": str(total)},
    }
    return _update(NewsKind.PROMO_REDEEMED, key, customer, at, payload)


def _update(
    kind: NewsKind, key: str, customer: Customer, at: datetime, payload: Json, *, call_id: int | None = None
) -> CrmUpdate:
    return CrmUpdate(key=key, customer_id=customer.id, call_id=call_id, kind=kind, payload=payload, created_at=at)


def _head(kind: NewsKind, key: str, customer: Customer, campaign: str, at: datetime) -> Json:
    return {
        "version": VERSION,
        "kind": kind.value,
        "key": key,
        "at": _moment(at),
        "customer": customer.external_id,
        "campaign": campaign,
    }


def _promo(promo: PromoCode) -> Json:
    return {
        "code": promo.code,
        "percent": str(promo.discount.percent),
        "valid_until": _moment(promo.valid_until),
    }


def _turn(turn: Turn) -> Json:
    return {
        "speaker": turn.speaker.value,
        "state": turn.state,
        "text": turn.text,
        "started_at": turn.started_at,
        "ended_at": turn.ended_at,
        "intent": turn.intent.value if turn.intent else None,
        "interrupted": turn.interrupted,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
