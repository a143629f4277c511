"""Messages say who, what and until when."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.message import MessageTemplate, Sender, message_values
from voicebot.domain.offer import PromoCode
from voicebot.domain.outcome import Discount

OMSK = ZoneInfo("Asia/Omsk")
SENDER = Sender(company="Пример", rules_url="https://example.ru/promo")
CODE = PromoCode(
    code="DFGL4789",
    customer_id=1,
    campaign_id=1,
    discount=Discount(percent=Decimal("15.00"), days=3),
    issued_at=datetime(2026, 11, 22, 12, tzinfo=OMSK),
    valid_until=datetime(2026, 11, 26, tzinfo=OMSK),
)


def test_a_promo_message_names_code_discount_and_the_last_day_where_the_customer_lives() -> None:
    template = MessageTemplate(name="promo", text="{name}: {code}, {percent} % до {until}. {company} {url}")
    text = template.render(message_values("Иван", SENDER, CODE, OMSK))
    assert text == "Иван: DFGL4789, 15 % до 25.11. Пример https://example.ru/promo"
    assert template.needs_promo


def test_a_message_without_a_code_has_no_promo_variables() -> None:
    template = MessageTemplate(name="plain", text="{name}, ждём вас. {company}")
    assert not template.needs_promo
    assert template.render(message_values("Иван", SENDER, None, OMSK)) == "Иван, ждём вас. Пример"
    with pytest.raises(KeyError):
        MessageTemplate(name="x", text="{code}").render(message_values("Иван", SENDER, None, OMSK))


def test_unknown_variables_are_named() -> None:
    assert MessageTemplate(name="x", text="{surname} {name} {}").unknown_variables == ("", "surname")
