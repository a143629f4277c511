"""The variables a script may use, each with who fills it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A gap in a prompt."""

    meaning: str
    """What stands there, and in which case."""
    longest: str
    """A long but real value: prompts are measured with it."""
    during_call: bool = False
    """Known only once the customer has said it; never synthesised ahead."""


VARIABLES: Final[Mapping[str, Variable]] = {
    "company": Variable(meaning="the advertiser, nominative", longest="Северная ярмарка"),
    "full_name": Variable(
        meaning="first name, patronymic, last name", longest="Александра Константиновна Рождественская"
    ),
    "name": Variable(meaning="first name and patronymic", longest="Александра Константиновна"),
    "reminder": Variable(
        meaning="a clause about the last order, beginning a sentence",
        longest="Одиннадцать месяцев назад у вас был заказ: кофе в зёрнах Бразилия",
    ),
    "first_discount": Variable(meaning="the standard discount, accusative", longest="двадцать четыре процента"),
    "first_days": Variable(meaning="how long it holds, accusative", longest="двадцать один день"),
    "first_until": Variable(meaning="its last day, genitive", longest="двадцать четвёртого сентября"),
    "better_discount": Variable(meaning="the personal discount, accusative", longest="двадцать восемь процентов"),
    "better_days": Variable(meaning="how long it holds, accusative", longest="двадцать один день"),
    "better_until": Variable(meaning="its last day, genitive", longest="двадцать четвёртого сентября"),
    "promo_discount": Variable(meaning="discount of the code sent before", longest="двадцать восемь процентов"),
    "promo_until": Variable(meaning="last day of that code, genitive", longest="двадцать четвёртого сентября"),
    "promo_code": Variable(meaning="that code, letter by letter", longest="эс, эй, семь, ноль, ка, два, дабл ю"),
    "callback_time": Variable(
        meaning="the agreed moment",
        longest="в понедельник двадцать третьего ноября в девятнадцать часов",
        during_call=True,
    ),
}
