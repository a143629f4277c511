"""What the tests of a lead's way share."""

from itertools import count

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from voicebot.application.record_outcome import OutcomeRules
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.message import MessageTemplate, Sender


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def rules() -> OutcomeRules:
    numbers = count(1_000_000, 7919)
    return OutcomeRules(
        policy=ContactPolicy(hours=AROUND_THE_CLOCK),
        templates={
            "promo": MessageTemplate(
                name="promo", text="{name}, ваш промокод {code}: скидка {percent} % до {until}. {company}. {url}"
            )
        },
        sender=Sender(company="Пример", rules_url="https://example.ru/promo"),
        draw=lambda below: next(numbers) % below,
    )
