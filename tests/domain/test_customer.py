"""Customers: how to speak to them, which number to dial, which clock they live by."""

from datetime import UTC, datetime, timedelta

import pytest

from voicebot.domain.customer import Customer, CustomerPhone, PersonName
from voicebot.domain.phone import Phone
from voicebot.domain.time_zones import zone_for

MOBILE, MOSCOW, NOVOSIBIRSK = Phone("+79161234567"), Phone("+74951234567"), Phone("+73832345678")
WRONG = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_person_is_addressed_by_first_name_and_patronymic() -> None:
    name = PersonName(last="Соколова", first="Анна", patronymic="Игоревна")
    assert (name.address, name.full, name.masked) == ("Анна Игоревна", "Соколова Анна Игоревна", "Анна С.")


@pytest.mark.parametrize(
    ("name", "masked"),
    [(PersonName(first="Анна"), "Анна"), (PersonName(last="Соколова"), "С***"), (PersonName(), "***")],
)
def test_a_masked_name_shows_no_more_than_it_must(name: PersonName, masked: str) -> None:
    assert name.masked == masked


def test_a_number_marked_wrong_is_not_dialled() -> None:
    primary, other = CustomerPhone(phone=MOBILE, primary=True), CustomerPhone(phone=MOSCOW)
    wrong = CustomerPhone(phone=MOBILE, primary=True, wrong_number_at=WRONG)
    assert customer(primary, other).dialable == MOBILE
    assert customer(wrong, other).dialable == MOSCOW
    assert customer(wrong).dialable is None
    assert customer().dialable is None


def test_the_clock_is_the_stated_one_else_that_of_a_city_phone_else_unknown() -> None:
    mobile, city = CustomerPhone(phone=MOBILE, primary=True), CustomerPhone(phone=NOVOSIBIRSK)
    assert zone_for(customer(mobile, city, zone="Asia/Omsk")).name == "Asia/Omsk"
    assert zone_for(customer(mobile, city)).name == "Asia/Novosibirsk"
    unknown = zone_for(customer(mobile))
    assert (unknown.name, unknown.spoken.key) == ("unknown", "Europe/Moscow")
    offsets = {WRONG.astimezone(zone).utcoffset() for zone in unknown.possible}
    assert offsets == {timedelta(hours=ahead) for ahead in range(2, 13)}


def customer(*phones: CustomerPhone, zone: str = "") -> Customer:
    return Customer(id=1, external_id="C-1", name=PersonName(first="Анна"), phones=phones, time_zone=zone)
