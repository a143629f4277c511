"""Calls and what was said in them, as the API tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from voicebot.application.ports.call_pages import CallLine, CallPage, CallRow
from voicebot.domain.api_token import Scope
from voicebot.domain.call import Cause, Direction, HungUpBy, Speaker
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.lead import LeadErrand
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.web.api.masks import name_for, phone_for, text_for
from voicebot.entrypoints.web.api.routes import Asked

_SAID = "null without transcripts:read."


@dataclass(frozen=True, kw_only=True, slots=True)
class CallItem:
    """One call of a list."""

    id: int
    campaign_id: int
    campaign: str
    customer_id: int
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "Masked without personal:read."]
    direction: Direction
    attempt: int
    dialled_at: datetime
    talk_seconds: Annotated[float | None, "null when nobody answered, or while it goes on."]
    cause: Annotated[Cause | None, "How the telephone part ended; null while it goes on."]
    group: Group | None
    disposition: Disposition | None
    hangup_state: Annotated[str, "Script state in which the customer hung up; empty: they did not."]
    tags: tuple[str, ...]
    unread: Annotated[bool, "It holds words of the customer that no manager has read."]
    excerpt: Annotated[str | None, f"The line that fits the search, or the customer's last one; {_SAID}"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallListing:
    """Calls, the newest first."""

    items: tuple[CallItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnItem:
    """One line of a transcript."""

    id: int
    speaker: Speaker
    state: Annotated[str, "Script state in which it was said."]
    text: Annotated[str, "As it was said, as far as is known."]
    heard: Annotated[str | None, "As the recogniser had it, where somebody has corrected it."]
    started_at: Annotated[float, "Seconds since the answer."]
    ended_at: float
    intent: Annotated[str | None, "What the customer's words mean."]
    confidence: float | None
    score: float | None
    reply_gap_ms: int | None
    interrupted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CallMessage:
    """A message that came of a call."""

    template: str
    state: str
    sent_at: datetime | None
    text: Annotated[str | None, "null without personal:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallTrouble:
    """An escalation that came of a call."""

    kind: EscalationKind
    urgent: bool
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallCode:
    """The customer's promo code in the campaign."""

    code: str
    percent: Decimal
    valid_until: datetime
    redeemed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallDetails:
    """One call with all that came of it."""

    id: int
    campaign_id: int
    campaign: str
    lead_id: int
    customer_id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "Masked without personal:read."]
    direction: Direction
    attempt: int
    errand: LeadErrand
    asked_for: Annotated[bool, "The customer had asked for it."]
    trunk: str
    script: str
    variant: str
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: Cause | None
    sip_code: int
    hung_up_by: HungUpBy | None
    group: Group | None
    disposition: Disposition | None
    hangup_state: str
    nps: int | None
    cost: Annotated[Decimal | None, "RUB, as the trunk charges."]
    tags: tuple[str, ...]
    verdict: Annotated[Mapping[str, object], "Why it was allowed: the gate's word, as stored."]
    recorded: bool
    answers: Annotated[Mapping[str, str] | None, f"Free answers by script state; {_SAID}"]
    transcript: Annotated[tuple[TurnItem, ...] | None, f"{_SAID}"]
    code: CallCode | None
    messages: tuple[CallMessage, ...]
    escalations: tuple[CallTrouble, ...]
    previous: Annotated[int | None, "The call with the same customer before this one."]
    next: int | None


def call_item(asked: Asked, row: CallRow) -> CallItem:
    """As the caller may see it."""
    said = "".join(text for text, _ in row.excerpt.parts) if row.excerpt else ""
    return CallItem(
        id=row.id,
        campaign_id=row.campaign_id,
        campaign=row.campaign,
        customer_id=row.customer_id,
        name=name_for(asked, row.name),
        phone=phone_for(asked, row.phone),
        direction=row.direction,
        attempt=row.attempt,
        dialled_at=row.dialled_at,
        talk_seconds=row.talk_seconds,
        cause=row.cause,
        group=row.group,
        disposition=row.disposition,
        hangup_state=row.hangup_state,
        tags=row.tags,
        unread=row.unread,
        excerpt=said if asked.may(Scope.TRANSCRIPTS_READ) else None,
    )


def call_details(asked: Asked, call: CallPage) -> CallDetails:
    """As the caller may see it."""
    record, one, reads = call.record, call.record.summary, asked.may(Scope.TRANSCRIPTS_READ)
    return CallDetails(
        id=one.id,
        campaign_id=call.campaign_id,
        campaign=one.campaign,
        lead_id=call.lead_id,
        customer_id=one.customer_id,
        external_id=one.external_id,
        name=name_for(asked, call.name),
        phone=phone_for(asked, one.phone),
        direction=one.direction,
        attempt=one.attempt,
        errand=call.errand,
        asked_for=call.wanted,
        trunk=call.trunk,
        script=call.script,
        variant=call.variant,
        dialled_at=one.dialled_at,
        answered_at=one.answered_at,
        ended_at=one.ended_at,
        cause=one.cause,
        sip_code=record.sip_code,
        hung_up_by=record.hung_up_by,
        group=one.group,
        disposition=one.disposition,
        hangup_state=record.hangup_state,
        nps=record.nps,
        cost=call.cost,
        tags=one.tags,
        verdict=record.verdict,
        recorded=bool(record.recording),
        answers=record.answers if reads else None,
        transcript=tuple(map(_turn, call.lines)) if reads else None,
        code=_code(call),
        messages=tuple(
            CallMessage(template=sent.template, state=sent.state, sent_at=sent.sent_at, text=text_for(asked, sent.text))
            for sent in record.messages
        ),
        escalations=tuple(
            CallTrouble(kind=it.kind, urgent=it.urgent, created_at=it.created_at, resolved_at=it.resolved_at)
            for it in record.escalations
        ),
        previous=call.previous,
        next=call.next,
    )


def _turn(line: CallLine) -> TurnItem:
    turn, correction = line.turn, line.correction
    intent = correction.intent if correction else turn.intent
    return TurnItem(
        id=line.turn_id,
        speaker=turn.speaker,
        state=turn.state,
        text=line.words,
        heard=turn.text if correction else None,
        started_at=turn.started_at,
        ended_at=turn.ended_at,
        intent=intent.value if intent else None,
        confidence=turn.confidence,
        score=turn.score,
        reply_gap_ms=turn.reply_gap_ms,
        interrupted=turn.interrupted,
    )


def _code(call: CallPage) -> CallCode | None:
    promo = call.record.promo
    if promo is None:
        return None
    return CallCode(
        code=promo.code,
        percent=promo.discount.percent,
        valid_until=promo.valid_until,
        redeemed_at=call.redeemed_at,
    )
