"""Everything we hold of a person, for the person (152-FZ art. 14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.application.explain_contact import Explanation, explain_contact
from voicebot.application.ports.customer_pages import CustomerFile
from voicebot.application.ports.desk_unit import OpenDeskUnit

_ALL = 100_000
"""Orders of one person, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalData:
    """What is handed out."""

    told: Explanation
    file: CustomerFile
    talks: tuple[tuple[int, str, str, datetime], ...]
    """Every sentence of their calls: call, speaker, text, moment of the call."""
    recordings: Mapping[int, str]
    """Call -> path below the recordings folder."""


async def export_customer(open_unit: OpenDeskUnit, customer_id: int, *, by: str, now: datetime) -> PersonalData:
    """Gather it, and write down who asked; raises NotFound."""
    async with open_unit() as unit:
        customer = await unit.customers.get(customer_id)
        file = await unit.customer_pages.file(customer_id, orders=_ALL)
        talks = tuple(await unit.customer_pages.turns(customer_id))
        recordings = dict(await unit.customer_pages.recordings(customer_id))
        await unit.audit.record(at=now, actor=by, action="customer.exported", subject=f"customer:{customer_id}")
        await unit.commit()
    told = await explain_contact(open_unit, customer.external_id, now=now)
    return PersonalData(told=told, file=file, talks=talks, recordings=recordings)


def personal_json(data: PersonalData) -> dict[str, object]:
    """As one JSON document; times in UTC."""
    customer, history = data.told.customer, data.told.history
    said: dict[int, list[dict[str, str]]] = {}
    for call_id, speaker, words, _ in data.talks:
        said.setdefault(call_id, []).append({"speaker": speaker, "text": words})
    campaigns = {one.lead_id: one.campaign for one in history.parts}
    return {
        "drawn_up_at": data.told.at.isoformat(),
        "customer": {
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
        },
        "consents": [
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
        ],
        "stop_list": [
            {
                "number": one.phone.e164 if one.phone else None,
                "since": _at(one.since),
                "source": one.source,
                "reason": one.reason,
            }
            for one in history.stops
        ],
        "orders": [
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
        ],
        "promo_codes": [
            {
                "code": one.promo.code,
                "percent": str(one.promo.discount.percent),
                "campaign": one.campaign,
                "valid_until": _at(one.promo.valid_until),
                "redeemed_at": _at(one.redeemed_at),
            }
            for one in data.file.codes
        ],
        "campaigns": [
            {"campaign": one.campaign, "kind": one.kind, "listed_at": _at(one.listed_at), "state": one.state}
            for one in history.parts
        ],
        "calls": [
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
            for one in history.calls
        ],
        "messages": [
            {
                "channel": one.channel,
                "number": one.phone.e164,
                "text": one.text,
                "state": one.state,
                "created_at": _at(one.created_at),
                "sent_at": _at(one.sent_at),
            }
            for one in data.file.messages
        ],
        "escalations": [
            {"kind": one.kind, "reason": one.reason, "created_at": _at(one.created_at), "result": one.result}
            for one in data.file.troubles
        ],
    }


def recording_name(call_id: int) -> str:
    """What a recording is called in the archive."""
    return f"recordings/call-{call_id}.wav"


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
