"""The compiled selection finds exactly the people plain Python finds, and explains all others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.segment_sql import control_bucket as bucket_sql
from voicebot.adapters.store.selection import planned_for_masses
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.sample.crm import SampleCrm, generate_sample
from voicebot.application.sample.load import load_sample
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope, NewConsent
from voicebot.domain.customer import InterestSignal, NewCustomer, NewInterest, PersonName, ValueClass
from voicebot.domain.order import NewOrder, OrderLine
from voicebot.domain.phone import Phone
from voicebot.domain.segment import (
    ExclusionReason,
    Interested,
    Segment,
    SelectionRules,
    Shrunk,
    Silent,
    control_bucket,
    in_control_group,
    months_before,
)
from voicebot.testing.stopped_clock import StoppedClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOBODY_LEFT_OUT = SelectionRules(control_share=Decimal(0))
SILENT = Segment(name="silent", rule=Silent())


@dataclass(frozen=True)
class Bought:
    """One customer's orders and signs of interest, for the plain-Python twin of the selection."""

    customer: NewCustomer
    orders: tuple[NewOrder, ...]
    events: tuple[NewInterest, ...]

    def spent(self, since: datetime, until: datetime = NOW) -> Decimal:
        return sum((one.total for one in self.orders if since <= one.placed_at < until), Decimal(0))

    def ordered_since(self, since: datetime) -> bool:
        return any(one.placed_at >= since for one in self.orders)

    @property
    def total(self) -> Decimal:
        return self.spent(datetime.min.replace(tzinfo=UTC))


THREE_AGO, YEAR_BEFORE = months_before(NOW, 3), months_before(NOW, 15)


def silent(who: Bought) -> bool:
    return bool(who.orders) and not who.ordered_since(THREE_AGO)


def shrunk(who: Bought) -> bool:
    former, recent = who.spent(YEAR_BEFORE, THREE_AGO), who.spent(THREE_AGO)
    return who.ordered_since(THREE_AGO) and former > 0 and recent / 3 <= former / 12 * Decimal("0.10")


def interested(who: Bought, least: int = 1) -> bool:
    signs = [one for one in who.events if one.at >= THREE_AGO]
    return len(signs) >= least and not who.ordered_since(THREE_AGO)


CASES: dict[str, tuple[Segment, Callable[[Bought], bool]]] = {
    "silent": (SILENT, silent),
    "shrunk": (Segment(name="x", rule=Shrunk()), shrunk),
    "interested": (Segment(name="x", rule=Interested(), min_orders=0), interested),
    "interested, twice": (
        Segment(name="x", rule=Interested(min_signals=2), min_orders=0),
        lambda who: interested(who, 2),
    ),
    "interested in prices": (
        Segment(name="x", rule=Interested(signals=(InterestSignal.PRICE_REQUEST,)), min_orders=1),
        lambda who: (
            interested(who)
            and any(one.kind is InterestSignal.PRICE_REQUEST and one.at >= THREE_AGO for one in who.events)
        ),
    ),
    "one order only": (replace(SILENT, max_orders=1), lambda who: silent(who) and len(who.orders) == 1),
    "regulars": (replace(SILENT, min_orders=4), lambda who: silent(who) and len(who.orders) >= 4),
    "between two sums": (
        replace(SILENT, min_spent=Decimal(5000), max_spent=Decimal(20000)),
        lambda who: silent(who) and 5000 <= who.total <= 20000,
    ),
    "not lost for good": (
        replace(SILENT, last_order_within_months=9),
        lambda who: silent(who) and who.ordered_since(months_before(NOW, 9)),
    ),
    "of two classes": (
        replace(SILENT, value_classes=(ValueClass.C, ValueClass.D)),
        lambda who: silent(who) and who.customer.value_class in (ValueClass.C, ValueClass.D),
    ),
    "of two categories": (
        replace(SILENT, categories=("Посуда", "Текстиль")),
        lambda who: (
            silent(who) and any(line.category in ("Посуда", "Текстиль") for order in who.orders for line in order.lines)
        ),
    ),
}


async def test_every_kind_and_bound_selects_whom_plain_python_selects(engine: AsyncEngine) -> None:
    sample = generate_sample(customers=300, seed=5, now=NOW, only_lapsed=False)
    sample = replace(sample, stopped=(), contacted=(), consents=tuple(allowed_to_call(sample)))
    await load(engine, sample)
    people = [
        Bought(
            one,
            tuple(order for order in sample.orders if order.customer == one.external_id),
            tuple(event for event in sample.events if event.customer == one.external_id),
        )
        for one in sample.customers
        if one.phones
    ]
    for name, (segment, expected) in CASES.items():
        found = await selected(engine, segment, NOBODY_LEFT_OUT)
        wanted = {one.customer.external_id for one in people if expected(one)}
        assert found == wanted, name
        assert wanted, f"the sample holds nobody who is {name}"


async def test_every_lapsed_customer_is_either_allowed_or_excluded_with_a_reason(engine: AsyncEngine) -> None:
    await load(engine, generate_sample(customers=400, seed=8, now=NOW))
    rules = SelectionRules(control_share=Decimal("0.07"))
    async with SqlUnitOfWork(engine) as unit:
        preview = await unit.selection.preview(SILENT, rules, at=NOW, examples=1000)
        allowed = await unit.selection.allowed(SILENT, rules, at=NOW)
    excluded = {one.id for exclusion in preview.exclusions for one in exclusion.examples}
    assert tuple(one.id for one in preview.examples) == allowed
    assert len(allowed) == preview.allowed
    assert len(excluded) == preview.excluded
    assert excluded.isdisjoint(allowed)
    assert {one.reason for one in preview.exclusions} == {
        ExclusionReason.NO_CONSENT,
        ExclusionReason.STOP_LIST,
        ExclusionReason.NO_PHONE,
        ExclusionReason.RECENTLY_CONTACTED,
        ExclusionReason.CONTROL_GROUP,
    }
    assert all(one.count == len(one.examples) for one in preview.exclusions)
    control = next(one for one in preview.exclusions if one.reason is ExclusionReason.CONTROL_GROUP)
    assert all(in_control_group(one.id, rules.control_share) for one in control.examples)


async def test_each_reason_excludes_the_customer_it_is_about(engine: AsyncEngine) -> None:
    names = ["fine", "no consent", "service only", "withdrawn", "to come", "sms only", "stopped", "stopped number"]
    names += ["no phone", "wrong number", "one of two wrong"]
    await load(engine, SampleCrm(customers=tuple(map(customer, names)), orders=tuple(map(order, names)), consents=()))
    given = {
        "service only": consent(kind=ConsentKind.SERVICE),
        "withdrawn": consent(withdrawn_at=NOW - timedelta(days=1)),
        "to come": consent(given_at=NOW + timedelta(hours=1)),
        "sms only": consent(scope=ConsentScope.SMS),
    }
    async with SqlUnitOfWork(engine) as unit:
        await unit.loader.stage(
            [NewConsent(customer=one, consent=given.get(one, consent())) for one in names if one != "no consent"]
        )
        await unit.loader.apply()
        await unit.stop_list.add((await unit.customers.named("stopped")).id, at=NOW, reason="", source="test")
        await unit.stop_list.add_phone(phone_of("stopped number"), at=NOW, reason="", source="test")
        for one in ("wrong number", "one of two wrong"):
            marked = await unit.customers.named(one)
            await unit.customers.mark_wrong_number(marked.id, phone_of(one), NOW)
        await unit.commit()
    found = await reasons(engine, NOBODY_LEFT_OUT)
    assert await selected(engine, SILENT, NOBODY_LEFT_OUT) == {"fine", "one of two wrong"}
    assert found == {
        ExclusionReason.NO_CONSENT: {"no consent", "service only", "withdrawn", "to come", "sms only"},
        ExclusionReason.STOP_LIST: {"stopped", "stopped number"},
        ExclusionReason.NO_PHONE: {"no phone"},
        ExclusionReason.WRONG_NUMBER: {"wrong number"},
    }
    service = replace(NOBODY_LEFT_OUT, purpose=ConsentKind.SERVICE)
    assert await selected(engine, SILENT, service) == {"fine", "one of two wrong", "service only"}


@pytest.mark.parametrize(("quiet_days", "left_alone"), [(14, True), (4, False), (0, False)])
async def test_who_was_called_lately_is_left_alone_for_the_quiet_days(
    engine: AsyncEngine, quiet_days: int, left_alone: bool
) -> None:
    await load(engine, called_once())
    rules = replace(NOBODY_LEFT_OUT, quiet_days=quiet_days)
    assert await selected(engine, SILENT, rules) == ({"other"} if left_alone else {"other", "called"})
    expected = {ExclusionReason.RECENTLY_CONTACTED: {"called"}} if left_alone else {}
    assert await reasons(engine, rules) == expected


async def test_no_reaction_counts_only_those_who_were_contacted_so_often(engine: AsyncEngine) -> None:
    await load(engine, called_once())
    rules = replace(NOBODY_LEFT_OUT, quiet_days=0)
    assert await selected(engine, replace(SILENT, no_reaction_to_last=1), rules) == {"called"}
    assert await selected(engine, replace(SILENT, no_reaction_to_last=2), rules) == set()


async def test_the_draw_for_the_control_group_is_the_same_in_sql(engine: AsyncEngine) -> None:
    ids = [1, 2, 3, 500, 65_535, 65_536, 999_999, 2**31 - 1, 2**31, 2**40 + 17]
    async with engine.connect() as connection:
        for one in ids:
            query = select(bucket_sql(literal(one, BigInteger)))
            assert await connection.scalar(query) == control_bucket(one)


async def test_a_selection_leaves_the_planner_as_it_was(engine: AsyncEngine) -> None:
    setting = select(func.current_setting("enable_nestloop"), func.current_setting("work_mem"))
    async with engine.connect() as connection:
        before = (await connection.execute(setting)).one()
        async with planned_for_masses(connection):
            assert (await connection.execute(setting)).one() != before
        assert (await connection.execute(setting)).one() == before


async def load(engine: AsyncEngine, sample: SampleCrm) -> None:
    await load_sample(sample, open_unit=lambda: SqlUnitOfWork(engine), clock=StoppedClock(NOW))


async def selected(engine: AsyncEngine, segment: Segment, rules: SelectionRules) -> set[str]:
    async with SqlUnitOfWork(engine) as unit:
        found = await unit.selection.allowed(segment, rules, at=NOW)
        return {(await unit.customers.get(one)).external_id for one in found}


async def reasons(engine: AsyncEngine, rules: SelectionRules) -> dict[ExclusionReason, set[str]]:
    async with SqlUnitOfWork(engine) as unit:
        preview = await unit.selection.preview(SILENT, rules, at=NOW, examples=100)
    return {one.reason: {customer.external_id for customer in one.examples} for one in preview.exclusions}


def called_once() -> SampleCrm:
    names = ("called", "other")
    return SampleCrm(
        customers=tuple(map(customer, names)),
        orders=tuple(map(order, names)),
        consents=tuple(NewConsent(customer=one, consent=consent()) for one in names),
        contacted=("called",),
    )


def allowed_to_call(sample: SampleCrm) -> list[NewConsent]:
    return [NewConsent(customer=one.external_id, consent=consent()) for one in sample.customers]


def phone_of(name: str) -> Phone:
    return Phone(f"+7900{sum(name.encode()) * 7919 % 10**7:07}")


def customer(name: str) -> NewCustomer:
    phones = () if name == "no phone" else (phone_of(name),)
    if name == "one of two wrong":
        phones = (*phones, Phone("+79991112233"))
    return NewCustomer(external_id=name, name=PersonName(first="Анна"), phones=phones)


def order(name: str) -> NewOrder:
    line = OrderLine(what="Чай", category="Чай", quantity=Decimal(1), price=Decimal(400))
    return NewOrder(external_id=f"O {name}", customer=name, placed_at=NOW - timedelta(days=200), lines=(line,))


def consent(
    *,
    scope: ConsentScope = ConsentScope.CALL,
    kind: ConsentKind = ConsentKind.ADVERTISING,
    given_at: datetime = NOW - timedelta(days=900),
    withdrawn_at: datetime | None = None,
) -> Consent:
    return Consent(scope=scope, kind=kind, source="test", wording="1", given_at=given_at, withdrawn_at=withdrawn_at)
