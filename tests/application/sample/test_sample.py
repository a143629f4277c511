"""The sample CRM is believable, the same for the same seed, and holds whom the selection must leave out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.sample.crm import generate_sample
from voicebot.application.sample.load import load_sample
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.segment import ExclusionReason, Segment, SelectionRules, Shrunk, Silent, months_before
from voicebot.testing.stopped_clock import StoppedClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_same_seed_draws_the_same_people_and_another_seed_others() -> None:
    assert generate_sample(customers=30, seed=7, now=NOW) == generate_sample(customers=30, seed=7, now=NOW)
    assert generate_sample(customers=30, seed=7, now=NOW) != generate_sample(customers=30, seed=8, now=NOW)


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    assert generate_sample(customers=50, seed=7, now=NOW).customers[:20] == (
        generate_sample(customers=20, seed=7, now=NOW).customers
    )


def test_names_agree_in_gender() -> None:
    for customer in generate_sample(customers=500, seed=1, now=NOW).customers:
        last, first, patronymic = customer.name.last, customer.name.first, customer.name.patronymic
        woman = first.endswith(("а", "я")) and first not in ("Илья", "Никита")
        if patronymic:
            assert patronymic.endswith("на" if woman else "ич"), customer.name
        if last and not last.endswith("ко"):
            assert last.endswith(("а", "ая")) == woman, customer.name


def test_orders_are_of_the_past_and_earn_something() -> None:
    sample = generate_sample(customers=300, seed=1, now=NOW)
    assert all(order.placed_at < NOW for order in sample.orders)
    assert all(order.lines and order.total > 0 for order in sample.orders)
    assert all(
        line.margin is not None and 0 < line.margin < line.total for order in sample.orders for line in order.lines
    )
    assert len({order.external_id for order in sample.orders}) == len(sample.orders)


def test_phones_are_valid_to_look_at_and_never_shared() -> None:
    sample = generate_sample(customers=300, seed=1, now=NOW)
    phones = [phone for customer in sample.customers for phone in customer.phones]
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"\+790[01][0-9]{7}", phone.e164) for phone in phones)


def test_only_lapsed_draws_people_who_may_all_be_called() -> None:
    sample = generate_sample(customers=50, seed=3, now=NOW, only_lapsed=True)
    assert all(customer.phones for customer in sample.customers)
    assert sample.stopped == sample.contacted == ()
    latest = {customer.external_id: datetime.min.replace(tzinfo=UTC) for customer in sample.customers}
    for order in sample.orders:
        latest[order.customer] = max(latest[order.customer], order.placed_at)
    assert all(datetime.min.replace(tzinfo=UTC) < last < months_before(NOW, 3) for last in latest.values())
    for scope in ConsentScope:
        kind = ConsentKind.SERVICE if scope is ConsentScope.PROCESSING else ConsentKind.ADVERTISING
        holding = {one.customer for one in sample.consents if one.consent.allows(scope, kind, NOW)}
        assert holding == set(latest)


@pytest.mark.parametrize("segment", [Segment(name="s", rule=Silent()), Segment(name="s", rule=Shrunk())])
async def test_a_loaded_sample_holds_people_of_the_segment(engine: AsyncEngine, segment: Segment) -> None:
    sample = generate_sample(customers=200, seed=1, now=NOW)
    counts = await load_sample(sample, open_unit=lambda: SqlUnitOfWork(engine), clock=StoppedClock(NOW))
    assert counts.added == 200
    async with SqlUnitOfWork(engine) as unit:
        preview = await unit.selection.preview(segment, SelectionRules(), at=NOW, examples=3)
    assert 0 < preview.allowed <= preview.matched
    if isinstance(segment.rule, Silent):
        assert ExclusionReason.NO_CONSENT in {one.reason for one in preview.exclusions}


async def test_loading_a_sample_again_changes_nothing(engine: AsyncEngine) -> None:
    sample = generate_sample(customers=150, seed=1, now=NOW)
    clock = StoppedClock(NOW)
    await load_sample(sample, open_unit=lambda: SqlUnitOfWork(engine), clock=clock)
    before = await sizes(engine)
    counts = await load_sample(sample, open_unit=lambda: SqlUnitOfWork(engine), clock=clock)
    assert (counts.added, counts.updated) == (0, 150)
    assert await sizes(engine) == before
    assert before["stop_list"] > 0
    assert before["calls"] == len(sample.contacted) > 0


async def test_progress_counts_every_record(engine: AsyncEngine) -> None:
    sample = generate_sample(customers=20, seed=1, now=NOW)
    told: list[int] = []
    clock = StoppedClock(NOW + timedelta(days=1))
    await load_sample(sample, open_unit=lambda: SqlUnitOfWork(engine), clock=clock, progress=told.append)
    records = (sample.customers, sample.orders, sample.consents, sample.events)
    assert sum(told) == sum(map(len, records))


async def sizes(engine: AsyncEngine) -> dict[str, int]:
    tables = ("customers", "customer_phones", "orders", "order_lines", "consents", "stop_list", "calls", "leads")
    async with engine.connect() as connection:
        return {one: int(await connection.scalar(text(f"select count(*) from {one}")) or 0) for one in tables}
