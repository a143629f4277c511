"""Draws a whole CRM: people, what they bought, what they allowed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Final

from voicebot.application.sample.goods import SHELVES, draw_line
from voicebot.application.sample.people import draw_name
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope, NewConsent
from voicebot.domain.customer import Channel, InterestSignal, NewCustomer, NewInterest, ValueClass
from voicebot.domain.order import NewOrder
from voicebot.domain.phone import Phone

_FIRST_PHONE: Final = 79_000_000_000
"""Numbers run from +7 900 000-00-00 on: valid to look at, and never what somebody's CRM holds."""
_SECOND_PHONE: Final = 79_010_000_000
_ZONES: Final = {
    "Europe/Moscow": 0.6,
    "": 0.1,
    "Europe/Samara": 0.1,
    "Asia/Yekaterinburg": 0.1,
    "Asia/Novosibirsk": 0.07,
    "Asia/Vladivostok": 0.03,
}
"""Where they live; an empty name means that nobody knows."""
_CONSENTS: Final = (
    (ConsentScope.PROCESSING, 0.98),
    (ConsentScope.CALL, 0.82),
    (ConsentScope.SMS, 0.75),
    (ConsentScope.EMAIL, 0.40),
    (ConsentScope.MESSENGER, 0.25),
)
"""How many have given each consent."""
_MONTH: Final = timedelta(days=30)


class Habit(StrEnum):
    """How a drawn customer buys."""

    ACTIVE = "active"  # bought lately
    SILENT = "silent"  # bought before, nothing for more than three months
    ONCE = "once"  # bought one single time, long ago
    SHRUNK = "shrunk"  # a tenth of the former volume is left
    INTERESTED = "interested"  # silent, yet asks prices


_HABITS: Final = {
    Habit.ACTIVE: 0.42,
    Habit.SILENT: 0.33,
    Habit.ONCE: 0.12,
    Habit.SHRUNK: 0.06,
    Habit.INTERESTED: 0.07,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleCrm:
    """Everything drawn; the records refer to customers by external id."""

    customers: tuple[NewCustomer, ...]
    orders: tuple[NewOrder, ...]
    consents: tuple[NewConsent, ...]
    events: tuple[NewInterest, ...] = ()
    stopped: tuple[str, ...] = ()
    """Customers who asked never to be called."""
    contacted: tuple[str, ...] = ()
    """Customers somebody called a few days ago."""


def generate_sample(*, customers: int, seed: int, now: datetime, only_lapsed: bool = False) -> SampleCrm:
    """The same people for the same arguments.

    `only_lapsed`: everybody is silent and may be called - with a phone, all consents, on no list.
    """
    people: list[NewCustomer] = []
    orders: list[NewOrder] = []
    consents: list[NewConsent] = []
    events: list[NewInterest] = []
    stopped: list[str] = []
    contacted: list[str] = []
    for number in range(1, customers + 1):
        drawn = _Drawn(Random(f"{seed}/{number}"), number, now, allowed=only_lapsed)  # not a secret
        bought = tuple(drawn.orders())
        people.append(drawn.person(bought))
        orders += bought
        consents += drawn.consents()
        events += drawn.events()
        if not only_lapsed and drawn.random.random() < 0.02:
            stopped.append(drawn.external_id)
        if not only_lapsed and drawn.random.random() < 0.015:
            contacted.append(drawn.external_id)
    return SampleCrm(
        customers=tuple(people),
        orders=tuple(orders),
        consents=tuple(consents),
        events=tuple(events),
        stopped=tuple(stopped),
        contacted=tuple(contacted),
    )


class _Drawn:
    """One customer in the making; owns a generator, so that customer 7 is the same whatever comes before."""

    def __init__(self, random: Random, number: int, now: datetime, *, allowed: bool) -> None:
        self.random = random
        self.number = number
        self.now = now.replace(minute=0, second=0, microsecond=0)
        self.allowed = allowed
        self.external_id = f"C-{number:06}"
        self.habit = Habit.SILENT if allowed else random.choices(tuple(_HABITS), tuple(_HABITS.values()))[0]
        self.shelves = random.sample(SHELVES, random.choice((1, 2, 2, 3)))

    def person(self, bought: tuple[NewOrder, ...]) -> NewCustomer:
        random = self.random
        phones = [Phone(f"+{_FIRST_PHONE + self.number}")]
        if random.random() < 0.12:
            phones.append(Phone(f"+{_SECOND_PHONE + self.number}"))
        if not self.allowed and random.random() < 0.03:
            phones.clear()
        return NewCustomer(
            external_id=self.external_id,
            name=draw_name(random),
            phones=tuple(phones),
            email=f"customer{self.number}@example.org" if random.random() < 0.7 else "",
            time_zone=random.choices(tuple(_ZONES), tuple(_ZONES.values()))[0],
            value_class=_class_of(bought, self.habit),
            preferred_channel=random.choice((None, None, Channel.CALL, Channel.SMS, Channel.MESSENGER)),
        )

    def orders(self) -> Iterator[NewOrder]:
        for number, (placed_at, lines) in enumerate(self._moments(), start=1):
            yield NewOrder(
                external_id=f"O-{self.number:06}-{number}",
                customer=self.external_id,
                placed_at=placed_at,
                lines=tuple(draw_line(self.random, self.random.choice(self.shelves)) for _ in range(lines)),
            )

    def consents(self) -> Iterator[NewConsent]:
        for scope, share in _CONSENTS:
            if not self.allowed and self.random.random() >= share:
                continue
            given = self.now - self._days(800, 1400)
            withdrawn = not self.allowed and self.random.random() < 0.04
            consent = Consent(
                scope=scope,
                kind=ConsentKind.SERVICE if scope is ConsentScope.PROCESSING else ConsentKind.ADVERTISING,
                source=self.random.choice(("анкета в магазине", "форма на сайте", "карта покупателя")),
                wording=self.random.choice(("2023-04", "2024-02")),
                given_at=given,
                proof=f"заявка {100_000 + self.number}",
                withdrawn_at=given + self._days(30, 600) if withdrawn else None,
            )
            yield NewConsent(customer=self.external_id, consent=consent)

    def events(self) -> Iterator[NewInterest]:
        if self.habit is not Habit.INTERESTED:
            return
        for kind in self.random.sample(list(InterestSignal), self.random.randint(1, 3)):
            yield NewInterest(customer=self.external_id, kind=kind, at=self.now - self._days(3, 70))

    def _moments(self) -> Iterator[tuple[datetime, int]]:
        """When each order was placed, oldest first, and how many lines it has."""
        random = self.random
        if self.habit is Habit.ONCE:
            yield self.now - self._days(120, 700), 1
            return
        if self.habit is Habit.SHRUNK:
            for month in range(14, 4, -1):
                yield self.now - month * _MONTH - self._days(0, 20), random.randint(3, 5)
            yield self.now - self._days(20, 60), 1
            return
        last = self._days(2, 75) if self.habit is Habit.ACTIVE else self._days(100, 540)
        count, pause = random.choice((2, 3, 3, 4, 5, 6, 8)), random.randint(12, 50)
        for number in range(count - 1, -1, -1):
            yield self.now - last - timedelta(days=number * pause), random.choice((1, 1, 2, 2, 3, 4))

    def _days(self, least: int, most: int) -> timedelta:
        return timedelta(days=self.random.randint(least, most), hours=self.random.randint(0, 9))


def _class_of(bought: tuple[NewOrder, ...], habit: Habit) -> ValueClass:
    total = sum((order.total for order in bought), Decimal(0))
    if habit is Habit.ONCE:
        return ValueClass.D
    return ValueClass.A if total >= 60_000 else ValueClass.B if total >= 25_000 else ValueClass.C
