"""The customer and the moment the scenarios happen to."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from voicebot.application.prepare_conversation import ConversationFacts, IssuedPromo, prepare_conversation
from voicebot.domain.customer import PersonName
from voicebot.domain.outcome import Discount

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZoneInfo("Europe/Moscow"))
FACTS = ConversationFacts(
    company="Пример",
    name=PersonName(last="Соколова", first="Анна", patronymic="Сергеевна"),
    last_goods="Кофе в зёрнах",
    last_order_on=date(2026, 8, 20),
    first=Discount(percent=Decimal(10), days=3),
    better=Discount(percent=Decimal(15), days=3),
    promo=IssuedPromo(code="SA70", discount=Discount(percent=Decimal(10), days=3), last_day=date(2026, 11, 26)),
    today=NOW.date(),
)
VARIABLES = prepare_conversation(FACTS)
