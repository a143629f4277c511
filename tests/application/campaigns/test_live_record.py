"""What is left of a call whose process dies in the middle of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome
from voicebot.application.claim_lead import claim_lead
from voicebot.application.live_record import live_record
from voicebot.application.ports.unit_of_work import UnitOfWork
from voicebot.application.record_outcome import OutcomeRules, reap_expired_leases, record_outcome
from voicebot.domain.errors import StoreError
from voicebot.domain.outcome import Disposition
from voicebot.testing.virtual_time import VirtualClock

SOON = 5.0
"""Real seconds within which a small transaction is surely done."""


class Outage:
    """A database that can be away."""

    def __init__(self, shop: Shop) -> None:
        self.away = False
        self.refused = 0
        self._shop = shop

    def open_unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._unit()

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[UnitOfWork]:
        if self.away:
            self.refused += 1
            raise StoreError("away", retryable=True)
        async with self._shop.open_unit() as unit:
            yield unit


async def until(shop: Shop, query: str, wanted: object) -> None:
    async with asyncio.timeout(SOON):
        while await shop.value(query) != wanted:  # noqa: ASYNC110  # a task of its own writes it: there is no event
            await asyncio.sleep(0.01)


async def test_a_killed_call_keeps_its_answer_its_turns_and_its_recording(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    async with live_record(shop.open_unit, claimed.call, VirtualClock()) as live:
        live.answered(NOON + timedelta(seconds=5), recording="day/1.wav")
        live.noted((replace(TURNS[0], interrupted=True),))
        await until(shop, "select count(*) from turns", 1)
        live.noted(TURNS)
        await until(shop, "select count(*) from turns where not interrupted", len(TURNS))
    died = NOON + timedelta(minutes=2)
    assert await reap_expired_leases(shop.open_unit, rules, died) == 1
    async with shop.open_unit() as unit:
        record = await unit.call_log.show(claimed.call.id)
    assert record.turns == TURNS
    assert record.summary.answered_at == NOON + timedelta(seconds=5)
    assert (record.summary.disposition, record.recording) == (Disposition.INTERRUPTED, "day/1.wav")
    assert [entry.reason for entry in record.escalations] == [
        "Разговор оборвался из-за сбоя у нас: проверьте, что успели обещать"
    ]
    assert record.promo is None
    assert record.messages == ()
    assert await shop.rows("select state, next_attempt_at is not null from leads") == [("scheduled", True)]


async def test_a_killed_call_in_which_only_the_bot_spoke_troubles_no_manager(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    async with live_record(shop.open_unit, claimed.call, VirtualClock()) as live:
        live.noted(TURNS[:1])
        await until(shop, "select count(*) from turns", 1)
    await reap_expired_leases(shop.open_unit, rules, NOON + timedelta(minutes=2))
    assert await shop.value("select count(*) from escalations") == 0


async def test_the_outcome_completes_what_was_written_before(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    async with live_record(shop.open_unit, claimed.call, VirtualClock()) as live:
        live.noted((TURNS[1],))  # a later turn, known first: its place changes when the earlier one is known
        await until(shop, "select count(*) from turns", 1)
    assert await record_outcome(
        shop.open_unit, claimed.call.id, answered(turns=TURNS), outcome(Disposition.DECLINED), rules
    )
    async with shop.open_unit() as unit:
        assert (await unit.call_log.show(claimed.call.id)).turns == TURNS


async def test_a_stop_is_in_force_while_the_call_still_goes_on(shop: Shop) -> None:
    customer = await shop.customer()
    await shop.campaign([customer])
    claimed = await shop.claim()
    async with live_record(shop.open_unit, claimed.call, VirtualClock()) as live:
        await live.stop_heard()
        await until(shop, "select count(*) > 0 from stop_list", True)
    await shop.campaign([customer])
    assert await claim_lead(shop.open_unit, a_line("line-2"), NOON) is None


async def test_an_outage_delays_the_record_and_never_the_talk(shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    outage = Outage(shop)
    outage.away = True
    async with live_record(outage.open_unit, claimed.call, VirtualClock()) as live:
        live.answered(NOON, recording="")
        live.noted(TURNS[:1])
        async with asyncio.timeout(SOON):
            while not outage.refused:  # noqa: ASYNC110  # the writer's own task
                await asyncio.sleep(0.01)
        live.noted(TURNS)
        outage.away = False
        await until(shop, "select count(*) from turns", len(TURNS))
    assert await shop.value("select answered_at is not null from calls") is True
