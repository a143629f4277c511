"""What is known of a customer becomes words for every gap of the scripts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.scenarios.sample import FACTS, VARIABLES
from voicebot.application.prepare_conversation import prepare_conversation
from voicebot.domain.customer import PersonName
from voicebot.domain.outcome import Discount
from voicebot.domain.script_variables import VARIABLES as KNOWN


def test_every_variable_known_before_the_call_is_filled_and_no_other() -> None:
    assert set(VARIABLES) == {name for name, variable in KNOWN.items() if not variable.during_call}


def test_words_are_ready_to_be_spoken() -> None:
    assert VARIABLES["full_name"] == "Анна Сергеевна Соколова"
    assert VARIABLES["reminder"] == "Три месяца назад у вас был заказ: кофе в зёрнах"
    assert VARIABLES["first_discount"] == "десять процентов"
    assert VARIABLES["first_days"] == "три дня"
    assert VARIABLES["first_until"] == "двадцать шестого ноября"
    assert VARIABLES["better_discount"] == "пятнадцать процентов"
    assert VARIABLES["promo_code"] == "эс, эй, семь, ноль"


def test_fractional_discounts_and_weeks_are_spoken() -> None:
    words = prepare_conversation(replace(FACTS, first=Discount(percent=Decimal("7.5"), days=7)))
    assert (words["first_discount"], words["first_days"]) == ("семь целых пять десятых процента", "неделю")


def test_somebody_without_name_and_orders_is_still_addressed_politely() -> None:
    words = prepare_conversation(replace(FACTS, name=PersonName(), last_order_on=None, promo=None))
    assert words["full_name"] == words["name"] == "Уважаемый покупатель"
    assert words["reminder"] == "Давно вас не было"
    assert words["promo_until"] == words["first_until"]


def test_goods_of_the_crm_are_shortened_and_spelled_out() -> None:
    goods = "Кофеварка рожковая DeLonghi EC685 с капучинатором и набором чашек"
    words = prepare_conversation(replace(FACTS, last_goods=goods, last_order_on=date(2025, 11, 20)))
    assert words["reminder"] == "Год назад у вас был заказ: кофеварка рожковая Делонгхи"
