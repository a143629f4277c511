"""Numbers are spoken in right Russian cases."""

from decimal import Decimal

import pytest

from voicebot.domain.spoken import (
    DAY,
    ROUBLE,
    WEEK,
    YEAR,
    Case,
    Gender,
    ago,
    cardinal,
    counted,
    days,
    decimal,
    money,
    percent,
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "ноль рублей"),
        (1, "один рубль"),
        (2, "два рубля"),
        (4, "четыре рубля"),
        (5, "пять рублей"),
        (11, "одиннадцать рублей"),
        (14, "четырнадцать рублей"),
        (21, "двадцать один рубль"),
        (22, "двадцать два рубля"),
        (100, "сто рублей"),
        (101, "сто один рубль"),
        (111, "сто одиннадцать рублей"),
        (1000, "тысяча рублей"),
        (1001, "тысяча один рубль"),
        (1250, "тысяча двести пятьдесят рублей"),
        (2000, "две тысячи рублей"),
        (5021, "пять тысяч двадцать один рубль"),
        (21000, "двадцать одна тысяча рублей"),
        (1000000, "один миллион рублей"),
    ],
)
def test_roubles_agree_with_their_number(number: int, words: str) -> None:
    assert counted(number, ROUBLE) == words


@pytest.mark.parametrize(
    ("number", "case", "words"),
    [
        (1, Case.GENITIVE, "одного дня"),
        (2, Case.GENITIVE, "двух дней"),
        (5, Case.DATIVE, "пяти дням"),
        (21, Case.INSTRUMENTAL, "двадцатью одним днём"),
        (21, Case.GENITIVE, "двадцати одного дня"),
        (3, Case.PREPOSITIONAL, "трёх днях"),
        (101, Case.DATIVE, "ста одному дню"),
        (1000, Case.GENITIVE, "тысячи дней"),
        (2000, Case.INSTRUMENTAL, "двумя тысячами дней"),
        (2000, Case.ACCUSATIVE, "две тысячи дней"),
    ],
)
def test_days_take_the_case_asked_for(number: int, case: Case, words: str) -> None:
    assert counted(number, DAY, case=case) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "одну неделю"),
        (2, "две недели"),
        (5, "пять недель"),
        (21, "двадцать одну неделю"),
        (1000, "тысячу недель"),
    ],
)
def test_feminine_nouns_get_feminine_numbers(number: int, words: str) -> None:
    assert counted(number, WEEK, case=Case.ACCUSATIVE) == words


def test_cardinals_follow_gender() -> None:
    assert [cardinal(1, gender=gender) for gender in Gender] == ["один", "одна", "одно"]
    assert cardinal(-3) == "минус три"
    assert counted(5, YEAR) == "пять лет"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1250.50", "тысяча двести пятьдесят рублей пятьдесят копеек"),
        ("1", "один рубль"),
        ("0", "ноль рублей"),
        ("0.01", "одна копейка"),
        ("2.22", "два рубля двадцать две копейки"),
        ("99.995", "сто рублей"),
        ("-5", "минус пять рублей"),
    ],
)
def test_money_is_roubles_and_kopecks(amount: str, words: str) -> None:
    assert money(Decimal(amount)) == words


def test_money_takes_cases() -> None:
    assert money(Decimal("2001.02"), case=Case.GENITIVE) == "двух тысяч одного рубля двух копеек"


@pytest.mark.parametrize(
    ("share", "case", "words"),
    [
        (15, Case.NOMINATIVE, "пятнадцать процентов"),
        (21, Case.ACCUSATIVE, "двадцать один процент"),
        (2, Case.ACCUSATIVE, "два процента"),
        (10, Case.GENITIVE, "десяти процентов"),
        ("7.5", Case.NOMINATIVE, "семь целых пять десятых процента"),
        ("1.25", Case.NOMINATIVE, "одна целая двадцать пять сотых процента"),
        ("10.0", Case.INSTRUMENTAL, "десятью процентами"),
    ],
)
def test_percents(share: int | str, case: Case, words: str) -> None:
    assert percent(Decimal(share), case=case) == words


def test_fractions_take_cases() -> None:
    assert decimal(Decimal("2.1"), case=Case.GENITIVE) == "двух целых одной десятой"


def test_a_week_is_not_seven_days() -> None:
    assert [days(number) for number in (1, 3, 7, 14, 21)] == [
        "один день",
        "три дня",
        "неделю",
        "четырнадцать дней",
        "двадцать один день",
    ]


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (0, "сегодня"),
        (1, "вчера"),
        (10, "десять дней назад"),
        (20, "три недели назад"),
        (30, "месяц назад"),
        (95, "три месяца назад"),
        (150, "пять месяцев назад"),
        (365, "год назад"),
        (800, "два года назад"),
    ],
)
def test_the_past_is_told_roughly(past: int, words: str) -> None:
    assert ago(past) == words
