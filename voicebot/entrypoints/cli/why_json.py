"""The report of `voicebot why` for a program."""

from datetime import datetime
from zoneinfo import ZoneInfo

from voicebot.application.explain_contact import Explanation
from voicebot.domain.consent import Consent
from voicebot.domain.contact_history import CampaignPart, ContactCall, ContactMessage, Signature, StopEntry
from voicebot.entrypoints.cli.audit import entry_json
from voicebot.entrypoints.cli.why_report import Reader


def why_json(told: Explanation, reader: Reader) -> dict[str, object]:
    """Everything the text holds; times in the customer's zone, with its offset."""
    history, zone = told.history, told.zone
    return {
        "customer": told.customer.external_id,
        "name": told.customer.name.full if reader.full else told.customer.name.masked,
        "phones": [reader.phone(one.phone) for one in told.customer.phones],
        "zone": zone.key,
        "zone_known": told.zone_known,
        "at": _at(told.at, zone),
        "consents": [_consent(one, zone) for one in told.consents],
        "stop_list": [_stop(one, zone, reader) for one in history.stops],
        "campaigns": [_part(one, zone) for one in history.parts],
        "control_group_of": list(history.left_alone_by),
        "calls": [_call(one, zone, reader) for one in history.calls],
        "messages": [_message(one, zone) for one in history.messages],
        "audit": [entry_json(one) for one in told.log],
    }


def _at(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None


def _consent(one: Consent, zone: ZoneInfo) -> dict[str, object]:
    return {
        "scope": one.scope,
        "kind": one.kind,
        "source": one.source,
        "wording": one.wording,
        "given_at": _at(one.given_at, zone),
        "proof": one.proof,
        "withdrawn_at": _at(one.withdrawn_at, zone),
    }


def _stop(one: StopEntry, zone: ZoneInfo, reader: Reader) -> dict[str, object]:
    return {
        "phone": reader.phone(one.phone) if one.phone else None,
        "since": _at(one.since, zone),
        "source": one.source,
        "reason": one.reason,
    }


def _part(one: CampaignPart, zone: ZoneInfo) -> dict[str, object]:
    return {
        "lead": one.lead_id,
        "campaign": one.campaign,
        "kind": one.kind,
        "state": one.state,
        "variant": one.variant,
        "listed_at": _at(one.listed_at, zone),
        "releases": [_release(each, zone) for each in one.releases],
        "refusals": list(one.refusals),
        "verdict": dict(one.verdict) if one.verdict else None,
        "ended_by": one.ended_by,
    }


def _release(one: Signature, zone: ZoneInfo) -> dict[str, object]:
    return {
        "release": one.id,
        "by": one.released_by,
        "at": _at(one.released_at, zone),
        "people": one.leads,
        "hash": one.hash,
    }


def _call(one: ContactCall, zone: ZoneInfo, reader: Reader) -> dict[str, object]:
    return {
        "call": one.id,
        "lead": one.lead_id,
        "direction": one.direction,
        "phone": reader.phone(one.phone),
        "attempt": one.attempt,
        "errand": one.errand,
        "asked_for": one.wanted,
        "script": one.script,
        "trunk": one.trunk,
        "shown": reader.trunk(one.trunk),
        "dialled_at": _at(one.dialled_at, zone),
        "answered_at": _at(one.answered_at, zone),
        "ended_at": _at(one.ended_at, zone),
        "cause": one.cause,
        "group": one.group,
        "disposition": one.disposition,
        "recorded": one.recorded,
        "verdict": dict(one.verdict),
    }


def _message(one: ContactMessage, zone: ZoneInfo) -> dict[str, object]:
    return {
        "call": one.call_id,
        "campaign": one.campaign,
        "channel": one.channel,
        "template": one.template,
        "state": one.state,
        "created_at": _at(one.created_at, zone),
        "sent_at": _at(one.sent_at, zone),
    }
