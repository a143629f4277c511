"""Numbers, money, percent and durations as Russian words."""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from num2words import num2words


class Case(StrEnum):
    """Russian cases, by the letters num2words knows."""

    NOMINATIVE = "n"  # кто? что?
    GENITIVE = "g"  # кого? чего?
    DATIVE = "d"  # кому? чему?
    ACCUSATIVE = "a"  # кого? что? (of things, never of people)
    INSTRUMENTAL = "i"  # кем? чем?
    PREPOSITIONAL = "p"  # о ком? о чём?


class Gender(StrEnum):
    """Grammatical gender of what is counted."""

    MASCULINE = "m"  # рубль
    FEMININE = "f"  # копейка
    NEUTER = "n"  # число


Forms = tuple[str, str, str, str, str, str]
"""A noun in the order of `Case`: nominative, genitive, dative, accusative, instrumental, prepositional."""


class Noun:
    """What is counted, in all the forms counting needs."""

    def __init__(self, singular: str, plural: str, gender: Gender) -> None:
        self.singular: Final = dict(zip(Case, singular.split(), strict=True))
        self.plural: Final = dict(zip(Case, plural.split(), strict=True))
        self.gender: Final = gender


ROUBLE: Final = Noun(
    "рубль рубля рублю рубль рублём рубле", "рубли рублей рублям рубли рублями рублях", Gender.MASCULINE
)
KOPECK: Final = Noun(
    "копейка копейки копейке копейку копейкой копейке",
    "копейки копеек копейкам копейки копейками копейках",
    Gender.FEMININE,
)
PERCENT: Final = Noun(
    "процент процента проценту процент процентом проценте",
    "проценты процентов процентам проценты процентами процентах",
    Gender.MASCULINE,
)
MINUTE: Final = Noun(
    "минута минуты минуте минуту минутой минуте", "минуты минут минутам минуты минутами минутах", Gender.FEMININE
)
HOUR: Final = Noun("час часа часу час часом часе", "часы часов часам часы часами часах", Gender.MASCULINE)
DAY: Final = Noun("день дня дню день днём дне", "дни дней дням дни днями днях", Gender.MASCULINE)
WEEK: Final = Noun(
    "неделя недели неделе неделю неделей неделе", "недели недель неделям недели неделями неделях", Gender.FEMININE
)
MONTH: Final = Noun(
    "месяц месяца месяцу месяц месяцем месяце", "месяцы месяцев месяцам месяцы месяцами месяцах", Gender.MASCULINE
)
YEAR: Final = Noun("год года году год годом годе", "годы лет годам годы годами годах", Gender.MASCULINE)
POINT: Final = Noun("балл балла баллу балл баллом балле", "баллы баллов баллам баллы баллами баллах", Gender.MASCULINE)


def cardinal(number: int, *, case: Case = Case.NOMINATIVE, gender: Gender = Gender.MASCULINE) -> str:
    """`number` in words: «двадцать одна», «двух тысяч»; a leading «одна» before «тысяча» is not said."""
    if number < 0:
        return "минус " + cardinal(-number, case=case, gender=gender)
    words = str(num2words(number, lang="ru", case=case.value, gender=gender.value, animate=False))
    first, _, rest = words.partition(" ")
    return rest if first.startswith(("одн", "один")) and rest.startswith("тысяч") else words


def counted(number: int, noun: Noun, *, case: Case = Case.NOMINATIVE) -> str:
    """`number` of things: «два рубля», «двадцать одну неделю», «пяти дней»."""
    return f"{cardinal(number, case=case, gender=noun.gender)} {_agreeing(number, noun, case)}"


def _agreeing(number: int, noun: Noun, case: Case) -> str:
    if number and number % 1000 == 0:  # «двумя тысячами рублей»: the thousands govern the noun
        return noun.plural[Case.GENITIVE]
    last, teens = number % 10, number % 100 in range(11, 15)
    if last == 1 and not teens:
        return noun.singular[case]
    if case not in (Case.NOMINATIVE, Case.ACCUSATIVE):
        return noun.plural[case]
    if last in (2, 3, 4) and not teens:
        return noun.singular[Case.GENITIVE]
    return noun.plural[Case.GENITIVE]


def money(amount: Decimal, *, case: Case = Case.NOMINATIVE) -> str:
    """Roubles and, when there are any, kopecks: «тысяча двести пятьдесят рублей пятьдесят копеек»."""
    cents = int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
    roubles, kopecks = divmod(abs(cents), 100)
    parts = [counted(roubles, ROUBLE, case=case)] if roubles or not kopecks else []
    if kopecks:
        parts.append(counted(kopecks, KOPECK, case=case))
    return ("минус " if cents < 0 else "") + " ".join(parts)


def percent(share: Decimal | int, *, case: Case = Case.NOMINATIVE) -> str:
    """«пятнадцать процентов», accusative «двадцать один процент»; a fraction is read as tenths or hundredths."""
    share = Decimal(share)
    whole = int(share)
    if share == whole:
        return counted(whole, PERCENT, case=case)
    return f"{decimal(share, case=case)} {PERCENT.singular[Case.GENITIVE]}"


def decimal(number: Decimal, *, case: Case = Case.NOMINATIVE) -> str:
    """A decimal fraction: «семь целых пять десятых», «одна целая двадцать пять сотых»; two places are kept."""
    hundredths = int((abs(number) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, rest = divmod(hundredths, 100)
    sign = "минус " if number < 0 and hundredths else ""
    if not rest:
        return sign + cardinal(whole, case=case)
    part, places = (rest // 10, "десят") if rest % 10 == 0 else (rest, "сот")
    return f"{sign}{_share(whole, 'цел', case)} {_share(part, places, case)}"


def _share(number: int, stem: str, case: Case) -> str:
    words = cardinal(number, case=case, gender=Gender.FEMININE)
    if number % 10 == 1 and number % 100 != 11:
        ending = {Case.NOMINATIVE: "ая", Case.ACCUSATIVE: "ую"}.get(case, "ой")
    else:
        ending = {Case.DATIVE: "ым", Case.INSTRUMENTAL: "ыми"}.get(case, "ых")
    return f"{words} {stem}{ending}"


def days(number: int, *, case: Case = Case.ACCUSATIVE) -> str:
    """How long something holds: «три дня», «один день», «неделю»."""
    if number == 7:
        return WEEK.singular[case]
    return counted(number, DAY, case=case)


def ago(number_of_days: int) -> str:
    """How long ago in rough human words: «вчера», «десять дней назад», «три месяца назад», «год назад»."""
    if number_of_days <= 0:
        return "сегодня"
    if number_of_days == 1:
        return "вчера"
    for length, noun, least in ((365, YEAR, 345), (30, MONTH, 27), (7, WEEK, 14)):
        if number_of_days >= least:
            return _about(max(1, round(number_of_days / length)), noun) + " назад"
    return counted(number_of_days, DAY, case=Case.ACCUSATIVE) + " назад"


def _about(number: int, noun: Noun) -> str:
    return noun.singular[Case.ACCUSATIVE] if number == 1 else counted(number, noun, case=Case.ACCUSATIVE)
