"""A campaign comes back from the database as it went in."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.domain.campaign import CampaignKind, CampaignStatus, NewCampaign
from voicebot.domain.campaign_plan import Budget, Reminder, Spending, Variant, Window
from voicebot.domain.contact_hours import same_every_day
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.segment import Interested, LapseRule, Segment, Shrunk, Silent

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RULES = (
    Silent(months=5),
    Interested(months=2, signals=(InterestSignal.VISIT,), min_signals=3),
    Shrunk(months=4, share=Decimal("0.15"), former_months=9),
)


def rich(rule: LapseRule) -> NewCampaign:
    """A campaign that says everything."""
    return NewCampaign(
        name=f"весна {type(rule).__name__}",
        kind=CampaignKind.ADVERTISING,
        script="winback",
        dialplan="night",
        offer=OfferPolicy(standard_percent=Decimal("12.50"), days=4, acquisition_cost=Decimal("900.00")),
        segment=Segment(
            name="ушли",
            rule=rule,
            min_orders=2,
            max_orders=9,
            min_spent=Decimal("100.50"),
            max_spent=Decimal(10_000),
            last_order_within_months=24,
            categories=("Кофе", "Чай"),
            value_classes=(ValueClass.B, ValueClass.C),
            no_reaction_to_last=2,
        ),
        schedule=parse_schedule("every weekday at 9"),
        window=Window(
            starts_on=date(2026, 12, 1),
            ends_on=date(2027, 1, 31),
            hours=same_every_day((time(10), time(12)), (time(15), time.max), on_holidays=True),
        ),
        budget=Budget(max_calls=100, max_money=Decimal("5000.50"), max_codes=7),
        priority=-3,
        weight=4,
        control_share=Decimal("0.0625"),
        quiet_days=30,
        variants=(
            Variant(name="a", share=Decimal("0.25")),
            Variant(name="b", share=Decimal("0.75"), script="quality", standard_percent=Decimal(15)),
        ),
        reminder=Reminder(script="reminder", days=2),
        triggers=("paid", "birthday"),
        season="весна",
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
async def test_every_field_survives(engine: AsyncEngine, rule: LapseRule) -> None:
    wanted = rich(rule)
    async with SqlUnitOfWork(engine) as unit:
        created = await unit.campaigns.create(wanted, at=NOON)
        read = await unit.campaigns.named(wanted.name)
    assert read == created
    for name in NewCampaign.__dataclass_fields__:
        assert getattr(read, name) == getattr(wanted, name), name
    assert (read.status, read.created_at, read.selected_at, read.released) == (CampaignStatus.DRAFT, NOON, None, False)


async def test_a_bare_campaign_has_the_defaults(engine: AsyncEngine) -> None:
    wanted = NewCampaign(name="bare", kind=CampaignKind.SERVICE, script="quality")
    async with SqlUnitOfWork(engine) as unit:
        read = await unit.campaigns.create(wanted, at=NOON)
        assert await unit.campaigns.spending(read.id) == Spending()
        assert await unit.campaigns.standing((CampaignStatus.RUNNING,)) == ()
        assert await unit.campaigns.standing((CampaignStatus.DRAFT,)) == (read,)
    for name in NewCampaign.__dataclass_fields__:
        assert getattr(read, name) == getattr(wanted, name), name
