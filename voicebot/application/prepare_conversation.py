"""Fill a script's variables with words to be spoken."""

from dataclasses import dataclass
from datetime import date, timedelta

from voicebot.domain.customer import PersonName
from voicebot.domain.outcome import Discount
from voicebot.domain.spoken import Case, ago, days, percent
from voicebot.domain.spoken_dates import day_of_month
from voicebot.domain.spoken_text import speakable, spelled

_LONGEST_GOODS = 32
_LONGEST_NAME = 40
_NOBODY = "Уважаемый покупатель"
_REMEMBERED = "Давно вас не было"


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedPromo:
    """A promo code the customer holds already."""

    code: str
    discount: Discount
    last_day: date
    """In the customer's zone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationFacts:
    """What the bot may mention, in plain values."""

    company: str
    """The advertiser."""
    name: PersonName
    last_goods: str = ""
    """What was bought last, as the CRM calls it; empty when unknown."""
    last_order_on: date | None = None
    """In the customer's zone."""
    first: Discount
    """The standard offer."""
    better: Discount
    """The one after «дорого»."""
    promo: IssuedPromo | None = None
    """For a reminder; without one the reminder's variables speak of the standard offer."""
    today: date
    """In the customer's zone."""


def prepare_conversation(facts: ConversationFacts) -> dict[str, str]:
    """Every variable of `domain.script_variables` that can be known before the call, as spoken Russian."""
    promo = facts.promo or IssuedPromo(code="", discount=facts.first, last_day=_last_day(facts.first, facts.today))
    return {
        "company": speakable(facts.company) or facts.company,
        "full_name": _full_name(facts.name),
        "name": speakable(facts.name.address, longest=_LONGEST_NAME) or _NOBODY,
        "reminder": _reminder(facts),
        "first_discount": _discount(facts.first),
        "first_days": days(facts.first.days),
        "first_until": day_of_month(_last_day(facts.first, facts.today)),
        "better_discount": _discount(facts.better),
        "better_days": days(facts.better.days),
        "better_until": day_of_month(_last_day(facts.better, facts.today)),
        "promo_discount": _discount(promo.discount),
        "promo_until": day_of_month(promo.last_day),
        "promo_code": spelled(promo.code) or "из смс",
    }


def _full_name(name: PersonName) -> str:
    """First name, patronymic, last name: the order people are addressed in."""
    return speakable(f"{name.address} {name.last}", longest=2 * _LONGEST_NAME) or _NOBODY


def _reminder(facts: ConversationFacts) -> str:
    if facts.last_order_on is None:
        return _REMEMBERED
    when = ago((facts.today - facts.last_order_on).days)
    goods = speakable(facts.last_goods, longest=_LONGEST_GOODS)
    said = f"{when} у вас был заказ" + (f": {goods[:1].lower()}{goods[1:]}" if goods else "")
    return said[:1].upper() + said[1:]


def _discount(discount: Discount) -> str:
    return percent(discount.percent, case=Case.ACCUSATIVE)


def _last_day(discount: Discount, today: date) -> date:
    return today + timedelta(days=discount.days)
