"""The customer repository answers about one customer at a time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.ports.crm_import import CrmRecord
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope, NewConsent
from voicebot.domain.customer import Channel, NewCustomer, PersonName, ValueClass
from voicebot.domain.errors import NotFound
from voicebot.domain.order import NewOrder, OrderLine
from voicebot.domain.phone import Phone

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOBILE, CITY = Phone("+79161234567"), Phone("+74951234567")
ANNA = NewCustomer(
    external_id="C-1",
    name=PersonName(last="Соколова", first="Анна", patronymic="Игоревна"),
    phones=(MOBILE, CITY),
    email="anna@example.org",
    time_zone="Asia/Omsk",
    value_class=ValueClass.B,
    preferred_channel=Channel.CALL,
)
IVAN = NewCustomer(external_id="C-2", name=PersonName(first="Иван"), phones=(MOBILE,))


async def test_a_customer_comes_back_as_they_were_brought_the_primary_number_first(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
        assert await unit.customers.get(anna.id) == anna
    assert (anna.name, anna.email, anna.time_zone) == (ANNA.name, "anna@example.org", "Asia/Omsk")
    assert (anna.value_class, anna.preferred_channel) == (ValueClass.B, Channel.CALL)
    assert [(one.phone, one.primary) for one in anna.phones] == [(MOBILE, True), (CITY, False)]


async def test_who_does_not_exist_is_not_found(engine: AsyncEngine) -> None:
    async with SqlUnitOfWork(engine) as unit:
        with pytest.raises(NotFound, match="no customer 7"):
            await unit.customers.get(7)
        with pytest.raises(NotFound, match="C-7"):
            await unit.customers.named("C-7")


async def test_a_number_shared_by_two_people_finds_the_one_who_ordered_last_first(engine: AsyncEngine) -> None:
    await load(engine, ANNA, IVAN)
    await load(engine, order("O-1", "C-1", days_ago=90), order("O-2", "C-2", days_ago=5))
    async with SqlUnitOfWork(engine) as unit:
        assert [one.external_id for one in await unit.customers.with_phone(MOBILE)] == ["C-2", "C-1"]
        assert [one.external_id for one in await unit.customers.with_phone(CITY)] == ["C-1"]
        assert await unit.customers.with_phone(Phone("+79990000000")) == ()


async def test_a_wrong_number_is_marked_once_and_found_no_more(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
        await unit.customers.mark_wrong_number(anna.id, MOBILE, NOW)
        await unit.customers.mark_wrong_number(anna.id, MOBILE, NOW + timedelta(days=1))
        marked = await unit.customers.get(anna.id)
        assert [one.wrong_number_at for one in marked.phones] == [NOW, None]
        assert marked.dialable == CITY
        assert await unit.customers.with_phone(MOBILE) == ()


async def test_a_history_adds_up_what_was_bought(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    coffee = OrderLine(what="Кофе", category="Кофе", quantity=Decimal(2), price=Decimal("1290.50"), margin=Decimal(640))
    tea = OrderLine(what="Чай", category="Чай", quantity=Decimal("0.5"), price=Decimal(400))
    first, last = NOW - timedelta(days=200), NOW - timedelta(days=100)
    await load(
        engine,
        NewOrder(external_id="O-1", customer="C-1", placed_at=first, lines=(coffee,)),
        NewOrder(external_id="O-2", customer="C-1", placed_at=last, lines=(tea, coffee)),
    )
    async with SqlUnitOfWork(engine) as unit:
        history = await unit.customers.history((await unit.customers.named("C-1")).id)
    assert (history.orders, history.total, history.margin) == (2, Decimal("5362.00"), Decimal(1280))
    assert (history.last_at, history.average) == (last, Decimal("2681.00"))
    assert [line.what for line in history.last_lines] == ["Кофе", "Чай"]


async def test_who_never_bought_has_an_empty_history(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    async with SqlUnitOfWork(engine) as unit:
        history = await unit.customers.history((await unit.customers.named("C-1")).id)
    assert (history.orders, history.total, history.margin) == (0, 0, None)
    assert (history.last_at, history.average, history.last_lines) == (None, None, ())


async def test_consents_come_with_their_proof_newest_first(engine: AsyncEngine) -> None:
    old = consent(days_ago=400, withdrawn_at=NOW - timedelta(days=300))
    new = consent(days_ago=30)
    await load(engine, ANNA)
    await load(engine, NewConsent(customer="C-1", consent=old), NewConsent(customer="C-1", consent=new))
    async with SqlUnitOfWork(engine) as unit:
        assert await unit.customers.consents((await unit.customers.named("C-1")).id) == (new, old)


async def test_nothing_is_kept_without_a_commit(engine: AsyncEngine) -> None:
    async with SqlUnitOfWork(engine) as unit:
        await unit.loader.stage([ANNA])
        await unit.loader.apply()
        assert (await unit.customers.named("C-1")).name == ANNA.name
    async with SqlUnitOfWork(engine) as unit:
        with pytest.raises(NotFound):
            await unit.customers.named("C-1")


async def test_a_stop_covers_the_person_and_their_numbers_and_keeps_its_first_date(engine: AsyncEngine) -> None:
    await load(engine, ANNA, IVAN)
    async with SqlUnitOfWork(engine) as unit:
        anna, ivan = await unit.customers.named("C-1"), await unit.customers.named("C-2")
        assert await unit.stop_list.since(anna.id) is None
        await unit.stop_list.add(anna.id, at=NOW, reason="asked", source="call")
        await unit.stop_list.add(anna.id, at=NOW + timedelta(days=1), reason="again", source="call")
        assert await unit.stop_list.since(anna.id) == NOW
        assert await unit.stop_list.phone_since(CITY) == NOW
        assert await unit.stop_list.since(ivan.id) == NOW  # shares the mobile number


async def test_a_stop_does_not_bind_a_number_known_to_be_a_strangers(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
        await unit.customers.mark_wrong_number(anna.id, MOBILE, NOW)
        await unit.stop_list.add(anna.id, at=NOW, reason="asked", source="call")
        assert await unit.stop_list.phone_since(MOBILE) is None
        assert await unit.stop_list.phone_since(CITY) == NOW


async def test_a_stopped_number_stops_its_owner(engine: AsyncEngine) -> None:
    await load(engine, ANNA)
    async with SqlUnitOfWork(engine) as unit:
        await unit.stop_list.add_phone(CITY, at=NOW, reason="asked", source="call:1")
        assert await unit.stop_list.since((await unit.customers.named("C-1")).id) == NOW


async def load(engine: AsyncEngine, *records: CrmRecord) -> None:
    async with SqlUnitOfWork(engine) as unit:
        await unit.loader.stage(records)
        await unit.loader.apply()
        await unit.commit()


def order(external_id: str, customer: str, *, days_ago: int) -> NewOrder:
    line = OrderLine(what="Чай", category="Чай", quantity=Decimal(1), price=Decimal(400))
    placed_at = NOW - timedelta(days=days_ago)
    return NewOrder(external_id=external_id, customer=customer, placed_at=placed_at, lines=(line,))


def consent(*, days_ago: int, withdrawn_at: datetime | None = None) -> Consent:
    return Consent(
        scope=ConsentScope.CALL,
        kind=ConsentKind.ADVERTISING,
        source="анкета",
        wording="2025-09",
        given_at=NOW - timedelta(days=days_ago),
        proof="заявка 7",
        withdrawn_at=withdrawn_at,
    )
