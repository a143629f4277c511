"""Who a written conversation is held with: a sample customer or one of the database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.prepare_conversation import ConversationFacts
from voicebot.config import Settings
from voicebot.domain.customer import PersonName
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy, personal_offers
from voicebot.domain.outcome import Discount

_MOSCOW: Final = "Europe/Moscow"
_SAMPLE_SILENCE: Final = timedelta(days=95)


def sample_partner(company: str, now: str) -> tuple[ConversationFacts, datetime]:
    """Somebody who bought coffee three months ago, in Moscow, with the usual offers."""
    local = _local(now, ZoneInfo(_MOSCOW))
    facts = ConversationFacts(
        company=company,
        name=PersonName(last="Соколова", first="Анна", patronymic="Сергеевна"),
        last_goods="Кофе в зёрнах",
        last_order_on=(local - _SAMPLE_SILENCE).date(),
        first=Discount(percent=Decimal(10), days=3),
        better=Discount(percent=Decimal(15), days=3),
        today=local.date(),
    )
    return facts, local


async def stored_partner(
    settings: Settings, external_id: str, company: str, now: str
) -> tuple[ConversationFacts, datetime]:
    """A customer of the database with the offers a campaign of the usual policy makes; raises NotFound."""
    from voicebot.bootstrap import open_store
    from voicebot.domain.time_zones import zone_for

    async with open_store(settings) as store, store.open_unit() as unit:
        customer = await unit.customers.named(external_id)
        history = await unit.customers.history(customer.id)
    local = _local(now, zone_for(customer).spoken)
    offers = personal_offers(OfferPolicy(), history, local.astimezone(UTC))
    facts = ConversationFacts(
        company=company,
        name=customer.name,
        last_goods=history.last_lines[0].what if history.last_lines else "",
        last_order_on=history.last_at.astimezone(local.tzinfo).date() if history.last_at else None,
        first=offers.first,
        better=offers.better,
        today=local.date(),
    )
    return facts, local


def _local(written: str, zone: ZoneInfo) -> datetime:
    if not written:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInput.one("--now", f"'{written}' is no time", repair="write it as 2026-11-23T12:00") from error
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
