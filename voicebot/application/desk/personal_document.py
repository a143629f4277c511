"""What is handed out to a person about themselves, as one JSON document."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from voicebot.application.desk.export_customer import PersonalData


def personal_json(data: PersonalData) -> dict[str, object]:
    """Times in UTC."""
    return {name: section(data) for name, section in SECTIONS.items()}


def recording_name(call_id: int) -> str:
    """What a recording is called in the archive."""
    return f"recordings/call-{call_id}.wav"


def _customer(data: PersonalData) -> dict[str, object]:
    customer = data.told.customer
    return {
        "external_id": customer.external_id,
        "last_name": customer.name.last,
        "first_name": customer.name.first,
        "patronymic": customer.name.patronymic,
        "phones": [{"number": one.phone.e164, "wrong_since": _at(one.wrong_number_at)} for one in customer.phones],
        "email": customer.email,
        "time_zone": customer.time_zone,
        "value_class": customer.value_class,
        "preferred_channel": customer.preferred_channel,
        "tags": [tag for tag, _ in data.file.tags],
    }


def _consents(data: PersonalData) -> list[dict[str, object]]:
    return [
        {
            "scope": one.scope,
            "kind": one.kind,
            "source": one.source,
            "wording": one.wording,
            "given_at": _at(one.given_at),
            "proof": one.proof,
            "withdrawn_at": _at(one.withdrawn_at),
        }
        for one in data.told.consents
    ]


def _stops(data: PersonalData) -> list[dict[str, object]]:
    return [
        {
            "number": one.phone.e164 if one.phone else None,
            "since": _at(one.since),
            "source": one.source,
            "reason": one.reason,
        }
        for one in data.told.history.stops
    ]


def _lifted_stops(data: PersonalData) -> list[dict[str, object]]:
    return [
        {"since": _at(one.since), "source": one.source, "lifted_at": _at(one.at), "reason": one.reason}
        for one in data.file.lifted
    ]


def _orders(data: PersonalData) -> list[dict[str, object]]:
    return [
        {
            "external_id": one.external_id,
            "placed_at": _at(one.placed_at),
            "total": str(one.total),
            "promo_code": one.promo_code,
            "lines": [
                {"what": line.what, "quantity": str(line.quantity), "price": str(line.price)} for line in one.lines
            ],
        }
        for one in data.file.orders
    ]


def _codes(data: PersonalData) -> list[dict[str, object]]:
    return [
        {
            "code": one.promo.code,
            "percent": str(one.promo.discount.percent),
            "campaign": one.campaign,
            "valid_until": _at(one.promo.valid_until),
            "redeemed_at": _at(one.redeemed_at),
        }
        for one in data.file.codes
    ]


def _campaigns(data: PersonalData) -> list[dict[str, object]]:
    return [
        {"campaign": one.campaign, "kind": one.kind, "listed_at": _at(one.listed_at), "state": one.state}
        for one in data.told.history.parts
    ]


def _calls(data: PersonalData) -> list[dict[str, object]]:
    campaigns = {one.lead_id: one.campaign for one in data.told.history.parts}
    said: dict[int, list[dict[str, str]]] = {}
    for call_id, speaker, words, _ in data.talks:
        said.setdefault(call_id, []).append({"speaker": speaker, "text": words})
    return [
        {
            "call": one.id,
            "campaign": campaigns.get(one.lead_id, ""),
            "direction": one.direction,
            "number": one.phone.e164,
            "dialled_at": _at(one.dialled_at),
            "answered_at": _at(one.answered_at),
            "ended_at": _at(one.ended_at),
            "disposition": one.disposition,
            "recording": recording_name(one.id) if one.id in data.recordings else None,
            "said": said.get(one.id, []),
        }
        for one in data.told.history.calls
    ]


def _messages(data: PersonalData) -> list[dict[str, object]]:
    return [
        {
            "channel": one.channel,
            "number": one.phone.e164,
            "text": one.text,
            "state": one.state,
            "created_at": _at(one.created_at),
            "sent_at": _at(one.sent_at),
        }
        for one in data.file.messages
    ]


def _escalations(data: PersonalData) -> list[dict[str, object]]:
    return [
        {"kind": one.kind, "reason": one.reason, "created_at": _at(one.created_at), "result": one.result}
        for one in data.file.troubles
    ]


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


SECTIONS: Final[Mapping[str, Callable[[PersonalData], Any]]] = {
    "drawn_up_at": lambda data: _at(data.told.at),
    "customer": _customer,
    "consents": _consents,
    "stop_list": _stops,
    "lifted_stops": _lifted_stops,
    "orders": _orders,
    "promo_codes": _codes,
    "campaigns": _campaigns,
    "calls": _calls,
    "messages": _messages,
    "escalations": _escalations,
}
"""What the document tells, in its order."""
