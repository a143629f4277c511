"""From the values of a row to a record."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from voicebot.application.import_columns import CrmTable
from voicebot.application.ports.crm_import import CrmRecord
from voicebot.domain.consent import Consent, ConsentKind, NewConsent
from voicebot.domain.customer import NewCustomer, NewInterest, PersonName
from voicebot.domain.order import ROUBLES, NewOrder, OrderLine


def moments_of(record: CrmRecord) -> tuple[tuple[str, datetime], ...]:
    """The columns that must not lie in the future, with their values."""
    if isinstance(record, NewOrder):
        return (("placed_at", record.placed_at),)
    if isinstance(record, NewConsent):
        return (("given_at", record.consent.given_at),)
    return (("at", record.at),) if isinstance(record, NewInterest) else ()


def identity_of(record: CrmRecord) -> tuple[object, object]:
    """What no two rows may share, and (orders only) what the rows that share it must agree in."""
    if isinstance(record, NewOrder):
        return record.external_id, (record.customer, record.placed_at, record.currency, record.promo_code)
    if isinstance(record, NewConsent):
        consent = record.consent
        return (record.customer, consent.scope, consent.kind, consent.given_at), None
    if isinstance(record, NewInterest):
        return (record.customer, record.kind, record.at), None
    return record.external_id, None


def _customer(values: Mapping[str, Any]) -> NewCustomer:
    return NewCustomer(
        external_id=values["external_id"],
        name=PersonName(
            last=values.get("last_name", ""),
            first=values.get("first_name", ""),
            patronymic=values.get("patronymic", ""),
        ),
        phones=values.get("phones", ()),
        email=values.get("email", ""),
        time_zone=values.get("time_zone", ""),
        value_class=values.get("value_class"),
        preferred_channel=values.get("preferred_channel"),
    )


def _order(values: Mapping[str, Any]) -> NewOrder:
    line = OrderLine(
        what=values["what"],
        category=values.get("category", ""),
        quantity=values.get("quantity", Decimal(1)),
        price=values["price"],
        margin=values.get("margin"),
    )
    return NewOrder(
        external_id=values["external_id"],
        customer=values["customer"],
        placed_at=values["placed_at"],
        lines=(line,),
        currency=values.get("currency", ROUBLES),
        promo_code=values.get("promo_code", ""),
    )


def _consent(values: Mapping[str, Any]) -> NewConsent:
    consent = Consent(
        scope=values["scope"],
        kind=values.get("kind", ConsentKind.ADVERTISING),
        source=values["source"],
        wording=values["wording"],
        given_at=values["given_at"],
        proof=values.get("proof", ""),
        withdrawn_at=values.get("withdrawn_at"),
    )
    return NewConsent(customer=values["customer"], consent=consent)


def _interest(values: Mapping[str, Any]) -> NewInterest:
    return NewInterest(customer=values["customer"], kind=values["kind"], at=values["at"])


BUILDERS: Final[Mapping[CrmTable, Callable[[Mapping[str, Any]], CrmRecord]]] = {
    CrmTable.CUSTOMERS: _customer,
    CrmTable.ORDERS: _order,
    CrmTable.CONSENTS: _consent,
    CrmTable.EVENTS: _interest,
}
"""How the values of a row's columns, by name, become a record."""


def cells_of(record: CrmRecord) -> tuple[dict[str, str], ...]:
    """The rows that would import this record, by column; an order has one row per line."""
    rows: list[dict[str, object]]
    match record:
        case NewCustomer():
            row: dict[str, object] = {
                "external_id": record.external_id,
                "last_name": record.name.last,
                "first_name": record.name.first,
                "patronymic": record.name.patronymic,
                "phones": "; ".join(phone.e164 for phone in record.phones),
                "email": record.email,
                "time_zone": record.time_zone,
                "value_class": record.value_class,
                "preferred_channel": record.preferred_channel,
            }
            rows = [row]
        case NewOrder():
            head = {"external_id": record.external_id, "customer": record.customer, "currency": record.currency}
            head |= {"placed_at": record.placed_at.isoformat(), "promo_code": record.promo_code}
            rows = [{**head, **asdict(line)} for line in record.lines]
        case NewConsent():
            rows = [{"customer": record.customer, **asdict(record.consent)}]
        case NewInterest():
            rows = [asdict(record)]
    return tuple({name: _written(value) for name, value in row.items()} for row in rows)


def _written(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
