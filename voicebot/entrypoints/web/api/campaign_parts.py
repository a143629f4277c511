"""What a campaign is made of, in the parts of the desk's wizard: whom, what to say, when, offer, control group."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from voicebot.domain.campaign import CampaignKind
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.entrypoints.web.api.schema import Range, Text

Words = Text(least=0, most=200)
Item = Text(most=100, pattern=r"^[^,;\n]+$")
"""One of a list; the desk types lists with commas."""
Script = Text(least=0, most=64, pattern=r"^[A-Za-z0-9._-]*$")
Stretch = Text(least=9, most=11, pattern=r"^[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$")
Months = Range(most=600)
Percent = Range(least=0, most=100)
Money = Range(least=0, most=10**9)
Count = Range(most=10**9)
Share = Range(least=0, most=1)


class People(StrEnum):
    """Whom a campaign is about."""

    SILENT = "silent"  # bought before, then nothing
    INTERESTED = "interested"  # ask prices, open offers, visit, and buy nothing
    SHRUNK = "shrunk"  # buy many times less than before
    SEASON = "season"  # of the seasonal list
    EVENTS = "events"  # CRM events bring them


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignWhom:
    """Whom it is about."""

    people: People = People.SILENT
    months: Annotated[int, Months, "Without an order; of `shrunk`: the period that is compared."] = 3
    share: Annotated[Decimal | None, Share, "Of `shrunk`: at most this part of the former average is left."] = None
    former_months: Annotated[int | None, Months, "Of `shrunk`: the period before."] = None
    signals: Annotated[tuple[InterestSignal, ...], "Of `interested`; empty: any."] = ()
    min_signals: Annotated[int, Range(most=1000), "Of `interested`."] = 1
    min_orders: Annotated[int | None, Money, "null: what is usual for these people."] = None
    max_orders: Annotated[int | None, Count] = None
    min_spent: Annotated[Decimal | None, Money, "RUB."] = None
    max_spent: Annotated[Decimal | None, Money, "RUB."] = None
    last_order_within_months: Annotated[int | None, Months] = None
    categories: Annotated[tuple[Annotated[str, Item], ...], "Bought something of one of these; empty: anything."] = ()
    value_classes: Annotated[tuple[ValueClass, ...], "Empty: any."] = ()
    no_reaction_to_last: Annotated[
        int, Range(least=0, most=100), "So many contacts interested nobody; 0: no such bound."
    ] = 0
    quiet_days: Annotated[int, Range(least=0, most=365), "After an answered call of another campaign."] = 14
    season: Annotated[str, Words, "The reason to call people of the seasonal list."] = ""
    triggers: Annotated[tuple[Annotated[str, Item], ...], "Kinds of CRM events that put a person on the list."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignVariant:
    """One side of a split test."""

    name: Annotated[str, Text(most=40)]
    share: Annotated[Decimal, Share, "Part of the people; all together make 1."]
    script: Annotated[str, Script, "Empty: the campaign's."] = ""
    percent: Annotated[int | None, Percent, "The first discount; null: the campaign's."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignSay:
    """What is said to them."""

    kind: Annotated[CampaignKind, "Advertising needs consent to advertising, and a release by a named person."] = (
        CampaignKind.ADVERTISING
    )
    script: Annotated[str, Script] = "winback"
    dialplan: Annotated[str, Script, "Empty: that of the settings."] = ""
    variants: Annotated[tuple[CampaignVariant, ...], "A split test of two to five; empty: none."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignHours:
    """Stretches of each day, by the customer's clock: `10:00-12:00`, in order; no day of none."""

    mon: tuple[Annotated[str, Stretch], ...] = ()
    tue: tuple[Annotated[str, Stretch], ...] = ()
    wed: tuple[Annotated[str, Stretch], ...] = ()
    thu: tuple[Annotated[str, Stretch], ...] = ()
    fri: tuple[Annotated[str, Stretch], ...] = ()
    sat: tuple[Annotated[str, Stretch], ...] = ()
    sun: tuple[Annotated[str, Stretch], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignWhen:
    """When new people are looked for, and when they are dialled."""

    schedule: Annotated[
        str, Words, "Cron, or `every weekday at 9`, by the company's clock; empty: once, when it is sent."
    ] = "0 9 * * 1-5"
    starts_on: date | None = None
    ends_on: date | None = None
    hours: Annotated[CampaignHours | None, "Narrower than those of the dialplan; null: these alone."] = None
    priority: Annotated[int, Range(least=-1000, most=1000), "The higher is dialled first."] = 0
    weight: Annotated[int, Range(most=1000), "Share of the lines among equals."] = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignReminder:
    """The call to those whose promo code is still unused."""

    days: Annotated[int, Range(most=365), "After the code was issued."]
    script: Annotated[str, Script] = "reminder"


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignOffer:
    """What is promised."""

    percent: Annotated[int, Percent, "The first discount."] = 10
    days: Annotated[int, Range(most=365), "How long a code holds."] = 3
    floor: Annotated[int, Percent, "No personal discount is smaller."] = 5
    ceiling: Annotated[int, Percent, "No personal discount is greater."] = 25
    margin: Annotated[int, Percent, "That must be left, percent of the discounted price; below 100."] = 5
    acquisition_cost: Annotated[int, Money, "RUB a new customer costs."] = 1500
    reminder: CampaignReminder | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignBudget:
    """What it may use up; null: no bound."""

    max_calls: Annotated[int | None, Count] = None
    max_money: Annotated[int | None, Count, "RUB for calls and messages."] = None
    max_codes: Annotated[int | None, Count] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignControl:
    """Who is left alone, to measure what the calls are worth."""

    share: Annotated[Decimal, Share, "Part of the people, 0 to 0.5; 0.05 to 0.07 is the practice."] = Decimal("0.05")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanWanted:
    """What is to change; a part that is given replaces that part, within it what is left out is as usual."""

    whom: CampaignWhom | None = None
    say: CampaignSay | None = None
    when: CampaignWhen | None = None
    offer: CampaignOffer | None = None
    budget: CampaignBudget | None = None
    control: CampaignControl | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftWanted(PlanWanted):
    """A draft, right or wrong; a part that is given replaces that part, within it what is left out is as usual."""

    name: Annotated[str | None, Text(most=100), "What people will call the campaign; unique."] = None
    file: Annotated[
        str | None,
        Text(most=40_000),
        "A campaign file (YAML), its segment written out; parts given beside it go over it.",
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignParts:
    """All of a campaign; send it back changed."""

    whom: CampaignWhom
    say: CampaignSay
    when: CampaignWhen
    offer: CampaignOffer
    budget: CampaignBudget
    control: CampaignControl
