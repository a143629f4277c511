"""The columns of every table that can be imported, and which reader reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from voicebot.application.import_cells import (
    one_of,
    read_currency,
    read_email,
    read_moment,
    read_optional_moment,
    read_optional_number,
    read_phones,
    read_price,
    read_promo_code,
    read_quantity,
    read_text,
    read_zone,
)
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.customer import Channel, InterestSignal, ValueClass


class CrmTable(StrEnum):
    """What can be imported."""

    CUSTOMERS = "customers"
    ORDERS = "orders"  # one row per order line
    CONSENTS = "consents"
    EVENTS = "events"  # signs of interest without a purchase


@dataclass(frozen=True, kw_only=True, slots=True)
class CrmColumn:
    """One column of a table."""

    name: str
    meaning: str
    """What to write into it, for people."""
    example: str
    read: Callable[[str], Any]
    """The cell's value; raises ValueError saying what is wrong, without the cell in the message: it may be personal."""
    required: bool = False
    """Whether every row needs a value; otherwise the column may be missing altogether."""


_CUSTOMER = CrmColumn(
    name="customer", meaning="external_id of the customer", example="C-1001", read=read_text, required=True
)
COLUMNS: Final[Mapping[CrmTable, tuple[CrmColumn, ...]]] = {
    CrmTable.CUSTOMERS: (
        CrmColumn(name="external_id", meaning="id in your CRM", example="C-1001", read=read_text, required=True),
        CrmColumn(name="last_name", meaning="last name", example="Соколова", read=read_text),
        CrmColumn(name="first_name", meaning="first name", example="Анна", read=read_text),
        CrmColumn(name="patronymic", meaning="patronymic", example="Игоревна", read=read_text),
        CrmColumn(
            name="phones",
            meaning="phones, separated by ';', the main one first",
            example="8 (916) 123-45-67; +7 495 123-45-67",
            read=read_phones,
        ),
        CrmColumn(name="email", meaning="e-mail address", example="anna@example.org", read=read_email),
        CrmColumn(name="time_zone", meaning="IANA time zone", example="Europe/Moscow", read=read_zone),
        CrmColumn(name="value_class", meaning="A, B, C or D", example="C", read=one_of(ValueClass)),
        CrmColumn(
            name="preferred_channel", meaning="call, sms, email or messenger", example="call", read=one_of(Channel)
        ),
    ),
    CrmTable.ORDERS: (
        CrmColumn(
            name="external_id",
            meaning="id of the order in your CRM; rows with the same id are lines of one order",
            example="O-5001",
            read=read_text,
            required=True,
        ),
        _CUSTOMER,
        CrmColumn(
            name="placed_at",
            meaning="date and time (Moscow unless a zone is given)",
            example="2026-03-31 18:05",
            read=read_moment,
            required=True,
        ),
        CrmColumn(name="what", meaning="goods", example="Кофе в зёрнах, 1 кг", read=read_text, required=True),
        CrmColumn(name="category", meaning="category of the goods", example="Кофе", read=read_text),
        CrmColumn(name="quantity", meaning="how many (1 when empty)", example="2", read=read_quantity),
        CrmColumn(name="price", meaning="price of one", example="1290.00", read=read_price, required=True),
        CrmColumn(name="margin", meaning="profit on the whole line", example="640.00", read=read_optional_number),
        CrmColumn(name="currency", meaning="currency code (RUB when empty)", example="RUB", read=read_currency),
        CrmColumn(name="promo_code", meaning="promo code that was used", example="DFGL4789", read=read_promo_code),
    ),
    CrmTable.CONSENTS: (
        _CUSTOMER,
        CrmColumn(
            name="scope",
            meaning="processing, call, sms, email or messenger",
            example="call",
            read=one_of(ConsentScope),
            required=True,
        ),
        CrmColumn(
            name="kind",
            meaning="advertising or service (advertising when empty)",
            example="advertising",
            read=one_of(ConsentKind, default=ConsentKind.ADVERTISING),
        ),
        CrmColumn(name="source", meaning="where it was given", example="анкета", read=read_text, required=True),
        CrmColumn(name="wording", meaning="version of the text", example="2025-09", read=read_text, required=True),
        CrmColumn(name="given_at", meaning="when", example="2025-10-02 11:20", read=read_moment, required=True),
        CrmColumn(name="proof", meaning="where the proof lies", example="заявка 40817", read=read_text),
        CrmColumn(name="withdrawn_at", meaning="when it was withdrawn", example="", read=read_optional_moment),
    ),
    CrmTable.EVENTS: (
        _CUSTOMER,
        CrmColumn(
            name="kind",
            meaning="price_request, offer_opened or visit",
            example="price_request",
            read=one_of(InterestSignal),
            required=True,
        ),
        CrmColumn(name="at", meaning="when", example="2026-10-05 14:00", read=read_moment, required=True),
    ),
}
"""The documented columns; `voicebot import TABLE --columns` prints them."""
