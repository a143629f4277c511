"""Whatever somebody does to the audit log or to a released list by hand, a verification finds it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from voicebot.application.verify_audit import AuditReport, ReleaseFlaw, verify_audit
from voicebot.domain.audit import GENESIS, AuditEntry, Chain, Flaw
from voicebot.domain.errors import BadInput


class Meddler:
    """Somebody with all rights on the database."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def does(self, *statements: str, values: Sequence[Any] = ()) -> None:
        self._connection.execute("alter table audit_log disable trigger user")
        for statement in statements:
            self._connection.execute(statement.encode(), values or None)
        self._connection.execute("alter table audit_log enable trigger user")

    def asks(self, query: str) -> list[Any]:
        return self._connection.execute(query.encode()).fetchall()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def meddler(database_url: str) -> Iterator[Meddler]:
    meddler = Meddler(database_url)
    yield meddler
    meddler.close()


async def ten_entries(shop: Shop) -> None:
    async with shop.open_unit() as unit:
        for number in range(1, 11):
            await unit.audit.record(at=NOON, actor="Анна", action=f"step {number}", details={"number": number})
        await unit.commit()


async def flaw(shop: Shop, *, head: str = "") -> tuple[Flaw, int]:
    report = await verify_audit(shop.open_unit, head=head, batch=3)
    assert report.broken is not None
    assert not report.intact
    return report.broken.flaw, report.broken.id


async def test_an_empty_log_and_an_untouched_one_hold(shop: Shop) -> None:
    assert await verify_audit(shop.open_unit) == AuditReport(entries=0, head=GENESIS, broken=None)
    await ten_entries(shop)
    report = await verify_audit(shop.open_unit, batch=3)
    assert (report.intact, report.entries) == (True, 10)
    assert (await verify_audit(shop.open_unit, head=report.head)).intact
    await ten_entries(shop)
    assert (await verify_audit(shop.open_unit, head=report.head.upper())).intact, "an old head stays in the chain"


async def test_a_changed_entry_is_found_whatever_was_changed(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    meddler.does("create table kept as select * from audit_log")
    for change in (
        "details = '{\"number\": 77}'",
        "actor = 'Борис'",
        "at = at + interval '1 microsecond'",
        "action = 'step  4'",
        "subject = 'campaign:1'",
        "hash = repeat('a', 64)",
    ):
        meddler.does(f"update audit_log set {change} where id = 4")
        assert await flaw(shop) == (Flaw.CONTENT, 4), change
        meddler.does(
            "delete from audit_log where id = 4",
            "insert into audit_log select * from kept where id = 4",
        )
    assert (await verify_audit(shop.open_unit)).intact


async def test_a_changed_entry_with_a_new_hash_of_its_own_breaks_the_link_to_the_next(
    shop: Shop, meddler: Meddler
) -> None:
    await ten_entries(shop)
    (before,) = meddler.asks("select prev_hash from audit_log where id = 4")[0]
    forged = Chain(count=3, head=before).append(AuditEntry(at=NOON, actor="Борис", action="step 4"))
    meddler.does("update audit_log set actor = 'Борис', details = '{}', hash = %s where id = 4", values=(forged.hash,))
    assert await flaw(shop) == (Flaw.LINK, 5)


async def test_a_deleted_entry_is_found(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    meddler.does("delete from audit_log where id = 4")
    assert await flaw(shop) == (Flaw.GAP, 5)


async def test_a_deleted_first_entry_is_found(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    meddler.does("delete from audit_log where id = 1")
    assert await flaw(shop) == (Flaw.GAP, 2)


async def test_a_deleted_entry_whose_number_was_closed_up_is_found(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    meddler.does(
        "delete from audit_log where id = 4",
        "update audit_log set id = id + 1000 where id > 4",
        "update audit_log set id = id - 1001 where id > 1000",
    )
    assert await flaw(shop) == (Flaw.LINK, 4)


async def test_an_inserted_entry_is_found(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    (before, at) = meddler.asks("select hash, at from audit_log where id = 4")[0]
    forged = Chain(count=4, head=before).append(AuditEntry(at=at, actor="Борис", action="was never done"))
    meddler.does(
        "alter table audit_log drop constraint uq_audit_log_prev_hash",
        "update audit_log set id = id + 1000 where id > 4",
        "update audit_log set id = id - 999 where id > 1000",
    )
    meddler.does(
        "insert into audit_log (id, at, actor, action, prev_hash, hash)"
        " values (5, %s, 'Борис', 'was never done', %s, %s)",
        values=(at, before, forged.hash),
    )
    assert await flaw(shop) == (Flaw.LINK, 6)


async def test_two_entries_that_changed_places_are_found(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    meddler.does(
        "update audit_log set id = 1000 where id = 4",
        "update audit_log set id = 4 where id = 5",
        "update audit_log set id = 5 where id = 1000",
    )
    assert await flaw(shop) == (Flaw.LINK, 4)


async def test_a_cut_off_end_is_found_by_the_head_that_was_kept(shop: Shop, meddler: Meddler) -> None:
    await ten_entries(shop)
    kept = (await verify_audit(shop.open_unit)).head
    meddler.does("delete from audit_log where id > 7")
    assert (await verify_audit(shop.open_unit)).intact, "the rest is a chain of its own"
    assert await flaw(shop, head=kept) == (Flaw.HEAD, 7)
    meddler.does("delete from audit_log")
    assert await flaw(shop, head=kept) == (Flaw.HEAD, 0)


async def test_an_end_written_anew_with_all_its_hashes_is_found_by_the_head_that_was_kept(
    shop: Shop, meddler: Meddler
) -> None:
    await ten_entries(shop)
    kept = (await verify_audit(shop.open_unit)).head
    meddler.does("delete from audit_log where id > 7")
    async with shop.open_unit() as unit:
        for number in range(8, 11):
            await unit.audit.record(at=NOON, actor="Борис", action=f"step {number}")
        await unit.commit()
    assert (await verify_audit(shop.open_unit)).intact
    assert await flaw(shop, head=kept) == (Flaw.HEAD, 10)


async def test_a_head_that_is_none_is_refused(shop: Shop) -> None:
    with pytest.raises(BadInput, match="--head: is no hash"):
        await verify_audit(shop.open_unit, head="abc")


async def _two_people(shop: Shop) -> None:
    await shop.campaign([await shop.customer(), await shop.customer()])
    await shop.campaign([await shop.customer()])


MEDDLING: dict[str, tuple[ReleaseFlaw, tuple[str, ...]]] = {
    "a person taken off a released list": (
        ReleaseFlaw.LIST,
        ("delete from release_leads where lead_id = 1",),
    ),
    "a person put onto a released list": (
        ReleaseFlaw.LIST,
        ("insert into release_leads values (1, 3)",),
    ),
    "one person put in another's place": (
        ReleaseFlaw.LIST,
        ("update leads set customer_id = 3 where id = 1",),
    ),
    "the list and its hash changed together": (
        ReleaseFlaw.RECORD,
        ("delete from release_leads where lead_id = 1", "update releases set hash = repeat('b', 64) where id = 1"),
    ),
    "a release nobody signed": (
        ReleaseFlaw.UNSIGNED,
        (
            "insert into releases (id, campaign_id, released_by, released_at, leads, hash)"
            " values (9, 1, 'Борис', now(), 1, repeat('c', 64))",
        ),
    ),
    "a release that was deleted": (
        ReleaseFlaw.MISSING,
        ("update leads set release_id = null where release_id = 2", "delete from releases where id = 2"),
    ),
    "a lead that carries a release it is not on": (
        ReleaseFlaw.SMUGGLED,
        ("update leads set release_id = 1 where id = 3",),
    ),
}


@pytest.mark.parametrize("what", MEDDLING)
async def test_a_changed_release_is_found(shop: Shop, meddler: Meddler, what: str) -> None:
    await _two_people(shop)
    untouched = await verify_audit(shop.open_unit)
    assert (untouched.intact, untouched.releases) == (True, 2)
    expected, statements = MEDDLING[what]
    meddler.does(*statements)
    report = await verify_audit(shop.open_unit)
    assert report.broken is None
    assert [one.flaw for one in report.broken_releases] == [expected]
    assert not report.intact


async def test_a_release_is_recorded_while_others_write(shop: Shop) -> None:
    """Units that lock rows first and the chain last wait for each other in one order only: nobody deadlocks."""
    customers = [await shop.customer() for _ in range(4)]

    async def one(number: int) -> None:
        await shop.campaign([customers[number]])

    work: list[Callable[[], Awaitable[None]]] = [lambda number=number: one(number) for number in range(4)]
    await asyncio.gather(*(each() for each in work))
    report = await verify_audit(shop.open_unit)
    assert (report.intact, report.releases) == (True, 4)
