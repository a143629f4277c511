"""Phones are understood as Russians write them."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain.phone import Phone, parse_phone


@pytest.mark.parametrize(
    "written",
    [
        "+79161234567",
        "8 (916) 123-45-67",
        "8-916-123-45-67",
        "7 916 123 45 67",
        "79161234567",
        "916 123-45-67",
        "+7(916)1234567",
        "8.916.123.45.67",
        "\u00a08\u00a0916\u00a01234567",
        "8–916–123–45–67",
    ],
)
def test_a_mobile_number_is_one_number_however_written(written: str) -> None:
    assert parse_phone(written) == Phone("+79161234567")


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("8 (495) 123-45-67", "+74951234567"),
        ("4951234567", "+74951234567"),
        ("+380 44 234 56 78", "+380442345678"),
        ("8 930 005-12-34", "+79300051234"),
        ("٨٩١٦١٢٣٤٥٦٧", "+79161234567"),
    ],
)
def test_city_and_foreign_numbers_are_understood_too(written: str, e164: str) -> None:
    assert parse_phone(written).e164 == e164


@pytest.mark.parametrize("written", ["", "нет", "123", "8 916 123-45-6", "8 916 123-45-678", "+7 123 456-78-90", "+"])
def test_what_is_no_phone_is_refused_without_being_quoted(written: str) -> None:
    with pytest.raises(ValueError, match=r"phone|range") as refused:
        parse_phone(written)
    assert not written or re.sub(r"\D", "", written) == "" or written not in str(refused.value)


@given(st.from_regex(r"\A9[0-9]{9}\Z"))
def test_the_short_way_for_mobiles_agrees_with_the_numbering_plan(national: str) -> None:
    valid = phonenumbers.is_valid_number(phonenumbers.parse(f"+7{national}"))
    try:
        parsed = parse_phone(f"8{national}").e164
    except ValueError:
        parsed = None
    assert parsed == (f"+7{national}" if valid else None)


def test_a_phone_never_shows_itself_in_full() -> None:
    phone = Phone("+79161234567")
    assert str(phone) == repr(phone) == "Phone(+7916***4567)"
