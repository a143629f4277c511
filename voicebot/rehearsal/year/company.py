"""The company of a simulated year: its campaigns, the person who signs lists, and the orders that come in."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.application.claim_lead import Assignment
from voicebot.application.keep_campaigns import CampaignDesk
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.release_campaign import sign_list
from voicebot.application.sample.goods import SHELVES, draw_line
from voicebot.application.select_leads import begin_campaign
from voicebot.application.settle_orders import settle_orders
from voicebot.domain.campaign import CampaignKind, CampaignStatus, NewCampaign
from voicebot.domain.campaign_plan import Reminder, Variant
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.order import NewOrder
from voicebot.domain.outcome import Disposition
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.segment import Interested, Segment, Silent
from voicebot.rehearsal.year.people import SimulatedCall
from voicebot.rehearsal.year.timeline import Happening, Timeline

SIGNED_BY: Final = "Годовой прогон"
"""The simulated user who answers for the lists."""
_JOBS_EVERY: Final = timedelta(hours=1)
"""The real ones run each minute; nobody's day is that short."""
_NIGHT_FROM: Final = 21
_NIGHT: Final = timedelta(hours=10)
"""Nobody is called then, and nothing is selected."""
_SIGNS_AT: Final = time(9, 30)
_BUYS: Final = 0.45
"""Part of the promo codes that bring an order."""
_ORDERS_A_DAY: Final = 0.0015
"""Part of the customers who order on a day without being asked."""
_OPEN: Final = (CampaignStatus.AWAITING_RELEASE, CampaignStatus.RUNNING)
_THREE_DAYS: Final = OfferPolicy(days=3)


def campaigns() -> tuple[NewCampaign, ...]:
    """What the company runs all year; the reason for the seasonal one comes later."""
    return (
        NewCampaign(
            name="Возврат молчащих",
            kind=CampaignKind.ADVERTISING,
            script="winback",
            offer=_THREE_DAYS,
            segment=Segment(name="молчащие", rule=Silent(months=3)),
            schedule=parse_schedule("every monday at 8"),
            priority=1,
            reminder=Reminder(script="reminder", days=2),
            variants=(
                Variant(name="десять", share=Decimal("0.5")),
                Variant(name="пятнадцать", share=Decimal("0.5"), standard_percent=Decimal(15)),
            ),
        ),
        NewCampaign(
            name="Интересовались и не купили",
            kind=CampaignKind.ADVERTISING,
            script="winback",
            offer=_THREE_DAYS,
            segment=Segment(name="интересовались", rule=Interested(months=3), min_orders=0),
            schedule=parse_schedule("every weekday at 8"),
            control_share=Decimal("0.07"),
        ),
        NewCampaign(
            name="Контроль качества",
            kind=CampaignKind.SERVICE,
            script="quality",
            segment=Segment(name="купили недавно один раз", rule=Silent(months=1), last_order_within_months=2),
            schedule=parse_schedule("every tuesday and thursday at 9"),
        ),
    )


@dataclass
class Company:
    """What happens on the company's side, put on the timeline."""

    timeline: Timeline
    open_unit: OpenUnit
    zone: ZoneInfo
    random: Random
    customers: tuple[str, ...]
    """External ids of everybody."""
    wake: Callable[[], None] = field(default=lambda: None)
    """Tells the lines that leads may be due, as the database does (`wake.lines`)."""
    releases: list[tuple[datetime, str, int]] = field(default_factory=list)
    """Moment, campaign and count of each signature."""
    bought: Counter[str] = field(default_factory=Counter)
    """Orders by what led to them."""
    _orders: int = 0

    async def found(self) -> None:
        """Create the campaigns and begin the daily round."""
        for wanted in campaigns():
            await begin_campaign(self.open_unit, wanted, by=SIGNED_BY, now=self.timeline.now())
        self.timeline.at(self.timeline.now(), self._jobs)
        self.timeline.at(self._next_morning(), self._sign)
        self.timeline.at(self.timeline.now() + timedelta(days=1), self._buy_by_themselves)

    def hear_of(self, assignment: Assignment, call: SimulatedCall) -> None:
        """Some of those who took a code will order while it holds, or a little later."""
        if call.outcome.disposition is Disposition.ACCEPTED and self.random.random() < _BUYS:
            buyer = assignment.customer.external_id
            after = timedelta(hours=self.random.randint(1, 96))
            self.timeline.at(call.ends_at + after, lambda: self._buy(buyer, "promo"))

    async def _jobs(self) -> None:
        """What the jobs process does by the clock."""
        now = self.timeline.now()
        desk = CampaignDesk(open_unit=self.open_unit, clock=self.timeline, zone=self.zone)
        await desk.select()
        await desk.close()
        self.wake()
        wakes = now + (_JOBS_EVERY if now.astimezone(self.zone).hour < _NIGHT_FROM else _NIGHT)
        self.timeline.at(wakes, self._jobs)

    async def _sign(self) -> None:
        """Look at every list with new people on it and answer for it."""
        now = self.timeline.now()
        async with self.open_unit() as unit:
            standing = await unit.campaigns.standing(_OPEN)
        for campaign in standing:
            try:
                signed = await sign_list(self.open_unit, campaign.id, by=SIGNED_BY, now=now)
            except BadInput:  # nobody new is on it
                continue
            if signed.release is not None:
                self.releases.append((now, campaign.name, signed.release.leads))
        self.wake()
        self.timeline.at(self._next_morning(), self._sign)

    async def _buy_by_themselves(self) -> None:
        now = self.timeline.now()
        for buyer in self.random.sample(self.customers, round(len(self.customers) * _ORDERS_A_DAY)):
            after = timedelta(minutes=self.random.randint(0, 24 * 60 - 1))
            self.timeline.at(now + after, self._purchase(buyer))
        self.timeline.at(now + timedelta(days=1), self._buy_by_themselves)

    def _purchase(self, buyer: str) -> Happening:
        return lambda: self._buy(buyer, "by themselves")

    async def _buy(self, buyer: str, why: str) -> None:
        """An order as the feed of the CRM brings it."""
        self._orders += 1
        self.bought[why] += 1
        order = NewOrder(
            external_id=f"Y-{self._orders:06}",
            customer=buyer,
            placed_at=self.timeline.now(),
            lines=(draw_line(self.random, self.random.choice(SHELVES)),),
        )
        async with self.open_unit() as unit:
            await unit.loader.stage((order,))
            await unit.loader.apply()
            await settle_orders(unit, self.timeline.now())
            await unit.commit()

    def _next_morning(self) -> datetime:
        """The next weekday at half past nine, company time."""
        local = self.timeline.now().astimezone(self.zone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            morning = datetime.combine(day, _SIGNS_AT, tzinfo=self.zone)
            if morning > local and day.weekday() < 5:
                return morning
        raise AssertionError("a week has a weekday")
