"""The database goes away in the middle of a call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome
from tests.application.campaigns.test_live_record import Outage
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.application.claim_lead import Assignment
from voicebot.application.follow_up import SENT_ALREADY
from voicebot.application.lease_watch import LeaseWatch, heartbeat
from voicebot.application.ports.outcome_spool import SpooledOutcome
from voicebot.application.ports.telephone import PhoneCall
from voicebot.application.record_outcome import OutcomeRules, cut_short, reap_expired_leases, record_outcome
from voicebot.application.record_surely import record_spooled, record_surely
from voicebot.domain.attempt import AttemptEnding
from voicebot.domain.call import Cause
from voicebot.domain.errors import StoreError
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.testing.virtual_time import VirtualClock

PROMO = FollowUp(kind=ActionKind.PROMO, offer="first")
ACCEPTED = outcome(Disposition.ACCEPTED, PROMO, group=Group.INTERESTED)
LEASE_S = 30.0


class Seconds:
    """A clock whose sleepers wake at once, in the order of their sleep."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.after: Callable[[], Awaitable[None]] | None = None

    def now(self) -> Any:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)
        if self.after is not None:
            await self.after()


def spooled(assignment: Assignment) -> SpooledOutcome:
    ending = AttemptEnding(report=answered(turns=TURNS), outcome=ACCEPTED)
    return SpooledOutcome(call_id=assignment.call.id, owner=assignment.call.owner, ending=ending)


async def claimed(shop: Shop) -> Assignment:
    await shop.campaign([await shop.customer()])
    return await shop.claim()


async def test_an_outage_shorter_than_the_lease_is_no_matter_of_the_call(shop: Shop) -> None:
    call, outage, clock = await claimed(shop), Outage(shop), Seconds()

    async def later() -> None:
        outage.away = 10 < clock.passed < 35
        if clock.passed > 100:
            raise asyncio.CancelledError

    clock.after = later
    with pytest.raises(asyncio.CancelledError):
        await heartbeat(outage.open_unit, call, a_line(), clock)
    assert outage.refused > 10
    until = await shop.value("select lease_until from leads")
    assert until >= NOON + timedelta(seconds=clock.passed)


async def test_a_line_that_cannot_renew_its_lease_gives_up_before_it_ends(shop: Shop) -> None:
    call, outage, clock = await claimed(shop), Outage(shop), Seconds()
    outage.away = True
    assert await heartbeat(outage.open_unit, call, a_line(), clock) == (
        "the database was away for longer than the lease"
    )
    assert LEASE_S * 0.8 < clock.passed < LEASE_S


async def test_a_line_whose_attempt_was_closed_gives_up(shop: Shop, rules: OutcomeRules) -> None:
    call = await claimed(shop)
    await reap_expired_leases(shop.open_unit, rules, NOON + timedelta(minutes=1))
    why = await heartbeat(shop.open_unit, call, a_line(), VirtualClock())
    assert why == "its lease ran out, the attempt has been closed"


async def test_a_call_without_its_lease_is_hung_up_on_whenever_it_begins() -> None:
    ended: list[str] = []

    class Phone:
        async def hang_up(self) -> None:
            ended.append("hung up")

    phone = cast(PhoneCall, Phone())
    watch = LeaseWatch()
    await watch.guard(phone)
    assert not ended
    await watch.lose()
    assert ended == ["hung up"]
    await watch.guard(phone)
    assert ended == ["hung up", "hung up"]


def test_what_was_settled_before_we_hung_up_stands_and_the_rest_is_an_interruption() -> None:
    report = answered(turns=TURNS)
    assert cut_short(report, ACCEPTED) == (report, ACCEPTED)
    told, came = cut_short(report, outcome(Disposition.UNCLEAR))
    assert (told.cause, told.answered_at, told.turns) == (Cause.INTERRUPTED, report.answered_at, TURNS)
    assert came.disposition is Disposition.INTERRUPTED
    assert [action.kind for action in came.actions] == [ActionKind.REVIEW]


async def test_an_outcome_waits_for_the_database_and_lies_on_disk_meanwhile(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    call, outage, clock, spool = await claimed(shop), Outage(shop), Seconds(), FileOutcomeSpool(tmp_path)
    outage.away = True

    async def later() -> None:
        assert await spool.waiting() == (spooled(call),)
        outage.away = outage.refused < 6

    clock.after = later
    assert await record_surely(outage.open_unit, spooled(call), rules, spool=spool, clock=clock)
    assert clock.passed == 1 + 2 + 4 + 8 + 10 + 10
    assert await spool.waiting() == ()
    assert await shop.rows("select cause, disposition from calls") == [("answered", "accepted")]


async def test_the_outcome_of_a_process_that_was_killed_in_an_outage_is_recorded_by_the_next_one(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    call, outage, spool = await claimed(shop), Outage(shop), FileOutcomeSpool(tmp_path)
    await spool.keep(spooled(call))
    await spool.keep(SpooledOutcome(call_id=call.call.id, owner="of another database", ending=spooled(call).ending))
    await spool.keep(SpooledOutcome(call_id=999, owner="gone", ending=spooled(call).ending))
    outage.away = True
    with pytest.raises(StoreError):
        await record_spooled(outage.open_unit, rules, spool=spool, clock=VirtualClock())
    assert len(await spool.waiting()) == 3
    await reap_expired_leases(shop.open_unit, rules, NOON + timedelta(minutes=2))
    assert await record_spooled(shop.open_unit, rules, spool=spool, clock=VirtualClock()) == 1
    assert await spool.waiting() == ()
    assert await shop.rows("select cause, disposition from calls") == [("answered", "accepted")]
    assert await shop.value("select count(*) from promo_codes") == 1
    assert await shop.rows("select state, disposition from leads") == [("done", "accepted")]


@pytest.mark.parametrize("first", ["older", "newer"])
async def test_two_calls_that_both_promised_a_message_send_one(first: str, shop: Shop, rules: OutcomeRules) -> None:
    """The line of the older one could not tell, it was given up for dead, and the person was called again."""
    older = await claimed(shop)
    await reap_expired_leases(shop.open_unit, rules, NOON + timedelta(minutes=1))
    again = NOON + timedelta(minutes=10)
    newer = await shop.claim(now=again)
    promised = outcome(Disposition.ACCEPTED, PROMO, FollowUp(kind=ActionKind.SMS, template="promo"))
    told = {
        "older": (older, answered(NOON), again + timedelta(seconds=10)),
        "newer": (newer, answered(again), again + timedelta(seconds=45)),
    }
    for name in (first, *({"older", "newer"} - {first})):
        call, report, told_at = told[name]
        assert await record_outcome(shop.open_unit, call.call.id, report, promised, rules, told_at=told_at)
    assert await shop.value("select count(*) from promo_codes") == 1
    assert sorted(await shop.rows("select state, error from messages")) == [("blocked", SENT_ALREADY), ("queued", "")]
    assert await shop.value("select count(*) from procrastinate_jobs where task_name = 'deliver_message'") == 1


async def test_a_message_promised_again_in_a_later_call_is_sent_again(shop: Shop, rules: OutcomeRules) -> None:
    first = await claimed(shop)
    promised = outcome(Disposition.BUSY, FollowUp(kind=ActionKind.SMS, template="promo"), PROMO)
    await record_outcome(shop.open_unit, first.call.id, answered(NOON), promised, rules)
    later = NOON + timedelta(hours=1)
    second = await shop.claim(now=later)
    await record_outcome(shop.open_unit, second.call.id, answered(later), promised, rules)
    assert await shop.rows("select state from messages") == [("queued",), ("queued",)]


async def test_a_process_told_to_stop_in_an_outage_leaves_its_outcome_behind(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    call, outage, spool = await claimed(shop), Outage(shop), FileOutcomeSpool(tmp_path)
    outage.away = True
    recording = asyncio.create_task(
        record_surely(outage.open_unit, spooled(call), rules, spool=spool, clock=VirtualClock())
    )
    async with asyncio.timeout(5):
        while not await spool.waiting():  # noqa: ASYNC110  # the task of the process that is told to stop
            await asyncio.sleep(0.01)
    recording.cancel()
    await asyncio.wait({recording})
    assert recording.cancelled()
    assert await spool.waiting() == (spooled(call),)


async def test_a_process_told_to_stop_while_it_records_still_records(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    call, spool = await claimed(shop), FileOutcomeSpool(tmp_path)
    recording = asyncio.create_task(
        record_surely(shop.open_unit, spooled(call), rules, spool=spool, clock=VirtualClock())
    )
    await asyncio.sleep(0)
    recording.cancel()
    await asyncio.wait({recording})
    assert await shop.rows("select cause, disposition from calls") == [("answered", "accepted")]
    assert await spool.waiting() == ()


async def test_a_file_nobody_can_read_holds_up_nothing(tmp_path: Path, shop: Shop) -> None:
    spool = FileOutcomeSpool(tmp_path)
    (tmp_path / "1-x.json").write_text('{"version": 1, "call_id"')
    (tmp_path / "2-x.json").write_text('{"version": 99}')
    call = await claimed(shop)
    await spool.keep(spooled(call))
    assert await spool.waiting() == (spooled(call),)


async def test_a_spool_that_cannot_be_written_says_so(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot write"):
        await FileOutcomeSpool(tmp_path / "spool").keep(spooled(await claimed(shop)))
